import { type FileId, type Manifest, PanalError, manifestOf } from "@panal/sdk";
import { nodeHashBlocks } from "@panal/sdk/node";
import { beforeAll, expect, test } from "vitest";
import { createManifests } from "./manifests.ts";
import type { PeerRecord } from "./store/store.ts";

const MIB = 1024 * 1024;

const manifests: Manifest[] = [];
beforeAll(async () => {
  for (let file = 0; file < 4; file++) {
    const bytes = new Uint8Array(2 * MIB).fill(file);
    manifests.push(await manifestOf([bytes], bytes.length, nodeHashBlocks));
  }
});

const peerOf = (peerId: string, dialableUrls = [`http://10.0.0.1/${peerId}`]) =>
  ({
    peerId,
    name: peerId,
    urls: [`http://10.0.0.1/${peerId}`, "http://h.example"],
    dialableUrls,
  }) as unknown as PeerRecord;

type Answer = (fileId: FileId, signal: AbortSignal) => Promise<Manifest>;
const honest: Answer = async (fileId) => manifests.find((manifest) => manifest.fileId === fileId)!;
const failing: Answer = () => Promise.reject(new PanalError("unreachable", "no"));
/** Until the others have decided, or time is up. */
const silent: Answer = (_fileId, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new PanalError("aborted", "stopped")), { once: true });
  });

/** Peers by id, and the addresses that were called. */
function network(peers: Record<string, Answer>, maxKeptBytes?: number) {
  const called: string[] = [];
  const shelf = createManifests({
    createSource: ({ id, endpoints }) => ({
      manifest: (fileId, { signal }) => {
        called.push(...endpoints.map(({ url }) => url));
        return peers[id]!(fileId, signal);
      },
    }),
    ...(maxKeptBytes === undefined ? {} : { maxKeptBytes }),
  });
  return { called, shelf };
}

test("get() asks peers where they may be called, and once for a file", async () => {
  const { called, shelf } = network({ ana: honest });
  const [manifest] = manifests as [Manifest];
  const holders = [peerOf("ana"), peerOf("hidden", [])];
  const answers = await Promise.all([
    shelf.get(manifest.fileId, holders),
    shelf.get(manifest.fileId, holders),
  ]);
  expect(answers).toEqual([manifest, manifest]);
  expect(await shelf.get(manifest.fileId, [])).toBe(manifest);
  expect(called).toEqual(["http://10.0.0.1/ana"]);
});

test("get() takes the first good answer, whatever the others do", async () => {
  const { shelf } = network({ bad: failing, mute: silent, ana: honest });
  const [manifest] = manifests as [Manifest];
  expect(
    await shelf.get(
      manifest.fileId,
      ["bad", "mute", "ana"].map((id) => peerOf(id)),
    ),
  ).toBe(manifest);
});

test("get() gives undefined when nobody answers, keeps nothing of that, and asks others the next time", async () => {
  const { shelf, called } = network({ a: failing, b: failing, c: failing, d: failing, ana: honest });
  const [manifest] = manifests as [Manifest];
  const holders = ["a", "b", "c", "d", "ana"].map((id) => peerOf(id));
  expect(await shelf.get(manifest.fileId, holders)).toBeUndefined();
  expect(called).not.toContain("http://10.0.0.1/ana");
  expect(await shelf.get(manifest.fileId, holders)).toBe(manifest);
  expect(await network({}).shelf.get(manifest.fileId, [])).toBeUndefined();
  expect(await network({}).shelf.get(manifest.fileId, [peerOf("hidden", [])])).toBeUndefined();
});

test("get() needs no peer for a file of one piece", async () => {
  const { called, shelf } = network({ ana: failing });
  const fileId = `${"ab".repeat(32)}-5` as FileId;
  expect(await shelf.get(fileId, [peerOf("ana")])).toMatchObject({ fileId, pieceCount: 1 });
  expect(called).toEqual([]);
});

test("get() forgets what was asked for longest ago", async () => {
  const ids = manifests.map(({ fileId }) => fileId);
  // Each takes 64 bytes of layer, and 256.
  const { called, shelf } = network({ ana: honest }, 2 * (64 + 256));
  const ask = (file: number) => shelf.get(ids[file]!, [peerOf("ana")]);
  for (const file of [0, 1, 0, 2]) await ask(file);
  expect(called).toHaveLength(3);
  await ask(0);
  expect(called).toHaveLength(3);
  await ask(1);
  expect(called).toHaveLength(4);
});

test("get() asks for a few files at once, and is busy for more", async () => {
  const decided = Promise.withResolvers<Manifest>();
  const { shelf } = network({ ana: () => decided.promise });
  const idOf = (n: number) => `${String(n).repeat(64)}-${2 * MIB}` as FileId;
  const asked = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => shelf.get(idOf(n), [peerOf("ana")]));
  await expect(shelf.get(idOf(8), [peerOf("ana")])).rejects.toMatchObject({ code: "busy" });
  decided.reject(new PanalError("unreachable", "no"));
  expect(await Promise.all(asked)).toEqual(asked.map(() => undefined));
  expect(await shelf.get(idOf(8), [peerOf("ana")])).toBeUndefined();
});
