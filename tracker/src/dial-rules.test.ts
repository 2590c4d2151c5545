import { BlockList } from "node:net";
import { describe, expect, test } from "vitest";
import { parseAddress } from "./addresses.ts";
import { createDialRules } from "./dial-rules.ts";

const REMOTE = { address: "203.0.113.1", isLocal: false };
const LOCAL = { address: "127.0.0.1", isLocal: true };

const everything = new BlockList();
everything.addSubnet("0.0.0.0", 0, "ipv4");
everything.addSubnet("::", 0, "ipv6");

describe("refusal()", () => {
  test.each([
    "127.0.0.1",
    "127.255.255.254",
    "::1",
    "::ffff:127.0.0.1",
    "0.0.0.0",
    "0.1.2.3",
    "::",
    "169.254.169.254",
    "169.254.0.1",
    "::ffff:169.254.169.254",
    "::169.254.169.254",
    "::ffff:0:169.254.169.254",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "fd00:ec2::254",
    "fd20:ce::254",
    "224.0.0.1",
    "239.255.255.255",
    "255.255.255.255",
    "240.0.0.1",
    "ff02::1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::a9fe:a9fe",
    "2002:7f00:1::1",
    "2001:0:4136:e378::1",
  ])("keeps %s from a remote registrant, also when it says it is there, and in every range", (text) => {
    const address = parseAddress(text)!;
    const rules = createDialRules({ ranges: everything });
    expect(rules.refusal(address, REMOTE)).toContain(address);
    expect(rules.refusal(address, { address, isLocal: false })).toContain(address);
  });

  test.each(["8.8.8.8", "10.0.0.1", "192.168.1.1", "203.0.113.2", "2001:db8::1", "fd00::1"])(
    "keeps %s from who isn't there",
    (address) => {
      expect(createDialRules().refusal(address, REMOTE)).toContain("--dial-range");
      expect(createDialRules().refusal(address, { address: "", isLocal: false })).toContain("--dial-range");
      expect(createDialRules().refusal(address, { address, isLocal: false })).toBeUndefined();
      expect(createDialRules({ ranges: everything }).refusal(address, REMOTE)).toBeUndefined();
    },
  );

  test("has what the operator allowed, and no more", () => {
    const ranges = new BlockList();
    ranges.addSubnet("10.1.0.0", 16, "ipv4");
    const rules = createDialRules({ ranges });
    expect(rules.refusal("10.1.255.255", REMOTE)).toBeUndefined();
    expect(rules.refusal("10.2.0.0", REMOTE)).toBeDefined();
    expect(rules.refusal("fd00::1", REMOTE)).toBeDefined();
  });

  test("lets this machine name itself and others, but not what stands for something else", () => {
    const rules = createDialRules();
    for (const address of ["127.0.0.1", "::1", "192.168.1.9"])
      expect(rules.refusal(address, LOCAL)).toBeUndefined();
    for (const address of ["169.254.169.254", "0.0.0.0", "ff02::1", "64:ff9b::7f00:1"])
      expect(rules.refusal(address, LOCAL)).toBeDefined();
  });
});
