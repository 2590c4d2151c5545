import type { FileId } from "../content/file-id.ts";
import type { HashBlocks } from "../content/merkle.ts";
import type { Clock } from "./clock.ts";
import type { DownloadEvent, DownloadResult } from "./events.ts";
import type { Source } from "./source.ts";
import type { SourceList } from "./source-list.ts";
import type { Store } from "./store.ts";

export interface DownloadOptions {
  fileId: FileId;
  /** An array, or a list that goes on changing while the download runs. */
  sources: readonly Source[] | SourceList;
  store: Store;
  signal?: AbortSignal;
  onEvent?: (event: DownloadEvent) => void;
  /** Default: portable JavaScript; `@panal/sdk/node` and `/browser` have faster ones. */
  hashBlocks?: HashBlocks;
  clock?: Clock;
}

export async function download(_options: DownloadOptions): Promise<DownloadResult> {
  throw new Error("being written");
}
