import { createCipheriv, createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
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
  return hash.digest("hex");
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
