import type { NetworkInterfaceInfo } from "node:os";
import { expect, it } from "vitest";
import { peerUrls } from "./peer-addresses.ts";

const info = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  netmask: "",
  mac: "",
  cidr: null,
  internal,
  ...(address.includes(":") ? { family: "IPv6", scopeid: 0 } : { family: "IPv4" }),
});
const interfaces = {
  lo: [info("127.0.0.1", true), info("::1", true)],
  eth0: [info("192.168.1.5"), info("fd00::5"), info("fe80::1")],
  docker0: [info("172.17.0.1")],
  wlan0: [info("169.254.7.7")],
};
const base = { port: 7071, scheme: "http" as const, advertise: [], interfaces };

it.each([
  {
    what: "all interfaces",
    boundAddress: "::",
    urls: ["http://127.0.0.1:7071", "http://192.168.1.5:7071", "http://[fd00::5]:7071"],
  },
  {
    what: "those of IPv4 only",
    boundAddress: "0.0.0.0",
    urls: ["http://127.0.0.1:7071", "http://192.168.1.5:7071"],
  },
  { what: "loopback", boundAddress: "127.0.0.1", urls: ["http://127.0.0.1:7071"] },
  { what: "one address", boundAddress: "fd00::5", urls: ["http://[fd00::5]:7071"] },
])("peerUrls() gives $what when bound to $boundAddress", ({ boundAddress, urls }) => {
  expect(peerUrls({ ...base, boundAddress })).toEqual(urls);
});

it("peerUrls() gives only what is advertised", () => {
  const advertise = ["https://peer.example", "http://10.1.1.1:80"];
  expect(peerUrls({ ...base, boundAddress: "::", advertise })).toEqual(advertise);
});

it("peerUrls() takes virtual networks when there are no others", () => {
  const only = { lo: interfaces.lo, docker0: interfaces.docker0 };
  expect(peerUrls({ ...base, boundAddress: "::", interfaces: only })).toEqual([
    "http://127.0.0.1:7071",
    "http://172.17.0.1:7071",
  ]);
});

it("peerUrls() announces no more than a tracker takes", () => {
  const many = { eth0: Array.from({ length: 40 }, (_, index) => info(`10.0.0.${index + 1}`)) };
  expect(peerUrls({ ...base, boundAddress: "::", interfaces: many })).toHaveLength(16);
});
