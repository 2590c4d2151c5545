import {
  copyFile,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
} from "node:fs/promises";
import { basename, join } from "node:path";
import {
  type DownloadEvent,
  type FileId,
  PanalError,
  type Source,
  type Store,
  createSourceList,
  createTrackerClient,
  download,
} from "@panal/sdk";
import { createFileStore, createNodePeerSource, nodeHashBlocks } from "@panal/sdk/node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stage, type Started, announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";

const MIB = 1024 * 1024;
/** Much more than a download holds in memory, sockets and requests together, so that the peer is asked again. */
const LENGTH = 96 * MIB;
const CHUNK_BYTES = 256 * 1024;

/** What may happen to a shared file, by name; `other` is a file of the same length outside the share. */
const CHANGES: Record<string, (path: string, other: string) => Promise<void>> = {
  changed: overwriteTail,
  disguised: async (path) => {
    const { atime, mtime } = await stat(path);
    await overwriteTail(path);
    await utimes(path, atime, mtime);
  },
  truncated: (path) => truncate(path, LENGTH / 2 + 1),
  replaced: async (path, other) => {
    await copyFile(other, `${path}.new`);
    await rename(`${path}.new`, path);
  },
  linked: async (path, other) => {
    await symlink(other, `${path}.link`);
    await rename(`${path}.link`, path);
  },
  deleted: (path) => rm(path),
};

async function overwriteTail(path: string): Promise<void> {
  const file = await open(path, "r+");
  await file.write(Buffer.alloc(LENGTH / 2, 7), 0, LENGTH / 2, LENGTH / 2);
  await file.close();
}

let stage: Stage;
let tracker: Started;
let peers: Started[];
let shares: string[];
let other: string;
const digests = new Map<string, string>();

beforeAll(async () => {
  stage = await createStage();
  shares = ["one", "two"].map((name) => join(stage.folder, name));
  for (const share of shares) await mkdir(share);
  other = join(stage.folder, "other.bin");
  await writeSampleFile(other, LENGTH, 99);
  for (const [index, change] of Object.keys(CHANGES).entries()) {
    const [first, second] = shares.map((share) => join(share, `${change}.bin`));
    digests.set(change, await writeSampleFile(first!, LENGTH, index + 10));
    await copyFile(first!, second!);
  }
  tracker = await stage.startTracker();
  peers = await Promise.all(
    shares.map((share, index) => stage.startPeer({ share, trackerUrl: tracker.url, name: `Peer ${index}` })),
  );
  for (const change of Object.keys(CHANGES)) await announced(tracker.url, change, 2);
}, 60_000);
afterAll(() => stage.close());

function sourceOf(index: number): Source {
  return createNodePeerSource({
    id: `peer ${index}`,
    name: `Peer ${index}`,
    endpoints: [{ url: peers[index]!.url, route: "direct" }],
  });
}

/** A store whose first piece is written only after `before`: until then the download and its peer are held up. */
function heldUp(store: Store, before: () => Promise<void>): Store {
  let done: Promise<void> | undefined;
  return { ...store, write: (index, data) => (done ??= before()).then(() => store.write(index, data)) };
}

/** Reads the whole file in one request that is half-way while `change` happens; gives the error it ends with. */
async function readAcross(source: Source, fileId: FileId, change: () => Promise<void>): Promise<unknown> {
  const original = await readFile(join(shares[1]!, basename(await pathOf(fileId))));
  const { signal } = new AbortController();
  const memory = new Uint8Array(CHUNK_BYTES);
  let position = 0;
  let isChanged = false;
  try {
    const sink = {
      // After the first bytes there is no room until the change is done.
      room: () => (isChanged || position === 0 ? memory : undefined),
      async whenRoom() {
        await change();
        isChanged = true;
      },
      advance(bytes: number) {
        const is = original.subarray(position, position + bytes).equals(memory.subarray(0, bytes));
        expect(is, `at ${position}`).toBe(true);
        position += bytes;
      },
      isSatisfied: false,
    };
    await source.read(fileId, { start: 0, end: LENGTH }, { signal, sink });
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(PanalError);
    return error;
  }
}

async function pathOf(fileId: FileId): Promise<string> {
  const details = await createTrackerClient({ url: tracker.url }).getFile(fileId);
  return details!.names[0]!.path;
}

it.each(Object.keys(CHANGES))(
  "no wrong byte comes under the id of a file that is %s while it is read, and others go on with it",
  { timeout: 30_000 },
  async (change) => {
    const fileId = (await announced(tracker.url, change, 2)) as FileId;
    const path = join(stage.folder, `${change}.saved`);
    const sources = createSourceList([sourceOf(0)]);
    const events: DownloadEvent[] = [];
    let ended: unknown;
    const result = await download({
      fileId,
      sources,
      hashBlocks: nodeHashBlocks,
      onEvent: (event) => events.push(event),
      store: heldUp(createFileStore({ path }), async () => {
        const changeIt = () => CHANGES[change]!(join(shares[0]!, `${change}.bin`), other);
        ended = await readAcross(sourceOf(0), fileId, changeIt);
        sources.add(sourceOf(1));
      }),
    });

    // Under a file that was moved away or deleted, who has it open still reads what it was.
    if (["changed", "disguised", "truncated"].includes(change))
      expect(ended).toMatchObject({ code: "changed" });
    else expect(ended).toBeUndefined();
    expect(await sha256Of(path)).toBe(digests.get(change));
    // Not a byte of the new content was sent: that would have been called a lie.
    expect(events.filter(({ type }) => type === "piece-wasted")).not.toContainEqual(
      expect.objectContaining({ why: "corrupt" }),
    );
    const dropped = events.filter((event) => event.type === "source-dropped");
    expect(dropped).toMatchObject([{ sourceId: "peer 0", isLying: false }]);
    expect(["changed", "not-found"]).toContain(dropped[0]!.code);
    expect(dropped[0]!.reason).toContain(dropped[0]!.code === "changed" ? `${change}.bin` : fileId);
    expect(result.sources[0]!.verifiedBytes).toBeGreaterThan(0);
    expect(result.sources[1]!.verifiedBytes).toBeGreaterThan(0);

    await until("the tracker names only the other peer for that id", async () => {
      const details = await createTrackerClient({ url: tracker.url }).getFile(fileId);
      return details?.peers.length === 1 && details.peers[0]!.name === "Peer 1" ? true : undefined;
    });
    await expect(sourceOf(0).manifest(fileId, { signal: AbortSignal.timeout(5_000) })).rejects.toMatchObject({
      code: "not-found",
    });
  },
);
