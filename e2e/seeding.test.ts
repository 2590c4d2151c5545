import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { type DownloadResult, PieceSet } from "@panal/sdk";
import { createNodePeerClient } from "@panal/sdk/node";
import { afterEach, beforeEach, expect, it } from "vitest";
import { freePort } from "./support/free-port.ts";
import { journaledPieces } from "./support/journal.ts";
import { listedPeers } from "./support/listed-peers.ts";
import { type Stage, type Started, announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";
import { type SlowWay, openSlowWay } from "./support/slow-way.ts";

const MIB = 1024 * 1024;
const PIECES = 32;
const NAME = "drone song.bin";

let stage: Stage;
let way: SlowWay;
let tracker: Started;
let digest: string;
let fileId: string;
let full: Started;
let startFull: () => Promise<Started>;

beforeEach(async () => {
  stage = await createStage();
  const share = join(stage.folder, "share");
  await mkdir(share);
  digest = await writeSampleFile(join(share, NAME), PIECES * MIB, 51);
  tracker = await stage.startTracker();
  const port = String(await freePort());
  way = await openSlowWay((PIECES / 4) * MIB);
  way.leadTo(`http://127.0.0.1:${port}`);
  const args = ["--port", port, "--advertise", way.url, "--state", join(stage.folder, "state of full")];
  startFull = () => stage.startPeer({ share, trackerUrl: tracker.url, name: "Full", args });
  full = await startFull();
  fileId = await announced(tracker.url, "drone song", 1);
}, 60_000);
afterEach(async () => {
  for (const { child } of downloads.splice(0)) child.kill("SIGKILL");
  await stage.close();
  await way.close();
});

interface Running {
  readonly child: ChildProcess;
  /** Exit code and signal. */
  readonly closed: Promise<unknown[]>;
  readonly target: string;
  stdout(): string;
  stderr(): string;
  /** Settles when it has said so; gives what it said. */
  says(words: RegExp): Promise<RegExpExecArray>;
  pieces(): Promise<number>;
}
const downloads: Running[] = [];

/** `peer-node download` of the file into a folder of its own. */
async function startDownload(who: string, args: string[]): Promise<Running> {
  const folder = join(stage.folder, who);
  await mkdir(folder, { recursive: true });
  const target = join(folder, NAME);
  const child = stage.spawnCli(["download", fileId, "-o", target, ...args]);
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk) => (stdout += String(chunk)));
  child.stderr?.on("data", (chunk) => (stderr += String(chunk)));
  const running: Running = {
    child,
    closed: once(child, "close"),
    target,
    stdout: () => stdout,
    stderr: () => stderr,
    says: (words) =>
      until(`${who} says ${String(words)}`, () => {
        if (child.exitCode !== null) throw new Error(`${who} ended with ${child.exitCode}: ${stderr}`);
        return words.exec(stderr) ?? undefined;
      }),
    pieces: () => journaledPieces(`${target}.part.journal`),
  };
  downloads.push(running);
  return running;
}

/** One that seeds, and the URL it does so at. */
async function startSeeding(who: string): Promise<Running & { url: string }> {
  const place = ["--tracker", tracker.url, "--host", "127.0.0.1"];
  const running = await startDownload(who, ["--seed", "--name", who, ...place]);
  const [, url] = await running.says(/served at (http:\/\/\S+) as/);
  return { ...running, url: url! };
}

async function availability(url: string): Promise<PieceSet | "all"> {
  const { availability: answer } = await createNodePeerClient(url).getAvailability({ fileId });
  return answer.case === "bitmap" ? PieceSet.fromBitmap(answer.value, PIECES) : "all";
}

function resultOf(running: Running): DownloadResult {
  return JSON.parse(running.stdout()) as DownloadResult;
}

const bytesFrom = (result: DownloadResult, name: string) =>
  result.sources
    .filter((source) => source.name === name)
    .reduce((sum, { verifiedBytes }) => sum + verifiedBytes, 0);

it(
  "a download that seeds gives what it has, and only that, before it is whole, and goes on when it is",
  { timeout: 120_000 },
  async () => {
    const ana = await startSeeding("Ana");
    expect(await announced(tracker.url, "drone song", 2)).toBe(fileId);
    await until("Ana has half", async () => ((await ana.pieces()) >= PIECES / 2 ? true : undefined));
    await full.stop("SIGKILL");
    await ana.says(/No peer is left that has it/);

    // What had arrived is still checked and journaled, within a moment.
    const have = await until("Ana's journal has what is served", async () => {
      const served = await availability(ana.url);
      if (served === "all") throw new Error("Ana has all of it already");
      return (await ana.pieces()) === served.size ? served : undefined;
    });
    const client = createNodePeerClient(ana.url);
    expect(await client.listFiles({})).toMatchObject({
      entries: [
        {
          name: NAME,
          kind: {
            case: "file",
            value: { fileId, size: BigInt(PIECES * MIB), missingBytes: BigInt((PIECES - have.size) * MIB) },
          },
        },
      ],
    });
    const listed = await stage.runCli(["ls", ana.url]);
    expect(listed.stdout).toContain(`${have.size}.0 MiB of ${PIECES}.0 MiB`);
    const missing = Array.from({ length: PIECES }, (_, index) => index).find((index) => !have.has(index))!;
    const refused = client.downloadFile({ fileId, offset: BigInt(missing * MIB), length: 1n });
    await expect(Array.fromAsync(refused)).rejects.toMatchObject({ code: Code.Unavailable });
    const door = await fetch(`${ana.url}/files/${fileId}/${encodeURIComponent(NAME)}`);
    expect([door.status, door.headers.has("retry-after")]).toEqual([503, true]);

    // Nobody but Ana is there.
    const berta = await startDownload("Berta", ["--tracker", tracker.url, "--json"]);
    await until("Berta has what Ana has", async () =>
      (await berta.pieces()) === have.size ? true : undefined,
    );

    full = await startFull();
    expect(await berta.closed).toEqual([0, null]);
    const result = resultOf(berta);
    expect(bytesFrom(result, "Ana")).toBeGreaterThanOrEqual(have.size * MIB);
    expect(result.sources.filter(({ state }) => state === "dropped")).toEqual([]);
    expect(await sha256Of(berta.target)).toBe(digest);

    await ana.says(/Seeding at/);
    expect(await sha256Of(ana.target)).toBe(digest);
    await full.stop("SIGKILL");
    const clara = await startDownload("Clara", ["--peer", ana.url, "--json"]);
    expect(await clara.closed).toEqual([0, null]);
    expect(await sha256Of(clara.target)).toBe(digest);
    expect(await availability(ana.url)).toBe("all");

    ana.child.kill("SIGTERM");
    expect(await ana.closed).toEqual([0, null]);
    const peers = await listedPeers(tracker.url);
    expect(peers.map(({ name }) => name)).not.toContain("Ana");
  },
);

it(
  "a seeding download that is killed is missed by nobody, and seeds what it had at once when it comes back",
  { timeout: 120_000 },
  async () => {
    const ana = await startSeeding("Ana");
    await until("Ana has a quarter", async () => ((await ana.pieces()) >= PIECES / 4 ? true : undefined));
    await announced(tracker.url, "drone song", 2);
    const berta = await startDownload("Berta", ["--tracker", tracker.url, "--json"]);
    await until("Berta has something", async () => ((await berta.pieces()) > 0 ? true : undefined));
    ana.child.kill("SIGKILL");
    await ana.closed;
    const kept = await ana.pieces();
    expect(kept).toBeLessThan(PIECES);

    const again = await startSeeding("Ana");
    // Until what was kept has been checked, Ana says that nobody knows yet.
    const first = await until("Ana serves again", () =>
      availability(again.url).catch((error: unknown) => {
        if (ConnectError.from(error).code !== Code.Unavailable) throw error;
        return undefined;
      }),
    );
    expect(first === "all" ? PIECES : first.size).toBeGreaterThanOrEqual(kept);

    expect(await berta.closed).toEqual([0, null]);
    expect(bytesFrom(resultOf(berta), "Ana")).toBeGreaterThan(0);
    expect(await sha256Of(berta.target)).toBe(digest);
    await again.says(/Seeding at/);
    expect(await sha256Of(again.target)).toBe(digest);
  },
);

it("who reads from a seeding download alone gets the rest as it comes", { timeout: 60_000 }, async () => {
  const ana = await startSeeding("Ana");
  await until("Ana has something", async () => ((await ana.pieces()) > 0 ? true : undefined));
  const berta = await startDownload("Berta", ["--peer", ana.url, "--json"]);
  await until("Berta has some of it while Ana hasn't all", async () =>
    (await berta.pieces()) > 0 && (await availability(ana.url)) !== "all" ? true : undefined,
  );
  expect(await berta.closed).toEqual([0, null]);
  expect(await sha256Of(berta.target)).toBe(digest);
});

it(
  "a file that is there already is seeded as it is, until somebody changes it",
  { timeout: 60_000 },
  async () => {
    const first = await startDownload("Ana", ["--tracker", tracker.url]);
    expect(await first.closed).toEqual([0, null]);
    const ana = await startSeeding("Ana");
    await ana.says(/Seeding at/);
    await full.stop("SIGTERM");
    const berta = await startDownload("Berta", ["--peer", ana.url, "--json"]);
    expect(await berta.closed).toEqual([0, null]);
    expect(await sha256Of(berta.target)).toBe(digest);

    await writeSampleFile(ana.target, PIECES * MIB, 52);
    const door = await fetch(`${ana.url}/files/${fileId}`);
    expect(door.status).toBe(404);
    expect(await ana.closed).toEqual([1, null]);
    expect(ana.stderr()).toContain("is not what it was");
  },
);
