import { describe, expect, test } from "vitest";
import { type TrackerOptions, parseConfig } from "./config.ts";
import { createWebOrigins } from "./web-origins.ts";

describe("parseConfig()", () => {
  test.each<[TrackerOptions, named: RegExp]>([
    [{ port: -1 }, /--port/],
    [{ port: 65_536 }, /--port/],
    [{ port: 1.5 }, /--port/],
    [{ heartbeatSeconds: 0 }, /--heartbeat-seconds/],
    [{ heartbeatSeconds: Number.NaN }, /--heartbeat-seconds/],
    [{ publicUrl: "panal.example" }, /--public-url/],
    [{ publicUrl: "https://panal.example/path" }, /--public-url/],
    [{ publicUrl: "https://user@panal.example" }, /--public-url/],
    [{ allowOrigins: ["*"] }, /--allow-origin/],
    [{ allowOrigins: ["null"] }, /--allow-origin/],
    [{ allowHosts: ["panal.lan:80"] }, /--allow-host/],
    [{ allowHosts: ["*"] }, /--allow-host/],
    [{ trustedProxies: ["proxy.lan"] }, /--trusted-proxy/],
    [{ metricsFrom: ["*"] }, /--metrics-from/],
    [{ relayUrl: "https://relay.example", viaPort: "off" }, /--relay-url: there is no relay here/],
    [{ logLevel: "loud" }, /--log-level/],
    [{ logFormat: "xml" }, /--log-format/],
  ])("refuses %j, naming the setting", (options, named) => {
    expect(() => parseConfig(options)).toThrow(named);
  });

  test("brings what is meant the same to the same", () => {
    const config = parseConfig({
      host: "[::0]",
      publicUrl: "HTTPS://Panal.Example/",
      allowHosts: ["Panal.LAN"],
      trustedProxies: ["::ffff:10.0.0.1"],
    });
    expect(config.host).toBe("::");
    expect(config.publicUrl).toBe("https://panal.example");
    expect([...config.allowHosts, ...config.trustedProxies]).toEqual(["panal.lan", "10.0.0.1"]);
  });
});

describe("webOrigins.list()", () => {
  const interfaceAddresses = () => ["127.0.0.1", "192.168.1.5", "fd00::5"];
  const list = (options: TrackerOptions) =>
    createWebOrigins(parseConfig({ interfaceAddresses, ...options }), 80).list();
  const LOOPBACK = ["http://localhost", "http://127.0.0.1", "http://[::1]"];
  test.each<[TrackerOptions, string[]]>([
    [{}, [...LOOPBACK, "http://192.168.1.5", "http://[fd00::5]"]],
    [{ host: "0.0.0.0" }, [...LOOPBACK, "http://192.168.1.5", "http://[fd00::5]"]],
    [{ host: "127.0.0.1" }, LOOPBACK],
    [{ host: "localhost" }, LOOPBACK],
    [{ host: "192.168.1.5" }, ["http://localhost", "http://192.168.1.5"]],
    [
      { host: "::1", allowHosts: ["panal.lan"], publicUrl: "https://p.example" },
      ["https://p.example", ...LOOPBACK, "http://panal.lan"],
    ],
  ])("with %j", (options, expected) => {
    expect(list(options)).toEqual(expected);
  });
});
