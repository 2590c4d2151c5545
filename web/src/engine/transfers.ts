import { PanalError, type TrackerClient, followFileSources, isAbort } from "@panal/sdk";
import { type ByteRange, type FileId, fileIdLength } from "@panal/sdk/content";
import type { HashBlocks } from "@panal/sdk/content";
import type { PeerSourceOptions } from "@panal/sdk/rpc";
import {
  type Clock,
  type RateLimit,
  type ReadableStore,
  type Source,
  type SourceList,
  type Store,
  createMemoryStore,
  download,
  systemClock,
} from "@panal/sdk/transfer";
import type { ChangeQueue } from "./change-queue.ts";
import {
  MAX_READ_BYTES,
  MAX_SMALL_FILE_BYTES,
  type PickedTarget,
  type StartRequest,
  type WatchRequest,
} from "./engine-api.ts";
import { createFileReader, endOf, type FileReader } from "./file-reader.ts";
import { createPassingStore } from "./passing-store.ts";

/** When nobody has the file, or the tracker is away: how long until it is asked again. */
const FIND_AGAIN_MS = 3_000;

interface TransfersDeps {
  tracker: TrackerClient;
  /** What is told of the downloads that the page shows. */
  queue: Pick<ChangeQueue, "add" | "addEvent">;
  createSource(options: PeerSourceOptions): Source;
  /** A store for a target that can't be read before it is whole; undefined when it can. */
  createPickedStore(target: PickedTarget): Store;
  createBrowserStore(request: { fileId: FileId; name: string }): ReadableStore;
  /** A complete file in the browser's storage. */
  openComplete(fileId: FileId, name: string): Promise<Blob | undefined>;
  hashBlocks: HashBlocks;
  /** Of all downloads together. */
  speedLimit?: RateLimit;
  clock?: Clock;
}

interface RunOptions {
  readonly store: Store;
  readonly reader?: FileReader | undefined;
  readonly signal: AbortSignal;
  /** Nothing is told of it. */
  readonly isQuiet: boolean;
}

interface Running {
  readonly stop: AbortController;
  /** Settles when its files are closed. */
  readonly ended: Promise<void>;
  /** Undefined when it can't be read before it is whole. */
  readonly reader: FileReader | undefined;
}

/** The downloads of this tab, each on its own, and who reads along. */
export function createTransfers(deps: TransfersDeps) {
  const { tracker, queue, hashBlocks, clock = systemClock } = deps;
  const running = new Map<FileId, Running>();
  /** Fetched only to be read, beside a download that can't be. The page isn't told of them. */
  const apart = new Map<FileId, Running>();
  const watched = new Map<FileId, WatchRequest>();

  /** The file's peers; waits, and says so, until there is one. */
  async function findSources(
    fileId: FileId,
    { signal, onWaiting }: { signal: AbortSignal; onWaiting(): void },
  ): Promise<SourceList> {
    for (;;) {
      try {
        return await followFileSources({ fileId, tracker, createSource: deps.createSource, signal, clock });
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

  /** Runs a download to its end. Throws what ends it. */
  async function fetchFile(fileId: FileId, { store, reader, signal, isQuiet }: RunOptions): Promise<void> {
    // Ends the following of its sources with the download, however that ends.
    const ended = new AbortController();
    try {
      const sources = await findSources(fileId, {
        signal: AbortSignal.any([signal, ended.signal]),
        onWaiting: () => isQuiet || queue.add(fileId, { type: "waiting" }),
      });
      if (!isQuiet) queue.add(fileId, { type: "running" });
      await download({
        fileId,
        sources,
        store,
        signal,
        hashBlocks,
        clock,
        reading: reader?.reading,
        rateLimit: deps.speedLimit,
        onEvent(event) {
          reader?.take(event);
          if (!isQuiet) queue.addEvent(fileId, event);
        },
      });
    } finally {
      ended.abort();
    }
  }

  async function run(fileId: FileId, options: RunOptions): Promise<void> {
    const { reader, isQuiet } = options;
    try {
      await fetchFile(fileId, options);
      reader?.end();
      if (!isQuiet) queue.add(fileId, { type: "done" });
    } catch (error) {
      reader?.end(endOf(error));
      const { code, message } = PanalError.from(error);
      if (isQuiet) return;
      queue.add(fileId, code === "aborted" ? { type: "paused" } : { type: "failed", code, message });
    }
  }

  /** Starts a download that can be read, or goes on with one. */
  function startReadable(
    { fileId, name }: { fileId: FileId; name: string },
    { isWhole, isApart }: { isWhole: boolean; isApart: boolean },
  ): Running {
    const group = isApart ? apart : running;
    const store = deps.createBrowserStore({ fileId, name });
    const reader = createFileReader(fileId, store);
    reader.reading.wantWhole(isWhole);
    const stop = new AbortController();
    if (!isApart) {
      queue.add(fileId, { type: "finding" });
      queue.add(fileId, { type: "wanted", isWhole });
    }
    const ended = run(fileId, { store, reader, signal: stop.signal, isQuiet: isApart }).finally(() =>
      group.delete(fileId),
    );
    const entry = { stop, ended, reader };
    group.set(fileId, entry);
    return entry;
  }

  function readable(fileId: FileId): Running | undefined {
    const entry = running.get(fileId);
    return entry?.reader === undefined ? apart.get(fileId) : entry;
  }

  async function end(entry: Running | undefined): Promise<void> {
    entry?.stop.abort();
    await entry?.ended;
  }

  /** A reader of its own for one who reads once from the beginning on; nothing is told of it, and nothing kept. */
  function startPassing(fileId: FileId, signal: AbortSignal): FileReader {
    const store = createPassingStore();
    const reader = createFileReader(fileId, store);
    void run(fileId, { store, reader, signal, isQuiet: true });
    return reader;
  }

  /** Somebody is about to read: the download runs, unless the file is complete. */
  async function makeReadable(request: WatchRequest): Promise<Running | undefined> {
    const { fileId, name, isApart } = request;
    for (;;) {
      const entry = readable(fileId);
      if (entry !== undefined && !entry.stop.signal.aborted) return entry;
      // One that was just stopped: its files have to be closed first.
      await entry?.ended;
      if ((await deps.openComplete(fileId, name)) !== undefined) return undefined;
      if (readable(fileId) === undefined) return startReadable({ fileId, name }, { isWhole: false, isApart });
    }
  }

  function want(fileId: FileId, entry: Running, isWhole: boolean): void {
    entry.reader?.reading.wantWhole(isWhole);
    queue.add(fileId, { type: "wanted", isWhole });
  }

  return {
    start(request: StartRequest): void {
      const { fileId, name, target } = request;
      const entry = running.get(fileId);
      if (entry !== undefined) return want(fileId, entry, true);
      if (target.type === "browser") {
        startReadable({ fileId, name }, { isWhole: true, isApart: false });
        return;
      }
      queue.add(fileId, { type: "finding" });
      const stop = new AbortController();
      const store = deps.createPickedStore(target);
      const ended = run(fileId, { store, signal: stop.signal, isQuiet: false }).finally(() =>
        running.delete(fileId),
      );
      running.set(fileId, { stop, ended, reader: undefined });
    },

    /** One that is watched goes on with what is read of it. Settles when its files are closed, else. */
    async pause(fileId: FileId): Promise<void> {
      const entry = running.get(fileId);
      if (entry?.reader !== undefined && watched.has(fileId)) return want(fileId, entry, false);
      await end(entry);
    },

    /** Settles when its files are closed. */
    async stop(fileId: FileId): Promise<void> {
      await Promise.all([end(running.get(fileId)), end(apart.get(fileId))]);
    },

    async watch(request: WatchRequest): Promise<void> {
      watched.set(request.fileId, request);
      await makeReadable(request);
    },

    async unwatch(fileId: FileId): Promise<void> {
      watched.delete(fileId);
      const entry = running.get(fileId);
      const isOnlyRead = entry?.reader?.reading.isWholeWanted === false;
      await Promise.all([isOnlyRead ? end(entry) : undefined, end(apart.get(fileId))]);
    },

    /** Verified bytes from `range.start` on, one at least, as soon as they are there. */
    async read(
      { fileId, name, ...range }: ByteRange & { fileId: FileId; name: string },
      signal: AbortSignal,
    ): Promise<Uint8Array<ArrayBuffer>> {
      const request = watched.get(fileId);
      // Not for a late question of a player that is gone: nobody would end what it starts.
      const entry = request === undefined ? readable(fileId) : await makeReadable(request);
      if (entry?.reader !== undefined) return entry.reader.read(range, signal);
      const file = await deps.openComplete(fileId, name);
      if (file === undefined) throw new PanalError("not-found", `${name} isn't being watched`);
      return new Uint8Array(await file.slice(range.start, range.end).arrayBuffer());
    },

    /**
     * A file from its beginning to its end, verified: what the browser's storage has of it from there, or from the download
     * that brings it there; else it is fetched, just ahead of who reads.
     */
    async *readThrough(
      { fileId, name }: { fileId: FileId; name: string },
      signal: AbortSignal,
    ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
      const lengthBytes = fileIdLength(fileId);
      const ended = new AbortController();
      const stopped = AbortSignal.any([signal, ended.signal]);
      let passing: FileReader | undefined;
      try {
        for (let start = 0; start < lengthBytes;) {
          const end = Math.min(lengthBytes, start + MAX_READ_BYTES);
          const along = passing === undefined ? running.get(fileId)?.reader : undefined;
          const isElsewhere = passing === undefined && along === undefined;
          const kept = isElsewhere ? await deps.openComplete(fileId, name) : undefined;
          let bytes: Uint8Array<ArrayBuffer>;
          if (kept !== undefined) bytes = new Uint8Array(await kept.slice(start, end).arrayBuffer());
          else {
            passing ??= along === undefined ? startPassing(fileId, stopped) : undefined;
            try {
              bytes = await (passing ?? along!).read({ start, end }, stopped);
            } catch (error) {
              // Somebody paused the other download: this one goes on by itself.
              if (passing !== undefined || stopped.aborted || !isAbort(error)) throw error;
              passing = startPassing(fileId, stopped);
              continue;
            }
          }
          yield bytes;
          start += bytes.length;
        }
      } finally {
        ended.abort();
      }
    },

    /** For who reads from a store of their own. Settles when it has ended. */
    fetchQuietly: (fileId: FileId, options: Omit<RunOptions, "isQuiet">): Promise<void> =>
      run(fileId, { ...options, isQuiet: true }),

    /** A small file, in memory. Rejects when nobody has it. */
    async readSmall(fileId: FileId, signal: AbortSignal): Promise<Uint8Array> {
      const lengthBytes = fileIdLength(fileId);
      if (lengthBytes > MAX_SMALL_FILE_BYTES) throw new PanalError("too-large", `${lengthBytes} bytes`);
      const ended = new AbortController();
      try {
        const sources = await followFileSources({
          fileId,
          tracker,
          createSource: deps.createSource,
          signal: AbortSignal.any([signal, ended.signal]),
          clock,
        });
        const store = createMemoryStore();
        await download({ fileId, sources, store, signal, hashBlocks, clock });
        return store.bytes!;
      } finally {
        ended.abort();
      }
    },
  };
}
