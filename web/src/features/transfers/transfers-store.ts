import { PanalError } from "@panal/sdk";
import { type FileId, fileIdLength, type Manifest } from "@panal/sdk/content";
import { mayUse } from "../../app/may-use.ts";
import type { KeptTransfer, StartRequest, TransferUpdate, WatchRequest } from "../../engine/engine-api.ts";
import { NO_SPEEDS } from "./speed-history.ts";
import { movedInQueue, nextStep, queueOf } from "./transfer-queue.ts";
import { applyChanges, isFetching, isUnderWay, type Transfer, type TransferPhase } from "./transfer-state.ts";

/** A worker that starts takes a moment; one that doesn't answer by then won't. */
const PING_TIMEOUT_MS = 5_000;
/** One has the peers' whole speed; others fill its gaps, and small ones don't wait for a large one. */
export const DEFAULT_AT_ONCE = 3;

/** The engine as the page sees it: every call is a message. */
export interface EngineClient {
  subscribe(listener: (updates: readonly TransferUpdate[]) => void): Promise<void>;
  start(request: StartRequest): Promise<void>;
  pause(fileId: FileId): Promise<void>;
  /** Rejects with a PanalError. */
  discard(fileId: FileId): Promise<void>;
  keep(request: StartRequest): Promise<void>;
  listKept(): Promise<KeptTransfer[]>;
  watch(request: WatchRequest): Promise<void>;
  unwatch(fileId: FileId): Promise<void>;
  openSeed(fileId: FileId, port: MessagePort): Promise<Manifest | undefined>;
  setOwnPeer(peerId: string): Promise<void>;
}

export interface TransfersState {
  /** By file id, the newest last. */
  readonly transfers: ReadonlyMap<FileId, Transfer>;
  /** The worker is gone: nothing goes on before a reload. */
  readonly isCrashed: boolean;
  /** What earlier pages left is known. */
  readonly isLoaded: boolean;
}

/** All transfers of this tab, and those that earlier pages left. Survives every change of view. */
export interface TransfersStore {
  subscribe(listener: () => void): () => void;
  state(): TransfersState;
  /** At once when there is room for it, else when its turn comes. */
  start(request: StartRequest): void;
  /** Thousands, told of once. */
  startAll(requests: readonly StartRequest[]): void;
  /** How many run at a time. */
  setAtOnce(count: number): void;
  /** A place further to the front (-1) or the back (1) of the queue. */
  move(fileId: FileId, step: -1 | 1): void;
  pauseAll(): void;
  /** Every one that rests and isn't complete. From a click, too. */
  resumeAll(): Promise<void>;
  /** Goes on with one that rests. Must be called from a click: a picked file may need a new permission. */
  resume(fileId: FileId): Promise<void>;
  pause(fileId: FileId): void;
  /** Makes ready to be read at a stream's URL: only what is read is fetched, and kept. */
  watch(file: { fileId: FileId; name: string }): void;
  /** The rest isn't fetched any more, unless it is wanted; without anything kept it is forgotten. */
  unwatch(fileId: FileId): void;
  /** Stops it and removes what is there; a file that was saved to a picked place stays. */
  discard(fileId: FileId): Promise<void>;
  /** A complete one in the browser's storage was handed over. */
  saved(fileId: FileId): void;
  /** Lets others read at the port what a running one has; undefined while that is nothing. */
  openSeed(fileId: FileId, port: MessagePort): Promise<Manifest | undefined>;
  /** Who this browser is to others. */
  setOwnPeer(peerId: string): void;
  crashed(): void;
  /** Settles when the worker answers. */
  ping(): Promise<void>;
}

interface TransfersStoreDeps {
  engine: EngineClient;
  now(): number;
  /** Calls it then; gives what prevents that. */
  after(ms: number, run: () => void): () => void;
  /** A download into the browser's storage is complete. */
  onKept(transfer: Transfer): void;
  onRemoved(fileId: FileId): void;
}

export function createTransfersStore(deps: TransfersStoreDeps): TransfersStore {
  const { engine, now, after, onKept, onRemoved } = deps;
  let state: TransfersState = { transfers: new Map(), isCrashed: false, isLoaded: false };
  const listeners = new Set<() => void>();
  /** What is told of these while they are being removed is of no interest. */
  const discarding = new Set<FileId>();
  let atOnce = DEFAULT_AT_ONCE;
  const waitingSinceMs = new Map<FileId, number>();
  const read = new Set<FileId>();
  /** Go into the queue again when they have stopped. */
  const requeued = new Set<FileId>();
  let stopTimer = () => {};

  function set(next: Partial<TransfersState>): void {
    state = { ...state, ...next };
    for (const listener of listeners) listener();
  }

  function put(transfer: Transfer): void {
    set({ transfers: new Map(state.transfers).set(transfer.fileId, transfer) });
  }

  function remove(fileId: FileId): void {
    const transfers = new Map(state.transfers);
    transfers.delete(fileId);
    set({ transfers });
    onRemoved(fileId);
  }

  /** Of those that are there still. */
  function setPhases(which: readonly Pick<Transfer, "fileId">[], phase: TransferPhase): void {
    const transfers = new Map(state.transfers);
    for (const { fileId } of which) {
      const transfer = transfers.get(fileId);
      if (transfer !== undefined) transfers.set(fileId, { ...transfer, phase });
    }
    set({ transfers });
  }

  function setPhase(fileId: FileId, phase: TransferPhase): void {
    setPhases([{ fileId }], phase);
  }

  function failed(fileId: FileId, error: unknown): void {
    const { code, message } = PanalError.from(error);
    setPhase(fileId, { type: "failed", code, message });
  }

  function take(updates: readonly TransferUpdate[]): void {
    const transfers = new Map(state.transfers);
    const kept: Transfer[] = [];
    for (const { fileId, changes } of updates) {
      const before = transfers.get(fileId);
      if (before === undefined || discarding.has(fileId)) continue;
      const changed = applyChanges(before, changes, now());
      const { phase } = changed;
      transfers.set(fileId, changed);
      if (phase.type !== "waiting") waitingSinceMs.delete(fileId);
      else if (before.phase.type !== "waiting") waitingSinceMs.set(fileId, now());
      if (phase.type !== "stopping" && requeued.delete(fileId) && phase.type === "paused") {
        transfers.delete(fileId);
        transfers.set(fileId, { ...changed, phase: { type: "queued" } });
      }
      const isNewlyDone = phase.type === "done" && before.phase.type !== "done";
      // Of what was only watched, nothing is put into anybody's downloads.
      if (isNewlyDone && changed.isWhole && changed.target.type === "browser") kept.push(changed);
    }
    set({ transfers });
    for (const transfer of kept) onKept(transfer);
    beginNext();
  }

  function begin({ fileId, name, target }: StartRequest): void {
    setPhase(fileId, { type: "starting" });
    engine.start({ fileId, name, target }).catch((error: unknown) => failed(fileId, error));
  }

  function stop(fileId: FileId): void {
    setPhase(fileId, { type: "stopping" });
    engine.pause(fileId).catch((error: unknown) => failed(fileId, error));
  }

  function beginNext(): void {
    stopTimer();
    for (;;) {
      const step = nextStep(state.transfers, { atOnce, waitingSinceMs, read, nowMs: now() });
      switch (step.type) {
        case "begin":
          begin(step.transfer);
          break;
        case "requeue":
          requeued.add(step.transfer.fileId);
          stop(step.transfer.fileId);
          break;
        case "later":
          stopTimer = after(step.ms, beginNext);
          return;
        case "none":
          return;
      }
    }
  }

  function startAll(requests: readonly StartRequest[]): void {
    const transfers = new Map(state.transfers);
    const read: StartRequest[] = [];
    const queued: StartRequest[] = [];
    for (const request of requests) {
      const { fileId } = request;
      const before = transfers.get(fileId);
      if (before !== undefined && isFetching(before)) continue;
      const isRead = before !== undefined && isUnderWay(before);
      transfers.set(fileId, {
        ...(before ?? restingTransfer({ ...request, ...nothingYet(fileId) })),
        ...request,
        isWhole: true,
        phase: isRead ? before.phase : { type: "queued" },
      });
      (isRead ? read : queued).push(request);
    }
    set({ transfers });
    // One that is read already runs.
    for (const request of read)
      engine.start(request).catch((error: unknown) => failed(request.fileId, error));
    beginNext();
    for (const request of queued) {
      const { fileId } = request;
      if (state.transfers.get(fileId)?.phase.type !== "queued") continue;
      engine.keep(request).catch((error: unknown) => failed(fileId, error));
    }
  }

  /** Must be called from a click. */
  async function resume(resting: readonly Transfer[]): Promise<void> {
    const allowed: Transfer[] = [];
    const refused: Transfer[] = [];
    for (const transfer of resting) {
      const { target } = transfer;
      const isAllowed = target.type === "browser" || (await mayUse(target.handle, "readwrite"));
      (isAllowed ? allowed : refused).push(transfer);
    }
    // Somebody may have been asked for a while: what was discarded or begun meanwhile is left alone.
    const isResting = ({ fileId }: Transfer) => {
      const now = state.transfers.get(fileId);
      return now !== undefined && !isUnderWay(now);
    };
    if (refused.length > 0) {
      const message = "permission was refused";
      setPhases(refused.filter(isResting), { type: "failed", code: "no-permission", message });
    }
    startAll(allowed.filter(isResting).map(({ fileId, name, target }) => ({ fileId, name, target })));
  }

  async function loadKept(): Promise<void> {
    const found = await engine.listKept();
    // Only now: one that was started meanwhile must not get lost.
    const transfers = new Map(state.transfers);
    for (const kept of found) {
      if (!transfers.has(kept.fileId)) transfers.set(kept.fileId, restingTransfer(kept));
    }
    set({ transfers });
  }

  // Without storage there is nothing to list, and what the worker can't do is said when somebody asks for it.
  void engine
    .subscribe(take)
    .then(loadKept)
    .catch(() => {})
    .finally(() => set({ isLoaded: true }));

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: () => state,
    start: (request) => startAll([request]),
    startAll,
    setAtOnce(count) {
      atOnce = count;
      beginNext();
    },
    move: (fileId, step) => set({ transfers: movedInQueue(state.transfers, fileId, step) }),
    pauseAll() {
      // Those in the queue first, else each would begin where another one stops.
      const fetching = [...state.transfers.values()].filter(isFetching);
      setPhases(queueOf(state.transfers), { type: "paused" });
      for (const { fileId, phase } of fetching) if (phase.type !== "queued") this.pause(fileId);
    },
    async resumeAll() {
      const resting = [...state.transfers.values()].filter(
        ({ phase }) => phase.type === "paused" || phase.type === "failed",
      );
      await resume(resting);
    },
    async resume(fileId) {
      const transfer = state.transfers.get(fileId);
      if (transfer !== undefined) await resume([transfer]);
    },
    pause(fileId) {
      requeued.delete(fileId);
      if (state.transfers.get(fileId)?.phase.type === "queued") setPhase(fileId, { type: "paused" });
      else stop(fileId);
    },
    watch({ fileId, name }) {
      const before = state.transfers.get(fileId);
      read.add(fileId);
      // Somebody wants it now.
      const isInQueue = requeued.delete(fileId) || before?.phase.type === "queued";
      if (isInQueue && before !== undefined) begin(before);
      const { target, phase } = before ?? {};
      const isApart = target?.type === "picked";
      // One that has failed there isn't tried again by who only watches.
      const picked = isApart && phase?.type !== "failed" && phase?.type !== "done" ? target : undefined;
      if (before === undefined || (!isApart && !isUnderWay(before) && before.phase.type !== "done")) {
        const resting = { fileId, name, target: { type: "browser" } as const, ...nothingYet(fileId) };
        put({ ...(before ?? restingTransfer(resting)), isWhole: false, phase: { type: "starting" } });
      }
      engine.watch({ fileId, name, picked, isApart }).catch((error: unknown) => failed(fileId, error));
    },
    unwatch(fileId) {
      read.delete(fileId);
      engine
        .unwatch(fileId)
        .then(() => {
          const left = state.transfers.get(fileId);
          const isOnlyWatched = left?.isWhole === false && left.target.type === "browser";
          if (isOnlyWatched && left.verifiedBytes === 0) void this.discard(fileId);
        })
        .catch((error: unknown) => failed(fileId, error));
    },
    async discard(fileId) {
      discarding.add(fileId);
      requeued.delete(fileId);
      setPhase(fileId, { type: "stopping" });
      try {
        await engine.discard(fileId);
        remove(fileId);
      } catch (error) {
        failed(fileId, error);
      } finally {
        discarding.delete(fileId);
        beginNext();
      }
    },
    saved(fileId) {
      const transfer = state.transfers.get(fileId);
      if (transfer?.isWhole === false) put({ ...transfer, isWhole: true });
    },
    openSeed: (fileId, port) => engine.openSeed(fileId, port),
    setOwnPeer: (peerId) => void engine.setOwnPeer(peerId),
    crashed: () => set({ isCrashed: true }),
    async ping() {
      if (state.isCrashed) throw new PanalError("internal", "the worker has ended");
      await withTimeLimit(engine.listKept(), PING_TIMEOUT_MS);
    },
  };
}

async function withTimeLimit(answer: Promise<unknown>, timeoutMs: number): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new PanalError("timeout", "the worker doesn't answer")),
    timeoutMs,
  );
  try {
    await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function nothingYet(fileId: FileId) {
  return { length: fileIdLength(fileId), verifiedBytes: 0, isComplete: false };
}

function restingTransfer({
  fileId,
  name,
  target,
  length,
  verifiedBytes,
  isComplete,
  wasSaved = true,
}: KeptTransfer): Transfer {
  return {
    fileId,
    name,
    target,
    length,
    verifiedBytes,
    phase: { type: isComplete ? "done" : "paused" },
    isWhole: !isComplete || wasSaved,
    bytesPerSecond: 0,
    speeds: NO_SPEEDS,
    sources: [],
  };
}
