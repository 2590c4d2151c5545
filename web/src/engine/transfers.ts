import { PanalError, type TrackerClient } from "@panal/sdk";
import type { PickedFileStore } from "@panal/sdk/browser";
import {
  type ByteRange,
  type FileId,
  fileIdLength,
  type HashBlocks,
  type Manifest,
} from "@panal/sdk/content";
import type { PeerSourceOptions } from "@panal/sdk/rpc";
import {
  type Clock,
  type RateLimit,
  type ReadableStore,
  type Source,
  type Store,
  download,
  systemClock,
} from "@panal/sdk/transfer";
import type { ChangeQueue } from "./change-queue.ts";
import type { PickedTarget, StartRequest, TransferTarget, WatchRequest } from "./engine-api.ts";
import { createFileReader, endOf, type FileReader } from "./file-reader.ts";
import { findSources } from "./find-sources.ts";
import { createGrowingFile, type GrowingFile } from "./growing-file.ts";
import { createPassingStore } from "./passing-store.ts";
import { createReadAlongStore, type ReadAlongStore } from "./read-along-store.ts";
import { readSmall } from "./read-small.ts";
import { readThrough } from "./read-through.ts";

interface TransfersDeps {
  tracker: TrackerClient;
  /** What is told of the downloads that the page shows. */
  queue: Pick<ChangeQueue, "add" | "addEvent">;
  createSource(options: PeerSourceOptions): Source;
  createPickedStore(target: PickedTarget): PickedFileStore;
  /** Whether a picked file may be written without asking anybody. */
  mayWrite(handle: FileSystemFileHandle): Promise<boolean>;
  createBrowserStore(request: { fileId: FileId; name: string }): ReadableStore;
  /** What the browser's storage has of a file. */
  findKept(fileId: FileId): Promise<{ isComplete: boolean } | undefined>;
  removeKept(fileId: FileId): Promise<void>;
  /** A complete file in the browser's storage. */
  openComplete(fileId: FileId, name: string): Promise<Blob | undefined>;
  hashBlocks: HashBlocks;
  /** Of all downloads together. */
  speedLimit?: RateLimit;
  clock?: Clock;
}

interface RunOptions {
  readonly store: Store;
  readonly reader: FileReader;
  readonly signal: AbortSignal;
  /** Nothing is told of it. */
  readonly isQuiet: boolean;
  /** Peers that it doesn't ask. */
  readonly isExcluded?: (peer: { readonly peerId: string }) => boolean;
}

interface Running {
  readonly stop: AbortController;
  /** Settles when its files are closed. */
  readonly ended: Promise<void>;
  readonly reader: FileReader;
  /** What others may read of it. */
  readonly growing: GrowingFile;
  readonly target: TransferTarget;
  /** Of one that goes to a picked file. */
  readonly alongside: ReadAlongStore | undefined;
  /** Fetched only to be read, beside a download that rests. The page isn't told of it. */
  readonly isQuiet: boolean;
  /** It ends only to go on in another place: whoever reads from it reads from there then. */
  isMoving: boolean;
}

/** The downloads of this tab, each on its own, and who reads along. */
export function createTransfers(deps: TransfersDeps) {
  const { tracker, queue, hashBlocks, clock = systemClock } = deps;
  const running = new Map<FileId, Running>();
  const watched = new Map<FileId, WatchRequest>();
  /** Complete in a picked file by this page, which reads them there. */
  const saved = new Map<FileId, ReadableStore>();
  /** Those that others may read from. */
  const seeded = new Set<GrowingFile>();
  let ownPeerId: string | undefined;

  /** Runs a download to its end. Throws what ends it. */
  async function fetchFile(fileId: FileId, options: RunOptions): Promise<void> {
    const { store, reader, signal, isQuiet, isExcluded } = options;
    // Ends the following of its sources with the download, however that ends.
    const ended = new AbortController();
    try {
      const sources = await findSources({
        fileId,
        tracker,
        createSource: deps.createSource,
        clock,
        signal: AbortSignal.any([signal, ended.signal]),
        ...(isExcluded === undefined ? {} : { isExcluded }),
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
        reading: reader.reading,
        rateLimit: deps.speedLimit,
        onEvent(event) {
          reader.take(event);
          if (!isQuiet) queue.addEvent(fileId, event);
        },
      });
    } finally {
      ended.abort();
    }
  }

  /** Gives what ended it; undefined when it is complete. */
  async function run(fileId: FileId, options: RunOptions): Promise<PanalError | undefined> {
    const { reader, isQuiet } = options;
    try {
      await fetchFile(fileId, options);
      reader.end();
      if (!isQuiet) queue.add(fileId, { type: "done" });
      return undefined;
    } catch (error) {
      reader.end(endOf(error));
      const failure = PanalError.from(error);
      const { code, message } = failure;
      if (!isQuiet)
        queue.add(fileId, code === "aborted" ? { type: "paused" } : { type: "failed", code, message });
      return failure;
    }
  }

  function storeFor({ fileId, name, target }: StartRequest) {
    const createStore = () => deps.createBrowserStore({ fileId, name });
    if (target.type === "browser") return { store: createStore(), alongside: undefined };
    const alongside = createReadAlongStore({
      picked: deps.createPickedStore(target),
      browser: {
        createStore,
        find: () => deps.findKept(fileId),
        whole: () => deps.openComplete(fileId, name),
        remove: () => deps.removeKept(fileId),
      },
    });
    return { store: alongside, alongside };
  }

  /** A download, or the rest of one. */
  function begin(request: StartRequest, { isWhole, isQuiet }: { isWhole: boolean; isQuiet: boolean }) {
    const { fileId, target } = request;
    const { store: place, alongside } = storeFor(request);
    const growing = createGrowingFile(place, alongside?.readable);
    const { store } = growing;
    if (watched.has(fileId)) void alongside?.readAlong(true);
    const reader = createFileReader(fileId, store);
    reader.reading.wantWhole(isWhole);
    const stop = new AbortController();
    if (!isQuiet) {
      queue.add(fileId, { type: "finding" });
      queue.add(fileId, { type: "wanted", isWhole });
    }
    async function runToEnd(): Promise<void> {
      // Others of this browser may share the whole file: those are asked, as long as this isn't among what is shared.
      const isExcluded = ({ peerId }: { peerId: string }) => peerId === ownPeerId && seeded.has(growing);
      const failure = await run(fileId, { store, reader, signal: stop.signal, isQuiet, isExcluded });
      running.delete(fileId);
      seeded.delete(growing);
      if (alongside === undefined) return;
      if (failure === undefined) return void saved.set(fileId, alongside);
      const watcher = watched.get(fileId);
      // What the picked file refuses can be watched all the same.
      if (watcher !== undefined && failure.code !== "aborted")
        watched.set(fileId, { ...watcher, picked: undefined });
    }
    const ended = runToEnd();
    const entry: Running = { stop, ended, reader, growing, target, alongside, isQuiet, isMoving: false };
    running.set(fileId, entry);
    return entry;
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

  async function isComplete({ fileId, name }: Pick<WatchRequest, "fileId" | "name">): Promise<boolean> {
    return saved.has(fileId) || (await deps.openComplete(fileId, name)) !== undefined;
  }

  /** Of a complete file on this disk; undefined when there is none. */
  async function readComplete(
    { fileId, name }: Pick<WatchRequest, "fileId" | "name">,
    range: ByteRange,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      const bytes = await saved.get(fileId)?.read(range);
      if (bytes !== undefined) return bytes;
    } catch {
      // Somebody changed it, or put it elsewhere.
      saved.delete(fileId);
    }
    const file = await deps.openComplete(fileId, name);
    return file && new Uint8Array(await file.slice(range.start, range.end).arrayBuffer());
  }

  /** Somebody is about to read: the download runs, unless the file is complete. */
  async function makeReadable(request: WatchRequest): Promise<Running | undefined> {
    const { fileId, name, picked, isApart } = request;
    for (;;) {
      const entry = running.get(fileId);
      if (entry !== undefined && !entry.stop.signal.aborted) return entry;
      // One that was just stopped: its files have to be closed first.
      await entry?.ended;
      if (await isComplete(request)) return undefined;
      const isWritable = picked !== undefined && (await deps.mayWrite(picked.handle));
      if (running.has(fileId)) continue;
      const target: TransferTarget = isWritable ? picked : { type: "browser" };
      return begin({ fileId, name, target }, { isWhole: false, isQuiet: isApart && !isWritable });
    }
  }

  /** Whether a download that runs already goes where it is wanted. */
  async function goesTo({ target, isQuiet, stop }: Running, wanted: TransferTarget): Promise<boolean> {
    if (isQuiet || stop.signal.aborted) return false;
    if (target.type === "browser" || wanted.type === "browser") return target.type === wanted.type;
    return target.handle.isSameEntry(wanted.handle).catch(() => false);
  }

  function want(fileId: FileId, entry: Running, isWhole: boolean): void {
    entry.reader.reading.wantWhole(isWhole);
    queue.add(fileId, { type: "wanted", isWhole });
  }

  return {
    /** Settles when it runs. One that goes to another place ends there, and takes over what it has. */
    async start(request: StartRequest): Promise<void> {
      const { fileId, target } = request;
      for (;;) {
        const entry = running.get(fileId);
        if (entry === undefined) break;
        const isThere = await goesTo(entry, target);
        if (running.get(fileId) !== entry) continue;
        if (isThere) return want(fileId, entry, true);
        entry.isMoving = true;
        await end(entry);
      }
      const watcher = watched.get(fileId);
      const picked = target.type === "picked" ? target : undefined;
      if (watcher !== undefined) watched.set(fileId, { ...watcher, picked, isApart: picked !== undefined });
      begin(request, { isWhole: true, isQuiet: false });
    },

    /** One that is watched goes on with what is read of it. Settles when its files are closed, else. */
    async pause(fileId: FileId): Promise<void> {
      const entry = running.get(fileId);
      if (entry === undefined || entry.isQuiet) return;
      if (watched.has(fileId)) return want(fileId, entry, false);
      await end(entry);
    },

    /** Settles when its files are closed. What a picked file has is forgotten, too. */
    async stop(fileId: FileId): Promise<void> {
      await end(running.get(fileId));
      saved.delete(fileId);
    },

    async watch(request: WatchRequest): Promise<void> {
      const { fileId } = request;
      watched.set(fileId, request);
      const entry = await makeReadable(request);
      if (watched.has(fileId)) await entry?.alongside?.readAlong(true);
    },

    async unwatch(fileId: FileId): Promise<void> {
      watched.delete(fileId);
      const entry = running.get(fileId);
      if (entry === undefined) return;
      if (entry.reader.reading.isWholeWanted) await entry.alongside?.readAlong(false);
      else await end(entry);
    },

    /** Verified bytes from `range.start` on, one at least, as soon as they are there. */
    async read(
      { fileId, name, ...range }: ByteRange & { fileId: FileId; name: string },
      signal: AbortSignal,
    ): Promise<Uint8Array<ArrayBuffer>> {
      for (;;) {
        const request = watched.get(fileId);
        // Not for a late question of a player that is gone: nobody would end what it starts.
        const entry = request === undefined ? running.get(fileId) : await makeReadable(request);
        if (entry === undefined) {
          const bytes = await readComplete({ fileId, name }, range);
          if (bytes !== undefined) return bytes;
          if (request === undefined) throw new PanalError("not-found", `${name} isn't being watched`);
          continue;
        }
        // To read of a picked file that nobody watches would cost a checkpoint for each piece.
        if (request === undefined && entry.alongside !== undefined)
          throw new PanalError("not-found", `${name} isn't being watched`);
        try {
          return await entry.reader.read(range, signal);
        } catch (error) {
          if (!entry.isMoving || signal.aborted) throw error;
          await entry.ended;
        }
      }
    },

    /**
     * A file from its beginning to its end, verified: from this disk what is complete there, or from the download that
     * brings it into the browser's storage; else it is fetched, just ahead of who reads.
     */
    readThrough({ fileId, name }: { fileId: FileId; name: string }, signal: AbortSignal) {
      return readThrough(fileIdLength(fileId), {
        signal,
        // To read of a picked file as it comes would cost a checkpoint for each piece.
        along() {
          const entry = running.get(fileId);
          return entry?.alongside === undefined ? entry?.reader : undefined;
        },
        complete: (range) => readComplete({ fileId, name }, range),
        startPassing: (stopped) => startPassing(fileId, stopped),
      });
    },

    /** What others may read of one that runs, from now on; undefined while nothing of it is there. */
    openSeed(fileId: FileId): { growing: GrowingFile; manifest: Manifest } | undefined {
      const growing = running.get(fileId)?.growing;
      if (growing?.manifest === undefined || growing.pieces() === undefined) return undefined;
      seeded.add(growing);
      return { growing, manifest: growing.manifest };
    },

    setOwnPeer(peerId: string): void {
      ownPeerId = peerId;
    },

    /** For who reads from a store of their own. Settles when it has ended. */
    async fetchQuietly(fileId: FileId, options: Omit<RunOptions, "isQuiet">): Promise<void> {
      await run(fileId, { ...options, isQuiet: true });
    },

    /** A small file, in memory. Rejects when nobody has it. */
    readSmall: (fileId: FileId, signal: AbortSignal): Promise<Uint8Array> =>
      readSmall(fileId, { tracker, createSource: deps.createSource, hashBlocks, clock, signal }),
  };
}
