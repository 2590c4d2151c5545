import { createCipheriv, createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, utimes } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

const MIB = 1024 * 1024;

/** A file of bytes that don't repeat, the same for the same seed; gives its SHA-256. */
export async function writeSampleFile(path: string, lengthBytes: number, seed = 1): Promise<string> {
  const stream = createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16));
  const hash = createHash("sha256");
  const zeros = Buffer.alloc(MIB);
  const file = await open(path, "w");
  try {
    for (let done = 0; done < lengthBytes; done += MIB) {
      const part = stream.update(zeros.subarray(0, Math.min(MIB, lengthBytes - done)));
      hash.update(part);
      await file.write(part);
    }
  } finally {
    await file.close();
  }
  // Whole seconds, so that a test can set the same time again.
  await utimes(path, 1_700_000_000, 1_700_000_000);
  return hash.digest("hex");
}

/** Flips one bit in each of these pieces (1 MiB each), as a failing disk does: size and times stay what they were. */
export async function corruptSilently(path: string, pieces: Iterable<number>): Promise<void> {
  const file = await open(path, "r+");
  try {
    for (const piece of pieces) {
      const byte = Buffer.alloc(1);
      await file.read(byte, 0, 1, piece * MIB + 777);
      byte[0]! ^= 0x10;
      await file.write(byte, 0, 1, piece * MIB + 777);
    }
  } finally {
    await file.close();
  }
  await utimes(path, 1_700_000_000, 1_700_000_000);
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
