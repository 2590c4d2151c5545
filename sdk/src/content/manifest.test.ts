import { create } from "@bufbuild/protobuf";
import { beforeAll, describe, expect, test } from "vitest";
import { GetManifestResponseSchema } from "../gen/panal/v1/peer_pb.ts";
import { BLOCK_LENGTH, HASH_LENGTH } from "./blocks.ts";
import { fileIdOf, parseFileId } from "./file-id.ts";
import {
  type Manifest,
  manifestFromPieceHashes,
  manifestOf,
  manifestOfSinglePiece,
  verifyManifest,
  verifyPiece,
} from "./manifest.ts";
import { manifestFromProto, manifestToProto } from "./manifest-codec.ts";
import { equalBytes, hashBlocksPortably, merkleRoot } from "./merkle.ts";

const MIB = 1024 * 1024;
// No two pieces are alike.
const content = Uint8Array.from({ length: 2 * MIB + 5 }, (_, index) => Math.imul(index, 2654435761) >>> 24);
let manifest: Manifest;

beforeAll(async () => {
  manifest = await manifestOf([content], content.length, hashBlocksPortably);
});

const corrupt = (message: string | RegExp) =>
  expect.objectContaining({ code: "corrupt", message: expect.stringMatching(message) });

describe("verifyManifest()", () => {
  test("takes the claim of an honest peer", () => {
    expect(verifyManifest(manifest.fileId, manifest)).toEqual(manifest);
    expect(manifest.pieceCount).toBe(3);
  });

  test.each([
    ["another length", { length: 64 }, "length 64 instead of"],
    ["a negative length", { length: -1 }, "length -1"],
    ["pieces of no length", { pieceLength: 0 }, "piece length 0"],
    ["pieces of one block", { pieceLength: BLOCK_LENGTH }, "piece length 16384"],
    ["pieces of no power of two", { pieceLength: MIB + 1 }, "piece length"],
    ["pieces of 4 GiB", { pieceLength: 2 ** 32 - 1 }, "piece length"],
    ["a negative piece length", { pieceLength: -MIB }, "piece length"],
    ["no piece layer", { pieceLayer: new Uint8Array(0) }, "piece layer of 0 bytes"],
    ["another root", { piecesRoot: new Uint8Array(32) }, "another pieces root"],
    ["no root", { piecesRoot: new Uint8Array(0) }, "another pieces root"],
  ])("refuses %s", (_what, wrong, message) => {
    expect(() => verifyManifest(manifest.fileId, { ...manifest, ...wrong })).toThrow(corrupt(message));
  });

  test("refuses a piece layer that is cut, longer, turned or has one bit changed", () => {
    const { pieceLayer } = manifest;
    const flipped = pieceLayer.slice();
    flipped[40]! ^= 0x10;
    const swapped = pieceLayer.slice();
    swapped.copyWithin(0, 32, 64);
    swapped.set(pieceLayer.subarray(0, 32), 32);
    const longer = new Uint8Array(pieceLayer.length + HASH_LENGTH);
    longer.set(pieceLayer);
    for (const wrong of [
      pieceLayer.slice(0, -1),
      pieceLayer.slice(0, -HASH_LENGTH),
      longer,
      flipped,
      swapped,
    ]) {
      expect(() => verifyManifest(manifest.fileId, { ...manifest, pieceLayer: wrong })).toThrow(
        corrupt("piece layer"),
      );
    }
  });

  test("refuses the 64-byte look-alike, whose root is the same", async () => {
    const blockHashes = await hashBlocksPortably(content);
    // The two hashes below the top, as the content of a file of their own.
    const half = BLOCK_LENGTH * 128;
    const lookAlike = new Uint8Array(64);
    lookAlike.set(merkleRoot(await hashBlocksPortably(content.subarray(0, half)), { width: 128 }));
    lookAlike.set(merkleRoot(await hashBlocksPortably(content.subarray(half)), { width: 128 }), 32);
    const other = await manifestOf([lookAlike], 64, hashBlocksPortably);
    expect(equalBytes(merkleRoot(blockHashes), manifest.piecesRoot)).toBe(true);
    expect(equalBytes(other.piecesRoot, manifest.piecesRoot)).toBe(true);

    expect(other.fileId).not.toBe(manifest.fileId);
    expect(() => verifyManifest(manifest.fileId, other)).toThrow(corrupt("length 64 instead of"));
    expect(() => verifyManifest(other.fileId, manifest)).toThrow(corrupt("instead of 64"));
    expect(await verifyPiece(manifest, { index: 0, data: lookAlike }, hashBlocksPortably)).toBe(false);
  });

  test("refuses an empty file whose root isn't the hash of nothing", async () => {
    const empty = await manifestOf([], 0, hashBlocksPortably);
    expect(verifyManifest(empty.fileId, empty)).toEqual(empty);
    const fileId = fileIdOf(new Uint8Array(32), 0);
    const claim = { ...empty, piecesRoot: new Uint8Array(32) };
    expect(() => verifyManifest(fileId, claim)).toThrow(corrupt("empty file"));
  });
});

describe("manifestFromProto()", () => {
  test("reads back what manifestToProto() writes", () => {
    expect(manifestFromProto(manifest.fileId, manifestToProto(manifest))).toEqual(manifest);
  });

  test("refuses the manifest of another file, and an answer with nothing in it", () => {
    const other = fileIdOf(manifest.piecesRoot, 1);
    expect(() => manifestFromProto(other, manifestToProto(manifest))).toThrow(corrupt("another file"));
    const { fileId } = manifest;
    expect(() => manifestFromProto(fileId, create(GetManifestResponseSchema, { fileId }))).toThrow(
      corrupt("length 0"),
    );
  });

  test("refuses lengths that no number holds", () => {
    const message = { ...manifestToProto(manifest), length: 2n ** 64n - 1n };
    expect(() => manifestFromProto(manifest.fileId, message)).toThrow(corrupt("length"));
  });
});

describe("verifyPiece()", () => {
  const piece = (index: number) => content.slice(index * MIB, (index + 1) * MIB);

  test("takes each piece in its place, the short last one too", async () => {
    for (const index of [0, 1, 2]) {
      expect(await verifyPiece(manifest, { index, data: piece(index) }, hashBlocksPortably)).toBe(true);
    }
  });

  test("refuses a changed bit, another place, a cut and a padded piece", async () => {
    const changed = piece(1);
    changed[MIB - 1]! ^= 1;
    for (const wrong of [
      { index: 1, data: changed },
      { index: 0, data: piece(1) },
      { index: 0, data: piece(0).slice(1) },
      { index: 2, data: new Uint8Array(MIB) },
      { index: 2, data: new Uint8Array(0) },
      { index: 3, data: new Uint8Array(0) },
      { index: -1, data: piece(0) },
    ]) {
      expect(await verifyPiece(manifest, wrong, hashBlocksPortably)).toBe(false);
    }
  });
});

describe("manifestOf()", () => {
  test("doesn't depend on how the bytes are cut", async () => {
    for (const chunkLength of [MIB, MIB - 1, 777_777, content.length]) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < content.length; at += chunkLength)
        chunks.push(content.subarray(at, at + chunkLength));
      expect(await manifestOf(chunks, content.length, hashBlocksPortably)).toEqual(manifest);
    }
  });

  test.each([content.length - 1, content.length + 1, 0])(
    "says changed when %d bytes were expected",
    async (length) => {
      await expect(manifestOf([content], length, hashBlocksPortably)).rejects.toMatchObject({
        code: "changed",
      });
    },
  );
});

test("manifestOfSinglePiece() needs no peer for a file of one piece, and gives none for more", async () => {
  const small = await manifestOf([content.subarray(0, MIB)], MIB, hashBlocksPortably);
  expect(manifestOfSinglePiece(small.fileId)).toEqual(small);
  expect(manifestOfSinglePiece(manifest.fileId)).toBeUndefined();
  const data = content.slice(0, MIB);
  expect(await verifyPiece(small, { index: 0, data }, hashBlocksPortably)).toBe(true);
  data[5]! ^= 1;
  expect(await verifyPiece(small, { index: 0, data }, hashBlocksPortably)).toBe(false);
});

test("manifestFromPieceHashes() refuses a number of hashes that doesn't fit the length", () => {
  for (const count of [0, 2, 4]) {
    expect(() => manifestFromPieceHashes(new Uint8Array(count * HASH_LENGTH), content.length)).toThrow(
      expect.objectContaining({ code: "invalid" }),
    );
  }
});

test("verifyManifest() needs no memory for the largest file it refuses", () => {
  const fileId = parseFileId(`${"00".repeat(32)}-${2 ** 41}`);
  const claim = {
    length: 2 ** 41,
    pieceLength: 16 * MIB,
    piecesRoot: new Uint8Array(32),
    pieceLayer: new Uint8Array(32),
  };
  expect(() => verifyManifest(fileId, claim)).toThrow(corrupt("piece layer of 32 bytes instead of 4194304"));
});
