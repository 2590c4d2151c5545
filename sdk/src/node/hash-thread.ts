import { type MessagePort, parentPort } from "node:worker_threads";
import { nodeHashBlocks } from "./hasher.ts";

/** Blocks to be hashed, in memory that both sides see: nothing is copied on the way. */
export interface HashJob {
  readonly id: number;
  readonly memory: SharedArrayBuffer;
  readonly start: number;
  readonly length: number;
}

export interface HashReply {
  readonly id: number;
  readonly blockHashes: Uint8Array;
}

/** What runs in the thread: one job after the other, in the order they come. */
function serve(port: MessagePort): void {
  port.on("message", ({ id, memory, start, length }: HashJob) => {
    const blockHashes = nodeHashBlocks(new Uint8Array(memory, start, length));
    port.postMessage({ id, blockHashes } satisfies HashReply);
  });
}

if (parentPort !== null) serve(parentPort);
