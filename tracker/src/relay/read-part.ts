import type { Readable } from "node:stream";
import { PanalError } from "@panal/sdk";
import type { Wait } from "../wait.ts";
import { partMemory, writerInto } from "./part-memory.ts";
import { PushRefusal } from "./push-refusal.ts";

/** A part that stands still for so long is given up. */
const STILL_MS = 15_000;
/** And one that is slower than this, as a whole. */
const SLOWEST_BYTES_PER_SECOND = 8 * 1024;

/** All of a part, in `partMemory`. Rejects with a PushRefusal when it is too slow, with "unreachable" when it breaks off. */
export async function readPart(
  body: Readable,
  { length, wait }: { length: number; wait: Wait },
): Promise<Buffer[]> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const blocks = partMemory.take(length);
  const write = writerInto(blocks);
  let filled = 0;
  const tooSlow = () => reject(new PushRefusal(408, "too slow: send shorter parts"));
  const stopAll = wait(STILL_MS + (length / SLOWEST_BYTES_PER_SECOND) * 1000, tooSlow);
  let stopStill = wait(STILL_MS, tooSlow);
  const onData = (chunk: Buffer) => {
    filled += chunk.length;
    write(chunk);
    free(chunk);
    stopStill();
    stopStill = wait(STILL_MS, tooSlow);
  };
  const onBroken = () => reject(new PanalError("unreachable", "the part broke off"));
  body.on("data", onData).once("end", resolve).once("error", onBroken).once("close", onBroken);
  try {
    await promise;
  } catch (error) {
    blocks.forEach(partMemory.drop);
    throw error;
  } finally {
    stopAll();
    stopStill();
    body.off("data", onData).off("end", resolve).off("error", onBroken).off("close", onBroken);
  }
  // What HTTP's parser guarantees, unless somebody in between is clever.
  if (filled !== length) throw new PushRefusal(400, `${filled} bytes came, ${length} were said`);
  return blocks;
}

/** HTTP's parser makes a buffer for each chunk, which nobody else has: taken from it, its memory is free at once. */
function free({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
