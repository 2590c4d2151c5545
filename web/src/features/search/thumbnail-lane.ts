import type { FileId } from "@panal/sdk/content";
import { createGate } from "@panal/sdk/transfer";

/** Some kilobytes each. */
const MAX_KEPT = 300;

interface LaneDeps {
  /** How many are made side by side; downloads have the rest of the line. */
  readonly atOnce: number;
  /** A small picture as a URL of this page; undefined when there is none to be had. */
  make(fileId: FileId, name: string): Promise<string | undefined>;
  forget(url: string): void;
}

/** Small pictures of files, made few at a time, and each once. */
export interface ThumbnailLane {
  /** A URL for `<img>`; undefined when there is none, or nobody wants it any more before its turn came. */
  get(fileId: FileId, options: { name: string; signal: AbortSignal }): Promise<string | undefined>;
}

export function createThumbnailLane({ atOnce, make, forget }: LaneDeps): ThumbnailLane {
  const kept = new Map<FileId, Promise<string | undefined>>();
  const gate = createGate(atOnce);

  function keep(fileId: FileId, made: Promise<string | undefined>): void {
    kept.set(fileId, made);
    for (const [oldest, url] of kept) {
      if (kept.size <= MAX_KEPT) break;
      kept.delete(oldest);
      void url.then((known) => known !== undefined && forget(known));
    }
  }

  return {
    async get(fileId, { name, signal }) {
      const known = kept.get(fileId);
      if (known !== undefined) return known;
      const inTurn = gate.run(
        () => {
          // What can't be had or isn't a picture isn't tried again.
          const made = kept.get(fileId) ?? make(fileId, name).catch(() => undefined);
          keep(fileId, made);
          return made;
        },
        1,
        signal,
      );
      // Whoever has stopped waiting gets none.
      return inTurn.catch(() => undefined);
    },
  };
}
