import { PanalError, type TrackerClient, followFileSources, isAbort } from "@panal/sdk";
import type { FileId } from "@panal/sdk/content";
import type { PeerSourceOptions } from "@panal/sdk/rpc";
import {
  type Clock,
  type Source,
  type SourceList,
  type Store,
  download,
  systemClock,
} from "@panal/sdk/transfer";
import type { HashBlocks } from "@panal/sdk/content";
import type { ChangeQueue } from "./change-queue.ts";
import type { StartRequest } from "./engine-api.ts";

/** When nobody has the file, or the tracker is away: how long until it is asked again. */
const FIND_AGAIN_MS = 3_000;

interface TransfersDeps {
  tracker: TrackerClient;
  queue: ChangeQueue;
  createSource(options: PeerSourceOptions): Source;
  createStore(request: StartRequest): Store;
  hashBlocks: HashBlocks;
  clock?: Clock;
}

/** The downloads of this tab, each on its own. */
export function createTransfers({
  tracker,
  queue,
  createSource,
  createStore,
  hashBlocks,
  clock = systemClock,
}: TransfersDeps) {
  const running = new Map<FileId, { stop: AbortController; ended: Promise<void> }>();

  /** The file's peers; waits, and says so, until there is one. */
  async function findSources(fileId: FileId, signal: AbortSignal): Promise<SourceList> {
    for (;;) {
      try {
        return await followFileSources({ fileId, tracker, createSource, signal, clock });
      } catch (error) {
        if (isAbort(error) || signal.aborted) throw error;
        const { code } = PanalError.from(error);
        if (code !== "not-found" && code !== "unreachable" && code !== "timeout" && code !== "busy")
          throw error;
        queue.add(fileId, { type: "waiting" });
        await clock.sleep(FIND_AGAIN_MS, signal);
      }
    }
  }

  async function run(request: StartRequest, signal: AbortSignal): Promise<void> {
    const { fileId } = request;
    // Ends the following of its sources with the download, however that ends.
    const ended = new AbortController();
    try {
      const sources = await findSources(fileId, AbortSignal.any([signal, ended.signal]));
      queue.add(fileId, { type: "running" });
      await download({
        fileId,
        sources,
        store: createStore(request),
        signal,
        hashBlocks,
        clock,
        onEvent: (event) => queue.addEvent(fileId, event),
      });
      queue.add(fileId, { type: "done" });
    } catch (error) {
      const { code, message } = PanalError.from(error);
      queue.add(fileId, code === "aborted" ? { type: "paused" } : { type: "failed", code, message });
    } finally {
      ended.abort();
    }
  }

  return {
    start(request: StartRequest): void {
      const { fileId } = request;
      if (running.has(fileId)) return;
      queue.add(fileId, { type: "finding" });
      const stop = new AbortController();
      const ended = run(request, stop.signal).finally(() => running.delete(fileId));
      running.set(fileId, { stop, ended });
    },
    /** Settles when its files are closed. */
    async stop(fileId: FileId): Promise<void> {
      const transfer = running.get(fileId);
      transfer?.stop.abort();
      await transfer?.ended;
    },
  };
}
