import type { FileId } from "@panal/sdk/content";
import { createContext, use } from "react";
import type { Streams } from "../../engine/streams.ts";

/** What watching needs of the engine. */
export interface Watching extends Streams {
  /** A small file as a whole; undefined when it can't be had. */
  readSmall(fileId: FileId): Promise<Uint8Array | undefined>;
  /** Makes a few pieces of a file ready to be read at `urlOfPeek`, until `closePeek`. */
  openPeek(fileId: FileId): Promise<void>;
  closePeek(fileId: FileId): void;
  /** For whoever shows a PDF, and ends it. */
  startPdfWorker(): Worker;
}

export const WatchingContext = createContext<Watching | undefined>(undefined);

export function useWatching(): Watching {
  const watching = use(WatchingContext);
  if (watching === undefined) throw new Error("no WatchingContext around this component");
  return watching;
}
