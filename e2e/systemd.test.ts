import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findProgram } from "../scripts/find-program.ts";
import { ROOT, runCommand } from "../scripts/run-command.ts";
import { freePort } from "./support/free-port.ts";
import { startService } from "./support/plain-service.ts";
import { announced } from "./support/processes.ts";

// The units in deploy/: what they start is started as they say, but without systemd; systemd's own check is asked where it is.

const UNITS = ["panal-tracker.service", "panal-peer@.service"] as const;
const INSTALLED = "/opt/panal";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "panal-units-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = (unit: string) => readFile(join(ROOT, "deploy", unit), "utf8");

/** All values of a unit's setting. */
function values(unit: string, name: string): string[] {
  return Array.from(unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm")), ([, value]) => value!);
}

/** Starts what a unit starts; `%i` is `instance`, and state folders are in ours. */
function start(unit: string, { instance, env }: { instance: string; env: Record<string, string> }) {
  const filled = (text: string) =>
    text
      .replaceAll("%S", folder)
      .replaceAll("%i", instance)
      .replaceAll(INSTALLED, ROOT)
      .replace(/\$\{(\w+)\}/g, (_, name: string) => env[name] ?? "");
  const own = values(unit, "Environment").flatMap((line) => filled(line).split(" "));
  const url = `http://127.0.0.1:${env["PANAL_PORT"] ?? env["PANAL_TRACKER_PORT"]}/healthz`;
  const check = `fetch(${JSON.stringify(url)}).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`;
  return startService({
    name: instance,
    command: filled(values(unit, "ExecStart")[0]!).split(" "),
    cwd: folder,
    env: { ...Object.fromEntries(own.map((each) => each.split("=") as [string, string])), ...env },
    healthCheck: [process.execPath, "-e", check],
    stopSignal: "SIGTERM",
  });
}

it.each(UNITS)("%s gives no rights and no place to write but its state", async (name) => {
  const unit = await read(name);
  for (const setting of [
    "DynamicUser=yes",
    "ProtectSystem=strict",
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
  ])
    expect(unit.split("\n")).toContain(setting);
  const written = values(
    unit,
    "(?:StateDirectory|ReadWritePaths|CacheDirectory|LogsDirectory|RuntimeDirectory)",
  );
  expect(written).toHaveLength(1);
  expect(unit).toContain(`%S/${written[0]}`);
});

it("systemd finds nothing wrong with them", async () => {
  const paths = UNITS.map((name) => join(folder, name.replace("@.", "@music.")));
  for (const [index, name] of UNITS.entries())
    await writeFile(paths[index]!, (await read(name)).replaceAll(INSTALLED, ROOT));
  if (findProgram({ names: ["systemd-analyze"], variable: "PANAL_SYSTEMD_ANALYZE" }) === undefined) return;
  expect(await runCommand(["systemd-analyze", "verify", "--man=no", ...paths])).toEqual({
    exitCode: 0,
    output: "",
  });
});

it("what they start becomes healthy, works together and ends with 0", async () => {
  const share = join(folder, "music");
  await mkdir(share);
  await writeFile(join(share, "nocturne.txt"), "by night");
  const [trackerPort, port] = [String(await freePort()), String(await freePort())];
  const trackerUrl = `http://127.0.0.1:${trackerPort}`;
  const tracker = start(await read("panal-tracker.service"), {
    instance: "tracker",
    env: { PANAL_TRACKER_PORT: trackerPort, PANAL_TRACKER_HOST: "127.0.0.1" },
  });
  await tracker.becomesHealthy();
  const env = { PANAL_SHARE: share, PANAL_PORT: port, PANAL_TRACKER: trackerUrl, HOME: folder };
  const peer = start(await read("panal-peer@.service"), { instance: "music", env });
  await peer.becomesHealthy();
  await announced(trackerUrl, "nocturne", 1);
  expect((await (await fetch(`${trackerUrl}/api/v1/peers`)).text()).includes('"name":"music"')).toBe(true);
  expect([await peer.stop(), await tracker.stop()]).toEqual([0, 0]);
});
