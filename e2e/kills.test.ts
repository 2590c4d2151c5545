import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { access, copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DownloadResult } from "@panal/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "./support/free-port.ts";
import { journaledPieces } from "./support/journal.ts";
import { type Stage, type Started, announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";
import { seededRandom } from "./support/seeded.ts";
import { type SlowWay, openSlowWay } from "./support/slow-way.ts";

const MIB = 1024 * 1024;
const LENGTH = 24 * MIB;
/** Slow enough for a kill to hit the middle: a download takes half a second. */
const BYTES_PER_SECOND = 24 * MIB;
/** More, and others: PANAL_KILL_ROUNDS=1000 PANAL_KILL_SEED=7 npx vitest run e2e/kills.test.ts */
const ROUNDS = Number(process.env["PANAL_KILL_ROUNDS"] ?? 30);
const SEED = Number(process.env["PANAL_KILL_SEED"] ?? 1);

type Victim = "client" | "peer" | "peers" | "tracker";
const VICTIMS: readonly Victim[] = [
  ...Array.from({ length: 6 }, () => "client" as const),
  ...(["peer", "peer", "peers", "tracker"] as const),
];

let stage: Stage;
let ways: SlowWay[];
let digest: string;
let fileId: string;
let folder: string;
let tracker: { process: Started; start(): Promise<Started> };
let peers: { process: Started; start(): Promise<Started> }[];

/** Something that can be killed and started again where it was. */
async function restartable(start: () => Promise<Started>) {
  return { process: await start(), start };
}

beforeAll(async () => {
  stage = await createStage();
  folder = join(stage.folder, "saved");
  await mkdir(folder);
  const trackerPort = String(await freePort());
  tracker = await restartable(() => stage.startTracker({ args: ["--port", trackerPort] }));
  ways = await Promise.all([openSlowWay(BYTES_PER_SECOND), openSlowWay(BYTES_PER_SECOND)]);
  const shares = ["one", "two"].map((name) => join(stage.folder, name));
  for (const share of shares) await mkdir(share);
  digest = await writeSampleFile(join(shares[0]!, "royal jelly.bin"), LENGTH, 21);
  await copyFile(join(shares[0]!, "royal jelly.bin"), join(shares[1]!, "royal jelly.bin"));
  peers = [];
  for (const [index, share] of shares.entries()) {
    const port = String(await freePort());
    ways[index]!.leadTo(`http://127.0.0.1:${port}`);
    const state = join(stage.folder, `state of ${index}`);
    const args = ["--port", port, "--advertise", ways[index]!.url, "--state", state];
    const trackerUrl = `http://127.0.0.1:${trackerPort}`;
    peers.push(await restartable(() => stage.startPeer({ share, trackerUrl, name: `Peer ${index}`, args })));
  }
  fileId = await announced(tracker.process.url, "royal jelly", 2);
}, 60_000);
afterAll(async () => {
  await stage.close();
  await Promise.all(ways.map((way) => way.close()));
});

interface Client {
  readonly child: ChildProcess;
  readonly closed: Promise<unknown[]>;
  output(): { stdout: string; stderr: string };
  /** Bytes that have come since it was started. */
  receivedBytes(): number;
}

function startClient(target: string): Client {
  const sum = () => ways.reduce((total, { bytes }) => total + bytes, 0);
  const before = sum();
  const child = stage.spawnCli([
    "download",
    fileId,
    "--tracker",
    tracker.process.url,
    "-o",
    target,
    "--json",
  ]);
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk) => (stdout += String(chunk)));
  child.stderr?.on("data", (chunk) => (stderr += String(chunk)));
  return {
    child,
    closed: once(child, "close"),
    output: () => ({ stdout, stderr }),
    receivedBytes: () => sum() - before,
  };
}

/** Until it has ended, or so many bytes have come. */
async function untilReceived(client: Client, bytes: number): Promise<void> {
  await until(`${bytes} bytes have come`, () =>
    client.child.exitCode !== null || client.receivedBytes() >= bytes ? true : undefined,
  );
}

async function kill(victims: { process: Started; start(): Promise<Started> }[]): Promise<void> {
  await Promise.all(victims.map((victim) => victim.process.stop("SIGKILL")));
  for (const victim of victims) victim.process = await victim.start();
}

/** Never a finished file that isn't whole. */
async function isFinished(target: string): Promise<boolean> {
  const isThere = await access(target).then(
    () => true,
    () => false,
  );
  if (isThere) expect(await sha256Of(target)).toBe(digest);
  return isThere;
}

it(
  `whoever is killed, the file comes whole, and nothing twice (${ROUNDS} rounds, seed ${SEED})`,
  { timeout: 30_000 + ROUNDS * 10_000 },
  async () => {
    const random = seededRandom(SEED);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
    const target = join(folder, "royal jelly.bin");
    const hits: Record<Victim, number> = { client: 0, peer: 0, peers: 0, tracker: 0 };
    let journaled = 0;
    let resumed = 0;

    for (let round = 0; round < ROUNDS; round++) {
      const victim = pick(VICTIMS);
      const point = random();
      const peer = pick(peers);
      const what = `round ${round}: ${victim} at ${point.toFixed(2)}`;
      const client = startClient(target);
      // The client also before and after anything comes; the others while it does.
      await untilReceived(client, victim === "client" ? point * LENGTH * 0.7 : 1 + point * LENGTH * 0.3);
      if (client.child.exitCode === null) hits[victim]++;
      if (victim === "client") {
        client.child.kill("SIGKILL");
        await client.closed;
        if (!(await isFinished(target))) {
          const before = journaled;
          journaled = await journaledPieces(`${target}.part.journal`);
          expect(journaled, what).toBeGreaterThanOrEqual(before);
          continue;
        }
      } else {
        await kill(victim === "tracker" ? [tracker] : victim === "peers" ? peers : [peer]);
      }

      const [code] = await client.closed;
      const { stdout, stderr } = client.output();
      expect(await isFinished(target), what).toBe(true);
      if (victim !== "client") {
        expect({ code, stderr }, what).toEqual({ code: 0, stderr: "" });
        const result = JSON.parse(stdout) as DownloadResult;
        const fetched = result.sources.reduce((sum, { verifiedBytes }) => sum + verifiedBytes, 0);
        expect(result.resumedBytes, what).toBe(journaled * MIB);
        resumed += result.resumedBytes;
        expect(result.resumedBytes + fetched, what).toBe(LENGTH);
        expect(await readdir(folder), what).toEqual(["royal jelly.bin"]);
      }
      await rm(folder, { recursive: true });
      await mkdir(folder);
      journaled = 0;
    }
    console.log("killed at work:", hits);
    expect(resumed).toBeGreaterThan(0);
    for (const [victim, count] of Object.entries(hits)) expect(count, victim).toBeGreaterThan(0);
  },
);
