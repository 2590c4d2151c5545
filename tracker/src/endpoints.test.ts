import { describe, expect, test } from "vitest";
import { parseAddress } from "./addresses.ts";
import { type Caller, callerOf } from "./caller.ts";
import { createDialRules } from "./dial-rules.ts";
import { directEndpoints, hostAndPortOf, parseAnnouncement } from "./endpoints.ts";

const local = { address: "127.0.0.1", isLocal: true, isSeen: true };
const dialRules = createDialRules();
const parse = (request: Parameters<typeof parseAnnouncement>[0], caller: Caller) =>
  parseAnnouncement(request, { caller, dialRules });
const remote = { address: "203.0.113.1", isLocal: false, isSeen: true };

test.each([
  ["1.2.3.4", "1.2.3.4"],
  ["::ffff:1.2.3.4", "1.2.3.4"],
  ["::FFFF:0102:0304", "1.2.3.4"],
  ["[::1]", "::1"],
  ["fe80::1%eth0", "fe80::1"],
  ["2001:DB8:0:0::1", "2001:db8::1"],
  ["localhost", undefined],
  ["1.2.3", undefined],
  ["1.2.3.4:80", undefined],
  ["", undefined],
])("parseAddress(%j) is %j", (text, address) => {
  expect(parseAddress(text)).toBe(address);
});

describe("parseAnnouncement()", () => {
  test.each([
    ["http://Host.Example:80/", "http://host.example"],
    ["http://[::FFFF:10.0.0.1]:7071", "http://10.0.0.1:7071"],
    ["https://h.example/base/path///", "https://h.example/base/path"],
    ["http://[2001:db8:0::1]:7071/", "http://[2001:db8::1]:7071"],
  ])("brings %s to one spelling", (url, expected) => {
    expect(parse({ urls: [url, url] }, remote).urls).toEqual([expected]);
  });

  test.each([
    "http://user@host:1",
    "http://:pw@host:1",
    "http://host:1/?a",
    "http://host:1/#a",
    "http://0.0.0.0:1",
    "http://[::]:1",
    "http://0:1",
    "http://host:0",
    "ftp://host",
    "javascript:alert(1)",
    "http://host:99999",
    "not a url",
  ])("refuses %s, naming it", (url) => {
    expect(() => parse({ urls: ["http://ok:1", url] }, local)).toThrow(/urls\[1\]/);
  });

  test.each([
    {
      from: "the tracker's machine",
      caller: local,
      dialable: ["http://127.0.0.1:1", "http://10.0.0.7:1", "http://203.0.113.1:1", "http://peer.example"],
    },
    { from: "elsewhere", caller: remote, dialable: ["http://203.0.113.1:1"] },
    { from: "behind some proxy", caller: { ...remote, isSeen: false }, dialable: [] },
  ])("lets the tracker call whom it sees: from $from, $dialable", ({ caller, dialable }) => {
    const urls = [
      "http://127.0.0.1:1",
      "http://10.0.0.7:1",
      "http://[::ffff:203.0.113.1]:1",
      "http://peer.example",
    ];
    expect(parse({ urls }, caller).dialableUrls).toEqual(dialable);
  });

  test("takes the address of whoever calls with a port", () => {
    expect(parse({ port: 7071 }, { address: "fd00::9", isLocal: false, isSeen: true }).urls).toEqual([
      "http://[fd00::9]:7071",
    ]);
    expect(parse({ port: 7071 }, local)).toMatchObject({
      urls: ["http://127.0.0.1:7071"],
      isLocalOnly: true,
    });
  });

  test.each([
    "http://127.0.0.1:1",
    "http://127.9.9.9:1",
    "http://[::1]:1",
    "http://localhost:1",
    "http://a.localhost:1",
    "http://0x7f000001:1",
    "http://[::ffff:127.0.0.1]:1",
  ])("takes %s from this machine only", (url) => {
    expect(parse({ urls: [url] }, local).isLocalOnly).toBe(true);
    expect(() => parse({ urls: [url] }, remote)).toThrow(/can't be reached/);
    const both = parse({ urls: [url, "http://10.0.0.1:1"] }, remote);
    expect(both).toMatchObject({ urls: ["http://10.0.0.1:1"], isLocalOnly: false });
    expect(directEndpoints({ urls: [url], findings: [], checkedAt: 0 }, remote)).toEqual([]);
  });
});

test.each([
  ["http://10.0.0.1:7071", { host: "10.0.0.1", port: 7071 }],
  ["http://h.example", { host: "h.example", port: 80 }],
  ["https://[fd00::1]/x", { host: "fd00::1", port: 443 }],
])("hostAndPortOf(%s)", (url, expected) => {
  expect(hostAndPortOf(url)).toEqual(expected);
});

describe("callerOf()", () => {
  const rules = {
    trustedProxies: new Set(["10.0.0.2", "10.0.0.3"]),
    ownAddresses: () => new Set(["192.168.1.5"]),
  };
  test.each<
    [
      remoteAddress: string,
      headers: Record<string, string>,
      address: string,
      isLocal: boolean,
      isSeen: boolean,
    ]
  >([
    ["::ffff:127.0.0.1", {}, "127.0.0.1", true, true],
    ["192.168.1.5", {}, "192.168.1.5", true, true],
    ["192.168.1.6", {}, "192.168.1.6", false, true],
    ["127.0.0.1", { "x-forwarded-for": "127.0.0.1" }, "127.0.0.1", false, false],
    ["127.0.0.1", { forwarded: "for=127.0.0.1" }, "127.0.0.1", false, false],
    ["127.0.0.1", { "x-real-ip": "127.0.0.1" }, "127.0.0.1", false, false],
    ["10.0.0.2", { "x-forwarded-for": "127.0.0.1, 8.8.8.8" }, "8.8.8.8", false, true],
    ["10.0.0.2", { "x-forwarded-for": "8.8.8.8, 10.0.0.3" }, "8.8.8.8", false, true],
    ["10.0.0.2", { "x-forwarded-for": "127.0.0.1" }, "127.0.0.1", true, true],
    ["10.0.0.2", { "x-forwarded-for": "unknown" }, "10.0.0.2", false, false],
    ["10.0.0.2", { "x-forwarded-for": "1.2.3.4, garbage" }, "10.0.0.2", false, false],
    ["10.0.0.2", { "x-forwarded-for": "" }, "10.0.0.2", false, false],
    ["garbage", {}, "0.0.0.0", false, true],
  ])("over %s with %j is %s, local: %s, seen: %s", (remoteAddress, headers, address, isLocal, isSeen) => {
    expect(callerOf({ remoteAddress, header: (name) => headers[name] }, rules)).toEqual({
      address,
      isLocal,
      isSeen,
    });
  });
});
