import { readSync } from "node:fs";
import { type MessagePort, parentPort } from "node:worker_threads";
import { BLOCK_LENGTH, HASH_LENGTH } from "../content/blocks.ts";
import { PanalError, type PanalErrorCode } from "../errors.ts";
import { nodeHashBlocks } from "./hasher.ts";

/** What a thread reads at a time of a file: it is still at hand, in the processor's own memory, when it is hashed. */
const READ_BYTES = 256 * 1024;

/** Blocks to be hashed: in memory that both sides see, or in an open file, whose number all threads may use. Nothing is copied on the way. */
export type HashJob = { readonly id: number; readonly start: number; readonly length: number } & (
  | { readonly memory: SharedArrayBuffer }
  | { readonly fd: number }
);

export type HashReply = { readonly id: number } & (
  | { readonly blockHashes: Uint8Array }
  /** Errors lose their class and code on the way out of a thread. */
  | { readonly failure: { readonly code: PanalErrorCode; readonly message: string } }
);

let buffer: Uint8Array | undefined;

function hashFile(fd: number, start: number, length: number): Uint8Array {
  buffer ??= new Uint8Array(READ_BYTES);
  const hashes = new Uint8Array(Math.ceil(length / BLOCK_LENGTH) * HASH_LENGTH);
  for (let done = 0; done < length;) {
    const part = buffer.subarray(0, Math.min(READ_BYTES, length - done));
    fill(fd, part, start + done);
    hashes.set(nodeHashBlocks(part), (done / BLOCK_LENGTH) * HASH_LENGTH);
    done += part.length;
  }
  return hashes;
}

function fill(fd: number, target: Uint8Array, position: number): void {
  for (let filled = 0; filled < target.length;) {
    const bytesRead = readSync(fd, target, filled, target.length - filled, position + filled);
    if (bytesRead === 0) throw new PanalError("changed", "the file became shorter while it was hashed");
    filled += bytesRead;
  }
}

function answer(job: HashJob): HashReply {
  const { id, start, length } = job;
  try {
    const blockHashes =
      "fd" in job
        ? hashFile(job.fd, start, length)
        : nodeHashBlocks(new Uint8Array(job.memory, start, length));
    return { id, blockHashes };
  } catch (error) {
    const { code, message } = PanalError.from(error);
    return { id, failure: { code, message } };
  }
}

/** What runs in the thread: one job after the other, in the order they come. */
function serve(port: MessagePort): void {
  port.on("message", (job: HashJob) => port.postMessage(answer(job)));
}

if (parentPort !== null) serve(parentPort);
