import type { FileId } from "../content/file-id.ts";
import type { HashBlocks } from "../content/merkle.ts";
import type { Clock } from "./clock.ts";
import type { DownloadEvent } from "./events.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { Reading } from "./reading.ts";
import type { Source } from "./source.ts";
import type { SourceList } from "./source-list.ts";
import type { Store } from "./store.ts";

export interface DownloadOptions {
  fileId: FileId;
  /**
   * An array, or a list that goes on changing while the download runs. With a list the download waits when no
   * source is left; with an array it fails.
   */
  sources: readonly Source[] | SourceList;
  store: Store;
  signal?: AbortSignal;
  onEvent?: (event: DownloadEvent) => void;
  /** Default: portable JavaScript; `@panal/sdk/node` and `@panal/sdk/browser` have faster ones. */
  hashBlocks?: HashBlocks;
  /** Where pieces are received and hashed, when `hashBlocks` wants memory of its own kind. */
  allocate?: (lengthBytes: number) => Uint8Array;
  /** Somebody reads along: what is read next comes first, and perhaps nothing else. */
  reading?: Reading | undefined;
  /** Holds the download back to so many bytes per second; several downloads may share one. */
  rateLimit?: RateLimit | undefined;
  clock?: Clock;
  /** 0 to 1, for jitter. */
  random?: () => number;
}
