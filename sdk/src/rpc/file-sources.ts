import type { FileId } from "../content/file-id.ts";
import { PanalError, isAbort } from "../errors.ts";
import type { FileDetails } from "../tracker/api.ts";
import type { TrackerClient } from "../tracker/tracker-client.ts";
import type { trackerEvents } from "../tracker/tracker-events.ts";
import { type Clock, systemClock } from "../transfer/clock.ts";
import type { Source } from "../transfer/source.ts";
import { type SourceList, type SourceProblem, createSourceList } from "../transfer/source-list.ts";
import type { PeerSourceOptions } from "./peer-source.ts";

/** How often the tracker is asked who has the file while a download runs. */
const POLL_MS = 5_000;
/** The same while the tracker tells by itself: for what no event is made of. */
const POLL_WITH_EVENTS_MS = 30_000;
/** Between two questions, however much happens. */
const MIN_GAP_MS = 500;

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
  /**
   * `trackerEvents`, to see peers come and go at once; without it, and while its stream isn't there, the tracker is asked
   * every five seconds. In a page it takes one of the six connections that HTTP/1.1 has for an origin.
   */
  events?: typeof trackerEvents;
  /**
   * Whether the tracker is told of peers that send wrong bytes, or don't answer while others do. Default true. Trackers that
   * don't want to know aren't told.
   */
  reports?: boolean;
  clock?: Clock;
}

/**
 * The peers that have a file, as sources for `download`, kept up to date until the signal fires: who comes is added,
 * who vanishes from the tracker is removed. While the tracker is away the known ones stay. Throws when the first
 * question isn't answered, and "not-found" when nobody has the file then.
 */
export async function followFileSources(options: FollowFileSourcesOptions): Promise<SourceList> {
  const { fileId, tracker, signal, clock = systemClock } = options;
  const list = createSourceList([], { onProblem: tellTracker });
  /** What each source was made from, to see when a peer moves to other addresses. */
  const endpointsOf = new Map<string, string>();
  /** Those the tracker gave, and takes reports about. */
  const reportable = new Set<string>();

  function tellTracker({ sourceId: peerId, reason }: SourceProblem): void {
    if (options.reports === false || !reportable.has(peerId)) return;
    // For others: nothing here depends on it.
    tracker.reportSource(fileId, { peerId, reason }).catch(() => {});
  }

  function update(details: FileDetails | undefined): void {
    options.onDetails?.(details);
    const peers = (details?.peers ?? []).filter((peer) => options.isExcluded?.(peer) !== true);
    const alive = new Set(peers.map(({ peerId }) => peerId));
    for (const peerId of endpointsOf.keys()) {
      if (alive.has(peerId)) continue;
      endpointsOf.delete(peerId);
      list.remove(peerId);
    }
    for (const { peerId, name, endpoints, reports } of peers) {
      if (reports !== undefined) reportable.add(peerId);
      // What the tracker finds there, and orders them by, is no reason to begin anew.
      const key = endpoints
        .map(({ url, route }) => `${route} ${url}`)
        .sort()
        .join(" ");
      if (endpointsOf.get(peerId) === key) continue;
      endpointsOf.set(peerId, key);
      list.add(options.createSource({ id: peerId, name, endpoints }));
    }
  }

  const news = createNews(clock);

  async function poll(): Promise<void> {
    let isAway = false;
    for (;;) {
      await news.next(signal);
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

  async function listen(events: typeof trackerEvents): Promise<void> {
    try {
      const stream = events({
        url: tracker.url,
        fileId,
        signal,
        clock,
        // What happened before it was there, or since it isn't, no event tells.
        onConnection: ({ type }) => news.listening(type === "open"),
      });
      for await (const _ of stream) news.arrived();
    } finally {
      news.listening(false);
    }
  }

  const details = await tracker.getFile(fileId, { signal });
  if (details === undefined) throw new PanalError("not-found", `no live peer has ${fileId}`);
  update(details);
  // Ends with the signal, and only so.
  void poll().catch(() => {});
  // Where there is no such stream, the tracker is asked as often as ever.
  if (options.events !== undefined) void listen(options.events).catch(() => {});
  return list;
}

/** When the tracker is to be asked again: as soon as something happened, and after a while in any case. */
function createNews(clock: Clock) {
  let isListening = false;
  let isDue = false;
  let askedAt = clock.now();
  let waiting = new AbortController();

  function arrived(): void {
    isDue = true;
    waiting.abort();
  }

  return {
    arrived,
    listening(isNow: boolean): void {
      if (isNow === isListening) return;
      isListening = isNow;
      arrived();
    },
    /** Rejects with "aborted" when the signal fires. */
    async next(signal: AbortSignal): Promise<void> {
      waiting = new AbortController();
      const pollMs = isListening ? POLL_WITH_EVENTS_MS : POLL_MS;
      try {
        if (!isDue) await clock.sleep(pollMs, AbortSignal.any([signal, waiting.signal]));
      } catch (error) {
        if (signal.aborted) throw error;
      }
      const earlyMs = askedAt + MIN_GAP_MS - clock.now();
      if (earlyMs > 0) await clock.sleep(earlyMs, signal);
      isDue = false;
      askedAt = clock.now();
    },
  };
}
