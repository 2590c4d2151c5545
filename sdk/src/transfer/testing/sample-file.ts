import { type Manifest, manifestOf } from "../../content/manifest.ts";
import { hashBlocksPortably } from "../../content/merkle.ts";

export interface SampleFile {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly manifest: Manifest;
}

/** Bytes of the files the source suite asks for, so that a server in another process can make the same ones. */
export const SAMPLE_LENGTHS = { empty: 0, tiny: 1, large: 3 * 1024 * 1024 + 17 } as const;

/**
 * A file of `length` bytes that differ from piece to piece, so that a piece in the wrong place is noticed. Another
 * `seed` gives another file of the same length.
 */
export function createSampleFile(length: number, seed = 1): Promise<SampleFile> {
  const key = `${length} ${seed}`;
  const made = samples.get(key) ?? makeSampleFile(length, seed);
  samples.set(key, made);
  return made;
}

// Hashing them is most of what the suites would do otherwise. Nobody writes into them.
const samples = new Map<string, Promise<SampleFile>>();

async function makeSampleFile(length: number, seed: number): Promise<SampleFile> {
  const content = new Uint8Array(length);
  // A xorshift generator: the same bytes everywhere, without a pattern that repeats by pieces.
  let state = seed;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    content[i] = state;
  }
  return { content, manifest: await manifestOf([content], length, hashBlocksPortably) };
}
