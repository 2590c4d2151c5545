import { transfer } from "comlink";
import { MAX_READ_BYTES, type SeedSource } from "./engine-api.ts";
import type { GrowingFile } from "./growing-file.ts";

/** What others may ask of a running download. */
export function createSeedSource(growing: Pick<GrowingFile, "pieces" | "read">): SeedSource {
  return {
    pieces: () => growing.pieces()?.toBitmap(),
    async read(start, end) {
      const bytes = await growing.read({ start, end: Math.min(end, start + MAX_READ_BYTES) });
      return transfer(bytes, [bytes.buffer]);
    },
  };
}
