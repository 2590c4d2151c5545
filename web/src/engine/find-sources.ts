import { PanalError, type TrackerClient, followFileSources, isAbort } from "@panal/sdk";
import type { FileId } from "@panal/sdk/content";
import type { PeerSourceOptions } from "@panal/sdk/rpc";
import type { Clock, Source, SourceList } from "@panal/sdk/transfer";

/** When nobody has the file, or the tracker is away: how long until it is asked again. */
const FIND_AGAIN_MS = 3_000;

export interface FindSourcesOptions {
  fileId: FileId;
  tracker: TrackerClient;
  createSource(options: PeerSourceOptions): Source;
  signal: AbortSignal;
  clock: Clock;
  isExcluded?: (peer: { readonly peerId: string }) => boolean;
  onWaiting(): void;
}

/** The file's peers, followed until the signal; waits, and says so, until there is one. */
export async function findSources({ onWaiting, ...options }: FindSourcesOptions): Promise<SourceList> {
  const { signal, clock } = options;
  for (;;) {
    try {
      return await followFileSources(options);
    } catch (error) {
      if (isAbort(error) || signal.aborted) throw error;
      const { code } = PanalError.from(error);
      if (code !== "not-found" && code !== "unreachable" && code !== "timeout" && code !== "busy")
        throw error;
      onWaiting();
      await clock.sleep(FIND_AGAIN_MS, signal);
    }
  }
}
