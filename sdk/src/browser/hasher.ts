import { createSHA256 } from "hash-wasm";
import { BLOCK_LENGTH, HASH_LENGTH } from "../content/blocks.ts";
import { type HashBlocks, hashBlocksPortably } from "../content/merkle.ts";

/** The browser's own SHA-256, one call at a time: more at once only costs memory, measured. */
async function hashWithWebCrypto(data: Uint8Array): Promise<Uint8Array> {
  const hashes = new Uint8Array(Math.ceil(data.length / BLOCK_LENGTH) * HASH_LENGTH);
  for (let start = 0, at = 0; start < data.length; start += BLOCK_LENGTH, at += HASH_LENGTH) {
    const block = data.subarray(start, start + BLOCK_LENGTH) as Uint8Array<ArrayBuffer>;
    hashes.set(new Uint8Array(await crypto.subtle.digest("SHA-256", block)), at);
  }
  return hashes;
}

/** WASM, for pages that aren't secure and so have no WebCrypto; plain JavaScript where WASM is forbidden. */
export async function createWasmHashBlocks(): Promise<HashBlocks> {
  const hasher = await createSHA256().catch(() => undefined);
  if (hasher === undefined) return hashBlocksPortably;
  return (data) => {
    const hashes = new Uint8Array(Math.ceil(data.length / BLOCK_LENGTH) * HASH_LENGTH);
    for (let start = 0, at = 0; start < data.length; start += BLOCK_LENGTH, at += HASH_LENGTH) {
      hashes.set(
        hasher
          .init()
          .update(data.subarray(start, start + BLOCK_LENGTH))
          .digest("binary"),
        at,
      );
    }
    return hashes;
  };
}

let wasmHashBlocks: Promise<HashBlocks> | undefined;

/** SHA-256 of each 16 KiB block, by the fastest means the page has. */
export const browserHashBlocks: HashBlocks = async (data) => {
  // Undefined on an insecure origin, whatever its type says.
  const subtle: SubtleCrypto | undefined = globalThis.crypto.subtle;
  if (subtle !== undefined) return hashWithWebCrypto(data);
  wasmHashBlocks ??= createWasmHashBlocks();
  return (await wasmHashBlocks)(data);
};
