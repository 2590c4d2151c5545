import { BLOCK_LENGTH, type ByteRange } from "../../content/blocks.ts";
import type { Manifest } from "../../content/manifest.ts";
import type { PieceSet } from "../../content/piece-set.ts";
import { PanalError, throwIfAborted } from "../../errors.ts";
import { pour } from "../byte-sink.ts";
import type { Clock } from "../clock.ts";
import type { Source } from "../source.ts";

const CHUNK_BYTES = 16 * BLOCK_LENGTH;

export interface FakeSourceOptions {
  id: string;
  content: Uint8Array;
  manifest: Manifest;
  clock: Clock;
  /** Default 100 MiB/s. */
  bytesPerSecond?: number;
  latencyMs?: number;
  have?: PieceSet;
  /** Flips a bit in these pieces. */
  corruptPieces?: readonly number[];
  /** Called before each chunk and before each other answer; may throw, or wait by the clock. */
  beforeChunk?: (state: { sentBytes: number; position: number; signal: AbortSignal }) => void | Promise<void>;
  beforeManifest?: () => void | Promise<void>;
}

/** A source that can be told how to misbehave; remembers which ranges it was asked for. */
export function createFakeSource(options: FakeSourceOptions): Source & { readonly requests: ByteRange[] } {
  const { clock, content, manifest, latencyMs = 0, bytesPerSecond = 100 * 1024 * 1024 } = options;
  const requests: ByteRange[] = [];
  let sentBytes = 0;

  return {
    id: options.id,
    name: options.id,
    route: "direct",
    requests,
    async manifest(fileId) {
      await options.beforeManifest?.();
      if (fileId !== manifest.fileId) throw new PanalError("not-found", `no file ${fileId}`);
      return manifest;
    },
    async availability() {
      return options.have?.clone();
    },
    async read(fileId, range, { signal, sink }) {
      requests.push(range);
      if (fileId !== manifest.fileId) throw new PanalError("not-found", `no file ${fileId}`);
      if (range.end > content.length) throw new PanalError("out-of-range", `${range.end} is past the end`);
      if (latencyMs > 0) await clock.sleep(latencyMs, signal);
      for (let start = range.start; start < range.end;) {
        throwIfAborted(signal);
        await options.beforeChunk?.({ sentBytes, position: start, signal });
        const end = Math.min(range.end, start + CHUNK_BYTES);
        await clock.sleep(((end - start) / bytesPerSecond) * 1000, signal);
        const chunk = content.slice(start, end);
        for (const piece of options.corruptPieces ?? []) {
          const at = piece * manifest.pieceLength - start;
          if (at >= 0 && at < chunk.length) chunk[at]! ^= 1;
        }
        sentBytes += chunk.length;
        if (!(await pour(chunk, sink))) return;
        start = end;
      }
    },
  };
}
