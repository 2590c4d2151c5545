import type { FileId } from "../content/file-id.ts";
import { PanalError, isAbort } from "../errors.ts";
import type { FileDetails } from "../tracker/api.ts";
import type { TrackerClient } from "../tracker/tracker-client.ts";
import { type Clock, systemClock } from "../transfer/clock.ts";
import type { Source } from "../transfer/source.ts";
import { type SourceList, createSourceList } from "../transfer/source-list.ts";
import type { PeerSourceOptions } from "./peer-source.ts";

/** How often the tracker is asked who has the file while a download runs. */
const POLL_MS = 5_000;

export interface FollowFileSourcesOptions {
  fileId: FileId;
  tracker: TrackerClient;
  createSource(options: PeerSourceOptions): Source;
  /** Ends the following. */
  signal: AbortSignal;
  /** Peers to be left out, asked at each answer of the tracker: somebody who seeds what he fetches finds himself there. */
  isExcluded?: (peer: FileDetails["peers"][number]) => boolean;
  /** Each answer, and undefined when no live peer has the file. */
  onDetails?: (details: FileDetails | undefined) => void;
  /** The tracker doesn't answer (the sources known so far stay), or answers again. */
  onTracker?: (state: { type: "away"; error: PanalError } | { type: "back" }) => void;
  clock?: Clock;
}

/**
 * The peers that have a file, as sources for `download`, kept up to date until the signal fires: who comes is added,
 * who vanishes from the tracker is removed. While the tracker is away the known ones stay. Throws when the first
 * question isn't answered, and "not-found" when nobody has the file then.
 */
export async function followFileSources(options: FollowFileSourcesOptions): Promise<SourceList> {
  const { fileId, tracker, signal, clock = systemClock } = options;
  const list = createSourceList();
  /** What each source was made from, to see when a peer moves to other addresses. */
  const endpointsOf = new Map<string, string>();

  function update(details: FileDetails | undefined): void {
    options.onDetails?.(details);
    const peers = (details?.peers ?? []).filter((peer) => options.isExcluded?.(peer) !== true);
    const alive = new Set(peers.map(({ peerId }) => peerId));
    for (const peerId of endpointsOf.keys()) {
      if (alive.has(peerId)) continue;
      endpointsOf.delete(peerId);
      list.remove(peerId);
    }
    for (const { peerId, name, endpoints } of peers) {
      const key = JSON.stringify(endpoints);
      if (endpointsOf.get(peerId) === key) continue;
      endpointsOf.set(peerId, key);
      list.add(options.createSource({ id: peerId, name, endpoints }));
    }
  }

  async function poll(): Promise<void> {
    let isAway = false;
    for (;;) {
      await clock.sleep(POLL_MS, signal);
      try {
        update(await tracker.getFile(fileId, { signal }));
        if (isAway) options.onTracker?.({ type: "back" });
        isAway = false;
      } catch (error) {
        if (isAbort(error)) throw error;
        if (!isAway) options.onTracker?.({ type: "away", error: PanalError.from(error) });
        isAway = true;
      }
    }
  }

  const details = await tracker.getFile(fileId, { signal });
  if (details === undefined) throw new PanalError("not-found", `no live peer has ${fileId}`);
  update(details);
  // Ends with the signal, and only so.
  void poll().catch(() => {});
  return list;
}
