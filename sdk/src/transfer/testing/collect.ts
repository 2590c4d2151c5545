import type { ByteRange } from "../../content/blocks.ts";
import type { FileId } from "../../content/file-id.ts";
import type { ByteSink } from "../byte-sink.ts";
import type { Route, Source } from "../source.ts";

/** A sink that keeps what comes, in one array of its capacity; more than that is a failure. */
export interface Collector extends ByteSink {
  /** What has come so far. */
  readonly bytes: Uint8Array;
}

/** `maxRoomBytes`: how much it takes at once. `enoughBytes`: after so many it wants nothing more. */
export function createCollector(
  capacity: number,
  { maxRoomBytes = capacity, enoughBytes = Infinity }: { maxRoomBytes?: number; enoughBytes?: number } = {},
): Collector {
  const memory = new Uint8Array(capacity);
  let filled = 0;
  return {
    get bytes() {
      return memory.subarray(0, filled);
    },
    room() {
      if (filled === capacity) throw new Error(`more than ${capacity} bytes`);
      return memory.subarray(filled, Math.min(capacity, filled + maxRoomBytes));
    },
    whenRoom: async () => {},
    advance(bytes) {
      if (bytes <= 0 || filled + bytes > capacity) throw new Error(`${bytes} bytes after ${filled}`);
      filled += bytes;
    },
    get isSatisfied() {
      return filled >= enoughBytes;
    },
  };
}

/** Exactly the bytes of a range, or what the source throws. */
export async function readAll(
  source: Source,
  {
    fileId,
    range,
    signal = new AbortController().signal,
    onRoute = () => {},
  }: {
    fileId: FileId;
    range: ByteRange;
    signal?: AbortSignal;
    onRoute?: (route: Route) => void;
  },
): Promise<Uint8Array> {
  const sink = createCollector(range.end - range.start);
  await source.read(fileId, range, { signal, sink, onRoute });
  if (sink.bytes.length !== range.end - range.start) throw new Error(`only ${sink.bytes.length} bytes came`);
  return sink.bytes;
}
