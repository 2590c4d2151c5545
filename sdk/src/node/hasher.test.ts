import { expect, it } from "vitest";
import { hashBlocksPortably, merkleRoot } from "../content/merkle.ts";
import { nodeHashBlocks } from "./hasher.ts";

function sample(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7) ^ (i >> 8));
}

it.each([0, 1, 16_384, 16_385, 50_000])(
  "nodeHashBlocks() gives what plain JavaScript does for %i bytes",
  (length) => {
    expect(nodeHashBlocks(sample(length))).toEqual(hashBlocksPortably(sample(length)));
  },
);

it.each([1, 2, 3, 5, 64])("nodeHashBlocks.pairs leads to the same root over %i leaves", (count) => {
  const leaves = sample(32 * count);
  const { pairs } = nodeHashBlocks;
  expect(pairs).toBeDefined();
  for (const options of [{}, { width: 128 }]) {
    expect(merkleRoot(leaves, { ...options, hashPairs: pairs })).toEqual(merkleRoot(leaves, options));
  }
});
