import { readFile } from "node:fs/promises";
import { BlockList } from "node:net";
import { describe, expect, test } from "vitest";
import { type TrackerOptions, parseConfig } from "./config.ts";
import {
  SETTINGS,
  environmentName,
  helpLine,
  nameVariable,
  readSettings,
  settingsTable,
} from "./settings.ts";

const noFlags = () => undefined;

describe("readSettings()", () => {
  test("takes flags before the environment, and nothing from an empty variable", () => {
    const env = {
      PANAL_TRACKER_PORT: "1",
      PANAL_TRACKER_HOST: "",
      PANAL_TRACKER_DATA: "/data",
      PANAL_TRACKER_ALLOW_HOST: "a.lan, b.lan",
      PANAL_TRACKER_TRUSTED_PROXY: "10.0.0.1",
    };
    const flags: Record<string, string | string[]> = { port: "2", "trusted-proxy": ["10.0.0.2", "10.0.0.3"] };
    expect(readSettings((flag) => flags[flag], env)).toEqual({
      port: 2,
      dataDir: "/data",
      allowHosts: ["a.lan", "b.lan"],
      trustedProxies: ["10.0.0.2", "10.0.0.3"],
    });
  });

  test("names what isn't a number as the operator called it", () => {
    expect(() => readSettings(noFlags, { PANAL_TRACKER_PORT: "x" })).toThrow(/^PANAL_TRACKER_PORT: .*"x"/);
    expect(() => readSettings((flag) => (flag === "port" ? "x" : undefined), {})).toThrow(/^--port: .*"x"/);
  });

  test("every setting reaches the configuration", () => {
    const values: Record<string, string> = {
      role: "gateway",
      port: "8080",
      host: "127.0.0.1",
      data: "/data",
      store: "postgres://panal@db.example/panal",
      "public-url": "https://panal.example",
      "via-port": "7080",
      "via-url": "https://via.panal.example",
      "relay-port": "7081",
      "relay-url": "https://relay.panal.example",
      "via-speed": "10",
      "allow-host": "panal.lan",
      "allow-origin": "https://friend.example",
      "trusted-proxy": "10.0.0.1",
      "dial-range": "10.0.0.0/8",
      "metrics-from": "10.0.0.2",
      limits: "3",
      "max-files-per-peer": "9",
      "heartbeat-seconds": "3",
      "log-level": "debug",
      "log-format": "text",
    };
    expect(Object.keys(values)).toEqual(SETTINGS.map(({ flag }) => flag));
    const untouched = shown({});
    for (const setting of SETTINGS) {
      const options = readSettings(noFlags, { [environmentName(setting)]: values[setting.flag] });
      expect(shown(options), setting.flag).not.toEqual(untouched);
    }
  });
});

/** What can be compared of the configuration these make, a line of its log included. */
function shown(options: TrackerOptions): string {
  const lines: string[] = [];
  const config = parseConfig({
    logFormat: "json",
    ...options,
    now: () => 0,
    log: (line) => lines.push(line),
  });
  config.log.debug("quiet");
  config.log.error("loud");
  return JSON.stringify({ ...config, log: lines }, (_, value: unknown) =>
    value instanceof Set ? [...(value as Set<string>)] : value instanceof BlockList ? value.rules : value,
  );
}

test("nameVariable() calls a setting as the operator did", () => {
  const env = { PANAL_TRACKER_TRUSTED_PROXY: "caddy" };
  const message = '--trusted-proxy: expected an IP address, got "caddy"';
  expect(nameVariable(message, noFlags, env)).toBe(
    'PANAL_TRACKER_TRUSTED_PROXY: expected an IP address, got "caddy"',
  );
  expect(nameVariable(message, () => "caddy", env)).toBe(message);
  expect(nameVariable(message, noFlags, {})).toBe(message);
  expect(nameVariable("port 7070 is taken", noFlags, env)).toBe("port 7070 is taken");
});

test("each line of --help says default and variable", () => {
  expect(SETTINGS.map(helpLine)).toContain(
    "proxy whose X-Forwarded-For counts (default: none; repeatable) [PANAL_TRACKER_TRUSTED_PROXY]",
  );
});

test("docs/operating.md holds the table as it is; `npm run generate` writes it", async () => {
  const text = await readFile(new URL("../../docs/operating.md", import.meta.url), "utf8");
  expect(text).toContain(`\n${settingsTable()}\n`);
});
