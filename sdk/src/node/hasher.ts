import { hash } from "node:crypto";
import { BLOCK_LENGTH, HASH_LENGTH } from "../content/blocks.ts";
import type { HashBlocks } from "../content/merkle.ts";

/** SHA-256 of each 16 KiB block with Node's own crypto: some 1100 MB/s a core where the processor helps. */
export const nodeHashBlocks: HashBlocks = (data) => {
  const hashes = new Uint8Array(Math.ceil(data.length / BLOCK_LENGTH) * HASH_LENGTH);
  for (let start = 0, at = 0; start < data.length; start += BLOCK_LENGTH, at += HASH_LENGTH) {
    hashes.set(hash("sha256", data.subarray(start, start + BLOCK_LENGTH), "buffer"), at);
  }
  return hashes;
};
