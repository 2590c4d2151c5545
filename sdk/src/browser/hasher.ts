import { createSHA256 } from "hash-wasm";
import { BLOCK_LENGTH, HASH_LENGTH } from "../content/blocks.ts";
import { type HashBlocks, hashBlocksPortably } from "../content/merkle.ts";

/**
 * Digests asked for at once. Firefox hashes beside the thread that asks, so that this makes it a half faster; it costs
 * a copy of as many blocks: 1 MiB. Chromium doesn't mind.
 */
const DIGESTS_AT_ONCE = 64;

/** Whether the page has WebCrypto; on an insecure origin it hasn't. */
export function hasWebCrypto(): boolean {
  // Undefined there, whatever its type says.
  const subtle: SubtleCrypto | undefined = globalThis.crypto.subtle;
  return subtle !== undefined;
}

/** The browser's own SHA-256. */
async function hashWithWebCrypto(data: Uint8Array): Promise<Uint8Array> {
  const hashes = new Uint8Array(hashesLength(data));
  const stretch = DIGESTS_AT_ONCE * BLOCK_LENGTH;
  for (let start = 0; start < data.length; start += stretch) {
    const digests = knownBlocksOf(data.subarray(start, start + stretch)).map((block) =>
      crypto.subtle.digest("SHA-256", block as Uint8Array<ArrayBuffer>),
    );
    let at = (start / BLOCK_LENGTH) * HASH_LENGTH;
    for (const digest of await Promise.all(digests)) {
      hashes.set(new Uint8Array(digest), at);
      at += HASH_LENGTH;
    }
  }
  return hashes;
}

/** WASM, for pages that aren't secure and so have no WebCrypto; plain JavaScript where WASM is forbidden. */
export async function createWasmHashBlocks(): Promise<HashBlocks> {
  const hasher = await createSHA256().catch(() => undefined);
  if (hasher === undefined) return hashBlocksPortably;
  return (data) => {
    const hashes = new Uint8Array(hashesLength(data));
    for (const [index, block] of blocksOf(data).entries()) {
      hashes.set(hasher.init().update(block).digest("binary"), index * HASH_LENGTH);
    }
    return hashes;
  };
}

let wasmHashBlocks: Promise<HashBlocks> | undefined;

/** SHA-256 of each 16 KiB block by the fastest means this thread has. */
export const hashBlocksHere: HashBlocks = async (data) => {
  if (hasWebCrypto()) return hashWithWebCrypto(data);
  wasmHashBlocks ??= createWasmHashBlocks();
  return (await wasmHashBlocks)(data);
};

const knownBlocks = new WeakMap<ArrayBufferLike, Map<number, Uint8Array>>();

/**
 * The same views each time for memory that is used again, as that of pieces is: of each view that WebCrypto has seen the browser
 * keeps something until it collects all garbage, 64 of them for each MiB.
 */
function knownBlocksOf(data: Uint8Array): Uint8Array[] {
  let known = knownBlocks.get(data.buffer);
  if (known === undefined) {
    known = new Map();
    knownBlocks.set(data.buffer, known);
  }
  const blocks = blocksOf(data);
  for (const [index, block] of blocks.entries()) {
    if (block.length < BLOCK_LENGTH) continue;
    const before = known.get(block.byteOffset);
    if (before === undefined) known.set(block.byteOffset, block);
    else blocks[index] = before;
  }
  return blocks;
}

function blocksOf(data: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.ceil(data.length / BLOCK_LENGTH) }, (_, index) =>
    data.subarray(index * BLOCK_LENGTH, (index + 1) * BLOCK_LENGTH),
  );
}

function hashesLength(data: Uint8Array): number {
  return Math.ceil(data.length / BLOCK_LENGTH) * HASH_LENGTH;
}
