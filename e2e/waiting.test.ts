import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { freePort } from "./support/free-port.ts";
import { type Stage, type Started, announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";
import { type SlowWay, openSlowWay } from "./support/slow-way.ts";

const MIB = 1024 * 1024;
const LENGTH = 24 * MIB;

let stage: Stage;
let way: SlowWay;
let tracker: Started;
let digest: string;
let target: string;
let startPeer: () => Promise<Started>;

beforeEach(async () => {
  stage = await createStage();
  target = join(stage.folder, "saved.bin");
  const share = join(stage.folder, "share");
  await mkdir(share);
  digest = await writeSampleFile(join(share, "smoker.bin"), LENGTH, 41);
  tracker = await stage.startTracker();
  const port = String(await freePort());
  way = await openSlowWay(LENGTH / 2);
  way.leadTo(`http://127.0.0.1:${port}`);
  const args = ["--port", port, "--advertise", way.url, "--state", join(stage.folder, "state")];
  startPeer = () => stage.startPeer({ share, trackerUrl: tracker.url, name: "Keeper", args });
}, 30_000);
afterEach(async () => {
  await stage.close();
  await way.close();
});

/** A download of the file by its name, to the moment at which some of it has come. */
async function startDownload() {
  await announced(tracker.url, "smoker", 1);
  const child = stage.spawnCli(["download", "smoker", "--tracker", tracker.url, "-o", target]);
  let stderr = "";
  child.stderr?.on("data", (chunk) => (stderr += String(chunk)));
  const closed = once(child, "close");
  const before = way.bytes;
  await until("some of the file has come", () => (way.bytes > before + 2 * MIB ? true : undefined));
  const says = (words: string) =>
    until(`it says: ${words}`, () => {
      if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${stderr}`);
      return stderr.includes(words) ? true : undefined;
    });
  return { closed, says, stderr: () => stderr };
}

it(
  "with all sources gone a download waits, says so, and goes on by itself when one is back",
  { timeout: 60_000 },
  async () => {
    const peer = await startPeer();
    const { closed, says, stderr } = await startDownload();
    await peer.stop("SIGKILL");
    await says("No peer is left that has it. Waiting; it goes on by itself when one comes.");
    await startPeer();
    expect(await closed).toEqual([0, null]);
    expect(stderr()).toContain("A peer is back.");
    expect(await sha256Of(target)).toBe(digest);
  },
);

it("a peer that says goodbye is waited for as well", { timeout: 60_000 }, async () => {
  const peer = await startPeer();
  const { closed, says } = await startDownload();
  await peer.stop("SIGTERM");
  await says("No peer is left that has it. Waiting");
  await startPeer();
  expect(await closed).toEqual([0, null]);
  expect(await sha256Of(target)).toBe(digest);
});

it("with the tracker gone a download goes on with the peers it knows", { timeout: 60_000 }, async () => {
  await startPeer();
  const { closed, stderr } = await startDownload();
  await tracker.stop("SIGKILL");
  expect(await closed).toEqual([0, null]);
  expect(stderr()).toContain("every piece verified");
  expect(await sha256Of(target)).toBe(digest);
});
