import { expect, test, vi } from "vitest";
import { BLOCK_LENGTH } from "../content/blocks.ts";
import { hexFromBytes } from "../content/file-id.ts";
import { hashBlocksPortably } from "../content/merkle.ts";
import { createSampleFile } from "../transfer/testing/sample-file.ts";
import { createWasmHashBlocks, hashBlocksHere } from "./hasher.ts";

// The last ones: as many blocks as are digested at once, one more, and a short one after two such stretches.
const LENGTHS = [
  0,
  1,
  BLOCK_LENGTH - 1,
  BLOCK_LENGTH,
  BLOCK_LENGTH + 1,
  64 * BLOCK_LENGTH,
  65 * BLOCK_LENGTH,
  128 * BLOCK_LENGTH + 77,
];

test.each(LENGTHS)("hashBlocksHere() and WASM hash %i bytes as everybody else does", async (length) => {
  const { content } = await createSampleFile(length);
  // From the middle of a larger buffer, as the engine's pieces are.
  const view = new Uint8Array(length + 16).subarray(3, 3 + length);
  view.set(content);
  const expected = hexFromBytes(await hashBlocksPortably(content));
  const wasm = await createWasmHashBlocks();
  expect(wasm).not.toBe(hashBlocksPortably);
  expect(hexFromBytes(await hashBlocksHere(view))).toBe(expected);
  expect(hexFromBytes(await wasm(view))).toBe(expected);
});

test("hashBlocksHere() can be asked for several pieces at the same time", async () => {
  const pieces = await Promise.all([1, 2, 3].map((seed) => createSampleFile(3 * BLOCK_LENGTH, seed)));
  const hashes = await Promise.all(pieces.map(async ({ content }) => hashBlocksHere(content)));
  const expected = await Promise.all(pieces.map(async ({ content }) => hashBlocksPortably(content)));
  expect(hashes).toEqual(expected);
});

test("hashBlocksHere() gives WebCrypto the same views of memory that is used again", async () => {
  const digest = vi.spyOn(crypto.subtle, "digest");
  try {
    const memory = new Uint8Array(4 * BLOCK_LENGTH);
    await hashBlocksHere(memory.subarray(0, 3 * BLOCK_LENGTH));
    await hashBlocksHere(memory.subarray(0, 2 * BLOCK_LENGTH + 7));
    const views = digest.mock.calls.map(([, data]) => data as Uint8Array);
    expect(views.map(({ length }) => length)).toEqual([
      BLOCK_LENGTH,
      BLOCK_LENGTH,
      BLOCK_LENGTH,
      BLOCK_LENGTH,
      BLOCK_LENGTH,
      7,
    ]);
    expect(views[3]).toBe(views[0]);
    expect(views[4]).toBe(views[1]);
  } finally {
    digest.mockRestore();
  }
});
