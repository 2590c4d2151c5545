import { describe, expect, it } from "vitest";
import { PanalError } from "../errors.ts";
import { type ByteRange, HASH_LENGTH } from "./blocks.ts";
import { manifestOfPieces } from "./manifest-of-pieces.ts";
import { hashPiece, manifestOf } from "./manifest.ts";
import { hashBlocksPortably } from "./merkle.ts";

const MIB = 1024 * 1024;
const signal = new AbortController().signal;

describe("manifestOfPieces()", () => {
  it.each([0, 1, MIB, 5 * MIB + 77])(
    "is that of a file of %i bytes, whatever is ready first",
    async (length) => {
      // Each byte by where it is, and each piece another.
      const content = Uint8Array.from({ length }, (_, at) => at ^ (at >> 13) ^ (at >> 20));
      const manifest = await manifestOf([content], length, hashBlocksPortably);
      let bytes = 0;
      let readers = 0;
      const found = await manifestOfPieces({
        length,
        parallel: 3,
        signal,
        openHasher() {
          const isSlow = readers++ === 0;
          // Each has memory of its own, and uses it again.
          const memory = new Uint8Array(MIB);
          return async ({ start, end }) => {
            if (isSlow) await new Promise((resolve) => setTimeout(resolve));
            memory.set(content.subarray(start, end));
            return hashPiece(memory.subarray(0, end - start), length, hashBlocksPortably);
          };
        },
        onBytes: (more) => (bytes += more),
      });
      expect(found).toEqual(manifest);
      expect(bytes).toBe(length);
      expect(readers).toBe(Math.min(3, manifest.pieceCount));
    },
  );

  it("fails as reading does, when nobody reads any more, and reads no further", async () => {
    let reading = 0;
    const asked: ByteRange[] = [];
    const failing = manifestOfPieces({
      length: 100 * MIB,
      parallel: 2,
      signal,
      openHasher: () => async (range) => {
        asked.push(range);
        if (range.start === 0) throw new PanalError("changed", "it is another");
        reading++;
        await new Promise((resolve) => setTimeout(resolve));
        reading--;
        return new Uint8Array(HASH_LENGTH);
      },
    });
    await expect(failing).rejects.toMatchObject({ code: "changed" });
    expect(reading).toBe(0);
    expect(asked).toHaveLength(2);
  });

  it("ends when it is stopped", async () => {
    const stop = new AbortController();
    let reads = 0;
    const stopped = manifestOfPieces({
      length: 100 * MIB,
      parallel: 1,
      signal: stop.signal,
      openHasher: () => async () => {
        if (++reads === 2) stop.abort();
        return new Uint8Array(HASH_LENGTH);
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: "aborted" });
    expect(reads).toBe(2);
  });
});
