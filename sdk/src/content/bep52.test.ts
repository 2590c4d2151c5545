import { describe, expect, test } from "vitest";
import { BLOCK_LENGTH, HASH_LENGTH, pieceLengthFor } from "./blocks.ts";
import { fileIdOf, hexFromBytes } from "./file-id.ts";
import { manifestOf } from "./manifest.ts";
import { hashBlocksPortably, merkleRoot, pieceHash, rootOfPieceLayer } from "./merkle.ts";
import vectors from "./testdata/bep52-vectors.json" with { type: "json" };

/** The content of the vectors: byte i is (i ^ (i >> 8) ^ (i >> 16)) & 0xff. */
function contentOf(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (i ^ (i >> 8) ^ (i >> 16)) & 0xff;
  return bytes;
}

async function pieceHashes(content: Uint8Array, pieceLength: number): Promise<Uint8Array[]> {
  const isWholeFile = content.length <= pieceLength;
  const hashes: Uint8Array[] = [];
  for (let start = 0; start < content.length || start === 0; start += pieceLength) {
    const blockHashes = await hashBlocksPortably(content.subarray(start, start + pieceLength));
    hashes.push(pieceHash(blockHashes, { pieceLength, isWholeFile }));
  }
  return hashes;
}

describe("libtorrent's known answers", () => {
  test("are there, several pieces and short last ones among them", () => {
    expect(vectors.cases.length).toBeGreaterThan(5);
    expect(vectors.cases.some(({ pieceLayer }) => pieceLayer.length > 2)).toBe(true);
    expect(
      vectors.cases.some(({ size, pieceLength }) => size > pieceLength && size % pieceLength !== 0),
    ).toBe(true);
  });

  for (const { size, pieceLength, piecesRoot, pieceLayer } of vectors.cases) {
    const name = `${size} bytes in pieces of ${pieceLength}`;

    test(`pieceHash() gives the piece layer of ${name}`, async () => {
      const hashes = (await pieceHashes(contentOf(size), pieceLength)).map(hexFromBytes);
      expect(hashes).toEqual(pieceLayer.length > 0 ? pieceLayer : [piecesRoot]);
    });

    test(`merkleRoot() gives the pieces root of ${name} from its blocks alone`, async () => {
      expect(hexFromBytes(merkleRoot(await hashBlocksPortably(contentOf(size))))).toBe(piecesRoot);
    });

    if (pieceLayer.length > 0) {
      test(`rootOfPieceLayer() leads to the pieces root of ${name}`, () => {
        expect(hexFromBytes(rootOfPieceLayer(joined(pieceLayer.map(bytesOf)), pieceLength))).toBe(piecesRoot);
      });
    }

    test(`manifestOf() gives ${name} its file id, whatever the piece length of the torrent`, async () => {
      const content = contentOf(size);
      const manifest = await manifestOf([content], size, hashBlocksPortably);
      expect(manifest.fileId).toBe(`${piecesRoot}-${size}`);
      expect(manifest.fileId).toBe(fileIdOf(bytesOf(piecesRoot), size));
      expect(manifest.pieceLength).toBe(pieceLengthFor(size));
      if (pieceLength === manifest.pieceLength)
        expect(hexFromBytes(manifest.pieceLayer)).toBe(pieceLayer.join(""));
    });
  }

  test("pieceHash() of nothing is the SHA-256 of nothing", async () => {
    const hash = pieceHash(await hashBlocksPortably(new Uint8Array(0)), {
      pieceLength: BLOCK_LENGTH,
      isWholeFile: true,
    });
    expect(hexFromBytes(hash)).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });
});

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function joined(hashes: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(hashes.length * HASH_LENGTH);
  hashes.forEach((hash, index) => all.set(hash, index * HASH_LENGTH));
  return all;
}
