import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT, runCommand } from "../scripts/run-command.ts";
import { type Stage, announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";

// A machine of its own, as far as the network goes, that reaches the tracker and that nobody reaches: it listens at its own loopback only. Where
// the system doesn't let us make one (without root, in many containers), the peer says that it is where nobody is.

const LENGTH = 12 * 1024 * 1024 + 5;
const name = `panal-${process.pid}`;
/** Addresses for documentation, which nobody has. */
const [OURS, THEIRS] = ["198.51.100.1", "198.51.100.2"];

let stage: Stage;
let isApart: boolean;

async function ip(...args: string[]): Promise<boolean> {
  return (await runCommand(["ip", ...args])).exitCode === 0;
}

beforeAll(async () => {
  stage = await createStage();
  const link = `pn${process.pid}`;
  isApart =
    (await ip("netns", "add", name)) &&
    (await ip("link", "add", link, "type", "veth", "peer", "name", "up0", "netns", name)) &&
    (await ip("addr", "add", `${OURS}/30`, "dev", link)) &&
    (await ip("link", "set", link, "up")) &&
    (await ip("-n", name, "addr", "add", `${THEIRS}/30`, "dev", "up0")) &&
    (await ip("-n", name, "link", "set", "up0", "up")) &&
    (await ip("-n", name, "link", "set", "lo", "up"));
});
afterAll(async () => {
  await stage.close();
  // With its end of the link, the link goes.
  await ip("netns", "delete", name);
});

it("a peer in a network that leads out only shares through the relay", { timeout: 120_000 }, async () => {
  const share = join(stage.folder, "share");
  await mkdir(share);
  const digest = await writeSampleFile(join(share, "propolis.bin"), LENGTH, 6);
  const tracker = await stage.startTracker({ args: ["--host=0.0.0.0", "--heartbeat-seconds=0.5"] });
  const { port } = new URL(tracker.url);
  const [trackerUrl, nowhere] = isApart
    ? [`http://${OURS}:${port}`, `http://${THEIRS}:7071`]
    : [tracker.url, "http://127.0.0.1:1"];
  const command = [
    process.execPath,
    join(ROOT, "peer-node/bin/peer-node.mjs"),
    "share",
    `--tracker=${trackerUrl}`,
    "--host=127.0.0.1",
    "--port=0",
    "--name=Apart",
    `--state=${join(stage.folder, "state")}`,
    `--advertise=${nowhere}`,
    share,
  ];
  const [program = "", ...args] = isApart ? ["ip", "netns", "exec", name, ...command] : command;
  const peer = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const gone = once(peer, "exit");
  let output = "";
  peer.stdout.on("data", (chunk) => (output += String(chunk)));
  try {
    await until("it is at the relay", () => /clients reach it through the relay/.test(output) || undefined);
    await announced(tracker.url, "propolis", 1);
    const saved = await stage.runCli(["download", "propolis", "--tracker", tracker.url, "-o", stage.folder]);
    expect(saved).toMatchObject({ code: 0 });
    expect(await sha256Of(join(stage.folder, "propolis.bin"))).toBe(digest);
  } finally {
    peer.kill("SIGKILL");
    await gone;
  }
});
