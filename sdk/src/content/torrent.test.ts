import { describe, expect, it } from "vitest";
import { hexFromBytes } from "./file-id.ts";
import { manifestOf } from "./manifest.ts";
import { hashBlocksPortably } from "./merkle.ts";
import vectors from "./testdata/bep52-vectors.json" with { type: "json" };
import { bencode } from "./bencode.ts";
import { torrentInfo, torrentOf } from "./torrent.ts";

const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

describe("bencode()", () => {
  it("writes integers, strings, bytes, lists and dictionaries", () => {
    const value = new Map([["a", ["é", -3, Uint8Array.of(1)] as const]]);
    expect(text(bencode(value))).toBe("d1:al2:Ã©i-3e1:\u0001ee");
  });

  it("puts keys into the order of their bytes", () => {
    expect(
      text(
        bencode(
          new Map([
            ["b", 1],
            ["a", 2],
            ["aa", 3],
            ["B", 4],
          ]),
        ),
      ),
    ).toBe("d1:Bi4e1:ai2e2:aai3e1:bi1ee");
  });
});

describe("torrentInfo()", () => {
  it.each(vectors.cases)("is libtorrent's own for $size bytes in pieces of $pieceLength", (known) => {
    const info = torrentInfo(
      {
        length: known.size,
        pieceLength: known.pieceLength,
        piecesRoot: bytesOfHex(known.piecesRoot),
        pieceLayer: new Uint8Array(0),
      },
      "data.bin",
    );
    expect(hexFromBytes(info)).toBe(known.infoBencodedHex);
  });
});

describe("torrentOf()", () => {
  it("has the piece layers of a file of several pieces, and its web seeds", async () => {
    const length = 1024 * 1024 + 1;
    const manifest = await manifestOf([new Uint8Array(length)], length, hashBlocksPortably);
    const { name, bytes } = torrentOf(manifest, { name: "../a b.bin", webSeeds: ["http://p/files/x/"] });
    expect(name).toBe("a b.bin");
    const torrent = text(bytes);
    expect(torrent).toContain(
      `12:piece layersd32:${text(manifest.piecesRoot)}64:${text(manifest.pieceLayer)}e`,
    );
    expect(torrent).toContain("8:url-listl17:http://p/files/x/ee");
  });

  it("has neither root nor layers for an empty file", async () => {
    const manifest = await manifestOf([], 0, hashBlocksPortably);
    const torrent = text(torrentOf(manifest, { name: "empty", webSeeds: [] }).bytes);
    expect(torrent).toContain("d6:lengthi0ee");
    expect(torrent).toContain("12:piece layersde");
  });
});
