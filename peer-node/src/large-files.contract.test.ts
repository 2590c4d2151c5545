import { open } from "node:fs/promises";
import { join } from "node:path";
import {
  HASH_LENGTH,
  type Manifest,
  PieceSet,
  type Store,
  download,
  hashPiece,
  manifestFromPieceHashes,
  pieceCountFor,
  pieceLengthFor,
  pieceRange,
} from "@panal/sdk";
import { createNodePeerSource, nodeHashBlocks } from "@panal/sdk/node";
import { afterEach, describe, expect, it } from "vitest";
import type { FileHasher } from "./library/hash-pool.ts";
import { type TestPeer, startTestPeer } from "./testing/test-peer.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
/** At the beginning and at the end of each piece that isn't all zeros. */
const MARK = Buffer.from("here the bees live");

/** Files of holes, but for a few pieces: what nobody could write, or hash, in the time of a test. */
const LENGTHS: [string, number][] = [
  ["8192 pieces", 8 * GIB],
  ["8192 pieces and a byte, which doubles the pieces", 8 * GIB + 1],
  ["128 GiB, the last length with 8192 pieces", 128 * GIB],
  ["more than 128 GiB", 130 * GIB + 12_345],
  ["2 TiB, the longest there is", 2048 * GIB],
];

/** Around where 32 and 37 bits end, and both ends of the file. */
function markedPieces(length: number): number[] {
  const pieceLength = pieceLengthFor(length);
  const last = pieceCountFor(length, pieceLength) - 1;
  const around = [2 ** 32, 2 ** 37].flatMap((at) => [at / pieceLength - 1, at / pieceLength]);
  return [...new Set([0, ...around, last])].filter((index) => index <= last).sort((a, b) => a - b);
}

function contentOf(pieceLength: number): Uint8Array {
  const content = new Uint8Array(pieceLength);
  content.set(MARK.subarray(0, pieceLength));
  content.set(MARK.subarray(0, pieceLength), Math.max(0, pieceLength - MARK.length));
  return content;
}

/** Made of the hashes of two kinds of pieces, and of the last. */
async function manifestOfHoles(length: number): Promise<Manifest> {
  const pieceLength = pieceLengthFor(length);
  const count = pieceCountFor(length, pieceLength);
  const hashes = new Uint8Array(count * HASH_LENGTH);
  const hashOf = (content: Uint8Array) => hashPiece(content, length, nodeHashBlocks);
  const ofHole = await hashOf(new Uint8Array(pieceLength));
  for (let index = 0; index < count; index++) hashes.set(ofHole, index * HASH_LENGTH);
  for (const index of markedPieces(length)) {
    const { start, end } = pieceRange(index, { length, pieceLength });
    hashes.set(await hashOf(contentOf(end - start)), index * HASH_LENGTH);
  }
  return manifestFromPieceHashes(hashes, length);
}

let peer: TestPeer;
afterEach(() => peer.close());

async function startPeerWith(manifest: Manifest): Promise<void> {
  const hasher: FileHasher = { parallelFiles: 1, hash: async () => manifest, close: async () => {} };
  peer = await startTestPeer(
    {},
    {
      hasher,
      async prepare(root) {
        const file = await open(join(root, "holes.bin"), "w");
        await file.truncate(manifest.length);
        for (const index of markedPieces(manifest.length)) {
          const { start, end } = pieceRange(index, manifest);
          const content = contentOf(end - start);
          await file.write(content, 0, Math.min(content.length, MARK.length), start);
          const from = Math.max(0, content.length - MARK.length);
          await file.write(content, from, content.length - from, start + from);
        }
        // Nobody is writing it any more.
        await file.utimes(1_700_000_000, 1_700_000_000);
        await file.close();
      },
    },
  );
}

describe("a file of", () => {
  it.each(LENGTHS)("%s comes from a peer, piece by piece and by ranges", async (_what, length) => {
    const manifest = await manifestOfHoles(length);
    await startPeerWith(manifest);
    const marked = markedPieces(length);
    const written = new Map<number, Uint8Array>();
    const store: Store = {
      async open({ pieceCount }) {
        // All but the marked ones are there: so only those come.
        const absent = new Set(marked);
        const have = new PieceSet(pieceCount);
        for (let index = 0; index < pieceCount; index++) if (!absent.has(index)) have.add(index);
        return have;
      },
      write: async (index, data) => void written.set(index, data.slice()),
      complete: async () => {},
      close: async () => {},
    };
    const result = await download({
      fileId: manifest.fileId,
      sources: [
        createNodePeerSource({ id: "peer", name: "peer", endpoints: [{ url: peer.url, route: "direct" }] }),
      ],
      store,
      hashBlocks: nodeHashBlocks,
    });
    expect([...written.keys()].sort((a, b) => a - b)).toEqual(marked);
    for (const [index, data] of written) {
      const { start, end } = pieceRange(index, manifest);
      expect(Buffer.compare(data, contentOf(end - start)), `piece ${index}`).toBe(0);
    }
    expect(result.resumedBytes + result.fetchedBytes).toBe(length);

    const door = `${peer.url}/files/${manifest.fileId}/holes.bin`;
    for (const index of marked) {
      const { start, end } = pieceRange(index, manifest);
      const last = Math.min(end, start + MARK.length) - 1;
      const response = await fetch(door, { headers: { range: `bytes=${start}-${last}` } });
      expect(response.status).toBe(206);
      expect(response.headers.get("content-range")).toBe(`bytes ${start}-${last}/${length}`);
      const content = contentOf(end - start).subarray(0, last + 1 - start);
      expect(Buffer.compare(await response.bytes(), content), `range at ${start}`).toBe(0);
    }
  });
});
