import { PanalError } from "../errors.ts";
import { hashBlocksHere } from "./hasher.ts";

/** A part of a piece. Its memory is the worker's until the reply brings it back. */
export interface HashJob {
  readonly memory: ArrayBuffer;
  /** Bytes from the start of `memory`. */
  readonly length: number;
}

export type HashReply = { readonly memory: ArrayBuffer } & (
  | { readonly blockHashes: Uint8Array }
  | { readonly error: string }
);

async function answer({ memory, length }: HashJob): Promise<void> {
  let reply: HashReply;
  try {
    reply = { memory, blockHashes: await hashBlocksHere(new Uint8Array(memory, 0, length)) };
  } catch (error) {
    reply = { memory, error: PanalError.from(error).message };
  }
  postMessage(reply, { transfer: [memory] });
}

addEventListener("message", ({ data }: MessageEvent<HashJob>) => void answer(data));
