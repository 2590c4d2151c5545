import type { FileHandle } from "node:fs/promises";

/** Writes all of it at a place in a file: a write may be short, most of all when the disk is nearly full. */
export async function writeAll(file: FileHandle, data: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < data.length;) {
    const { bytesWritten } = await file.write(data, done, data.length - done, position + done);
    done += bytesWritten;
  }
}
