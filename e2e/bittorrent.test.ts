import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createTrackerClient, parseFileId } from "@panal/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findPython } from "../scripts/find-python.ts";
import { type Stage, type Started, announced, createStage } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";
import { type WebSeedProxy, startWebSeedProxy } from "./support/web-seed-proxy.ts";

// libtorrent, as it comes with Debian and under qBittorrent, downloads our files through our torrents.

const MIB = 1024 * 1024;
/** Around the edges of its pieces, which are of 1 MiB. */
const SIZES = [1, ...[1, 2, 3].flatMap((pieces) => [-1, 0, 1].map((more) => pieces * MIB + more))];
/** More than one web seed is asked for at once. */
const LARGE_BYTES = 20 * MIB + 1;

const run = promisify(execFile);

interface Sample {
  readonly name: string;
  readonly path: string;
  readonly sha256: string;
  fileId: string;
}

let stage: Stage;
let tracker: Started;
let peers: Started[];
let samples: Sample[];
let large: Sample;
beforeAll(async () => {
  stage = await createStage();
  tracker = await stage.startTracker();
  const share = join(stage.folder, "share");
  await mkdir(share);
  const write = async (name: string, sizeBytes: number, seed: number): Promise<Sample> => {
    const path = join(share, name);
    return { name, path, sha256: await writeSampleFile(path, sizeBytes, seed), fileId: "" };
  };
  samples = [];
  for (const [index, size] of SIZES.entries())
    samples.push(await write(`sample ñ ${size}.bin`, size, index + 1));
  large = await write("large.bin", LARGE_BYTES, 100);
  const start = (name: string) => stage.startPeer({ share, trackerUrl: tracker.url, name });
  peers = await Promise.all([start("one"), start("two")]);
  for (const sample of [...samples, large]) sample.fileId = await announced(tracker.url, sample.name, 2);
});
afterAll(() => stage.close());

interface Job {
  readonly sample: Sample;
  /** Where the torrent comes from. */
  readonly url: string;
}

let downloads = 0;

/** Fetches torrents, has libtorrent download them all at once, and gives what it made of each. */
async function download(jobs: readonly Job[]) {
  const prepared = await Promise.all(
    jobs.map(async ({ sample, url }) => {
      const folder = join(stage.folder, `download-${downloads++}`);
      await mkdir(folder);
      const response = await fetch(url);
      expect(response.headers.get("content-type"), await response.clone().text()).toBe(
        "application/x-bittorrent",
      );
      await writeFile(`${folder}.torrent`, response.body!);
      return { torrent: `${folder}.torrent`, folder, original: sample.path };
    }),
  );
  const script = fileURLToPath(new URL("support/libtorrent-client.py", import.meta.url));
  const { stdout } = await run(findPython(), [script, JSON.stringify(prepared)]);
  const outcomes = JSON.parse(stdout) as { name: string; info: string; ownInfo: string }[];
  return Promise.all(
    outcomes.map(async (outcome, index) => ({
      ...outcome,
      sha256: await sha256Of(join(prepared[index]!.folder, outcome.name)),
    })),
  );
}

const torrentOf = (sample: Sample, trackerUrl = tracker.url) =>
  `${trackerUrl}/api/v1/files/${sample.fileId}/torrent`;

it.each<[string, (sample: Sample) => string]>([
  ["the tracker's", (sample) => torrentOf(sample)],
  ["a peer's", ({ fileId, name }) => `${peers[0]!.url}/files/${fileId}/${encodeURIComponent(name)}.torrent`],
])("downloads files of all sizes by %s torrents", async (_whose, urlOf) => {
  const outcomes = await download(samples.map((sample) => ({ sample, url: urlOf(sample) })));
  for (const [index, sample] of samples.entries()) {
    const { name, sha256, info, ownInfo } = outcomes[index]!;
    expect({ name, sha256 }).toEqual({ name: sample.name, sha256: sample.sha256 });
    // Everybody's torrent of a file is the same torrent.
    expect(info, sample.name).toBe(ownInfo);
  }
});

it("the tracker's torrent names both peers, and can be called otherwise", async () => {
  const [sample] = samples as [Sample];
  const [outcome] = await download([{ sample, url: `${torrentOf(sample)}?name=other.bin` }]);
  expect(outcome).toMatchObject({ name: "other.bin", sha256: sample.sha256 });
  const torrent = await readFile(join(stage.folder, `download-${downloads - 1}.torrent`), "latin1");
  for (const { url } of peers) expect(torrent).toContain(`${url}/files/${sample.fileId}/`);
});

/** A tracker of its own that knows web seeds by what they say of themselves; gives its URL. */
async function trackerOf(seeds: readonly WebSeedProxy[]): Promise<string> {
  const own = await stage.startTracker({ args: ["--data", ":memory:"] });
  const client = createTrackerClient({ url: own.url });
  const files = [{ path: large.name, fileId: parseFileId(large.fileId), mtime: new Date().toISOString() }];
  for (const { url } of seeds) {
    const { peerId, lease } = await client.register({ name: url, urls: [url] });
    await client.putFiles(peerId, { revision: 1, files }, { lease });
  }
  return own.url;
}

it("downloads from both peers at once", async () => {
  const bothAsked = Promise.withResolvers<void>();
  const seeds = await Promise.all(
    peers.map(({ url }) => startWebSeedProxy({ target: url, after: bothAsked.promise })),
  );
  try {
    void Promise.all(seeds.map(({ asked }) => asked)).then(() => bothAsked.resolve());
    const [outcome] = await download([{ sample: large, url: torrentOf(large, await trackerOf(seeds)) }]);
    expect(outcome!.sha256).toBe(large.sha256);
  } finally {
    await Promise.all(seeds.map((seed) => seed.close()));
  }
});

it("isn't stopped by a peer that lies", async () => {
  const liar = await startWebSeedProxy({ target: peers[0]!.url, isLying: true });
  const honest = await startWebSeedProxy({ target: peers[1]!.url, after: liar.answered });
  try {
    const [outcome] = await download([
      { sample: large, url: torrentOf(large, await trackerOf([liar, honest])) },
    ]);
    expect(outcome!.sha256).toBe(large.sha256);
  } finally {
    await Promise.all([liar.close(), honest.close()]);
  }
});
