import { pieceRange } from "../content/blocks.ts";
import { type Manifest, verifyPiece } from "../content/manifest.ts";
import { hashBlocksPortably } from "../content/merkle.ts";
import { PanalError, isAbort, throwIfAborted } from "../errors.ts";
import { systemClock } from "./clock.ts";
import type { DownloadOptions } from "./download-options.ts";
import type { DownloadResult, WasteReason } from "./events.ts";
import { fetchRun } from "./fetch-run.ts";
import { createPieceBuffers } from "./piece-buffers.ts";
import { type PieceMap, createPieceMap, hasMissing } from "./piece-map.ts";
import { type Assignment, PIECE_ABSENT, planNext } from "./plan.ts";
import { type SourceList, createSourceList } from "./source-list.ts";
import type { Route } from "./source.ts";
import { createSourcePool } from "./source-pool.ts";
import { type Run, type SourceState, isUsable, noSourceLeft } from "./source-state.ts";
import { createTally } from "./tally.ts";
import { createTaskGroup } from "./task-group.ts";

/** Requests at a time to one source: while one is answered the next is on its way. */
const RUNS_PER_SOURCE = 2;
/** How often progress is told and stalls are looked for. */
const TICK_MS = 250;
/** A busy source has at least this long for the first byte of an answer; after that it is held to its habits. */
const FIRST_BYTE_MS = 10_000;

/**
 * Fetches a file from all its sources at once and writes each piece to the store after its hash was checked.
 * Resumes what the store has from an earlier run. Settles when the store has completed and closed the file.
 *
 * Throws "aborted"; what the store throws ("no-space", "conflict" ...), after closing it so that a later run can
 * resume; "unreachable" when the sources are an array and none is left.
 */
export async function download(options: DownloadOptions): Promise<DownloadResult> {
  const {
    fileId,
    store,
    clock = systemClock,
    random = Math.random,
    hashBlocks = hashBlocksPortably,
    reading,
  } = options;
  const emit = options.onEvent ?? (() => {});
  const isFixed = Array.isArray(options.sources);
  const list = Array.isArray(options.sources)
    ? createSourceList(options.sources)
    : (options.sources as SourceList);

  const ended = new AbortController();
  const tally = createTally(clock);
  const tasks = createTaskGroup();
  const pool = createSourcePool({
    fileId,
    isFixed,
    clock,
    random,
    emit,
    report: (problem) => list.report(problem),
    tasks,
    ended: ended.signal,
  });
  const { states } = pool;
  const runs = new Map<number, Run>();
  let nextRunId = 0;
  /** Where to begin among pieces that are equally rare: elsewhere than other downloads, which then can share. */
  const luck = random();
  let map: PieceMap | undefined;
  let buffers = createPieceBuffers(1);
  let isWaiting = false;

  // --- runs ---

  function assignments(map: PieceMap, known: Manifest): Assignment[] {
    const now = clock.now();
    const sources = states.flatMap((state) => {
      const { phase } = state;
      if (phase.type !== "ready") return [];
      return {
        id: state.source.id,
        has: (index: number) => phase.have?.has(index) ?? true,
        bytesPerSecond: state.score.bytesPerSecond(now),
        freeSlots: now < state.score.retryAtMs ? 0 : RUNS_PER_SOURCE - state.runs.size,
      };
    });
    if (!sources.some(({ freeSlots }) => freeSlots > 0)) return [];
    return planNext({
      pieceLength: known.pieceLength,
      pieces: map.pieces,
      firstAbsent: map.firstAbsent,
      absentCount: map.absentCount,
      sources,
      runs: [...runs.values()].map(({ id, sourceId, cursor }) => ({ id, sourceId, ...cursor })),
      // One buffer is always left over, so that pieces move on however many runs wait for the network.
      freeRuns: buffers.count - 1 - runs.size,
      ...(reading === undefined
        ? {}
        : { windows: reading.windows(known.pieceLength), isOnlyWindows: !reading.isWholeWanted }),
      holders: pool.holders(),
      beginAt: Math.floor(luck * known.pieceCount),
    });
  }

  function startRun(assignment: Assignment, map: PieceMap, known: Manifest): void {
    const state = states.find(
      ({ source, phase }) => source.id === assignment.sourceId && phase.type === "ready",
    )!;
    const { start, end } = assignment.run;
    for (let index = start; index < end; index++) {
      map.claim(index);
      emit({ type: "piece-requested", pieceIndex: index, sourceId: assignment.sourceId });
    }
    const victim = assignment.stolenFrom === undefined ? undefined : runs.get(assignment.stolenFrom);
    if (victim !== undefined) {
      for (let index = start; index < victim.cursor.end; index++) map.release(index);
      victim.cursor.end = start;
    }
    const run: Run = {
      id: nextRunId++,
      sourceId: assignment.sourceId,
      route: state.source.route,
      cursor: { next: start, end, receivedBytes: 0, isHeldBack: false },
      abort: new AbortController(),
      lastByteMs: clock.now(),
      hasBytes: false,
    };
    runs.set(run.id, run);
    state.score.busy(clock.now());
    state.runs.add(run);
    tasks.add(carryOut(run, state, { map, known }));
  }

  async function carryOut(run: Run, state: SourceState, { map, known }: { map: PieceMap; known: Manifest }) {
    const { cursor } = run;
    try {
      await fetchRun({
        fileId,
        source: state.source,
        cursor,
        pieceRange: (index) => pieceRange(index, known),
        buffers,
        signal: AbortSignal.any([run.abort.signal, state.abort.signal, ended.signal]),
        rateLimit: options.rateLimit,
        onRoute: (route) => void (run.route = route),
        onBytes(bytes) {
          const now = clock.now();
          if (run.hasBytes) state.score.gap(now - run.lastByteMs);
          run.lastByteMs = now;
          run.hasBytes = true;
          state.score.received(bytes, now);
          tally.received(bytes);
        },
        deliver: (index, buffer, length) =>
          tasks.add(settle({ index, buffer, length, route: run.route }, state, { map, known })),
      });
    } catch (error) {
      const stalled = run.abort.signal.reason;
      if (run.endedAs === undefined) pool.failed(state, stalled instanceof PanalError ? stalled : error);
    } finally {
      runs.delete(run.id);
      state.runs.delete(run);
      if (state.runs.size === 0) state.score.idle(clock.now());
      if (cursor.receivedBytes > 0) {
        waste(state, {
          index: cursor.next,
          bytes: cursor.receivedBytes,
          why: run.endedAs ?? "failed",
        });
      }
      for (let index = cursor.next; index < cursor.end; index++) map.release(index);
    }
  }

  /** Checks a whole piece and stores it. Its claim passes from the run to here. */
  async function settle(
    piece: { index: number; buffer: Uint8Array; length: number; route: Route },
    state: SourceState,
    { map, known }: { map: PieceMap; known: Manifest },
  ): Promise<void> {
    const { index, length } = piece;
    const data = piece.buffer.subarray(0, length);
    try {
      if (map.isVerified(index)) return waste(state, { index, bytes: length, why: "duplicate" });
      if (!(await verifyPiece(known, { index, data }, hashBlocks))) {
        waste(state, { index, bytes: length, why: "corrupt" });
        return pool.drop(
          state,
          new PanalError("corrupt", `piece ${index}: the bytes don't match their hash`),
        );
      }
      if (!map.verify(index)) return waste(state, { index, bytes: length, why: "duplicate" });
      endOvertaken(index);
      await store.write(index, data);
      state.score.succeeded();
      state.verifiedBytesBy[piece.route] += length;
      tally.verified(length);
      emit({ type: "piece-verified", pieceIndex: index, sourceId: state.source.id, bytes: length });
    } finally {
      map.release(index);
      buffers.release(piece.buffer);
    }
  }

  /** Ends the requests that are bringing a piece that is there now. */
  function endOvertaken(pieceIndex: number): void {
    for (const run of runs.values()) {
      if (run.cursor.next !== pieceIndex || run.cursor.next >= run.cursor.end) continue;
      run.endedAs = "duplicate";
      run.abort.abort();
    }
  }

  /** Ends the requests for what isn't where the reader is now, if anything is missing there; else what nobody wants. */
  function makeWay(): void {
    const pieceLength = pool.manifest?.pieceLength;
    if (reading === undefined || map === undefined || pieceLength === undefined) return;
    const windows = reading.windows(pieceLength);
    const isUrgent = hasMissing(map, windows.slice(0, 1));
    if (reading.isWholeWanted && !isUrgent) return;
    const kept = isUrgent ? windows.slice(0, 1) : windows;
    for (const run of runs.values()) {
      const { next, end } = run.cursor;
      if (next >= end || kept.some((window) => window.start <= next && next < window.end)) continue;
      run.endedAs = "cancelled";
      run.abort.abort();
      for (let index = next; index < end; index++)
        emit({ type: "piece-released", pieceIndex: index, sourceId: run.sourceId });
    }
  }

  function endStalled(): void {
    const now = clock.now();
    for (const state of states) {
      const usualMs = state.score.patienceMs();
      for (const run of state.runs) {
        const patienceMs = run.hasBytes ? usualMs : Math.max(usualMs, FIRST_BYTE_MS);
        // That nothing comes while we take nothing is not the source's fault.
        if (run.cursor.isHeldBack) run.lastByteMs = now;
        if (now - run.lastByteMs < patienceMs) continue;
        run.abort.abort(new PanalError("timeout", `no byte for ${Math.round(patienceMs / 1000)} s`));
      }
    }
  }

  function waste(
    state: SourceState,
    { index, bytes, why }: { index: number; bytes: number; why: WasteReason },
  ): void {
    state.wastedBytes[why] += bytes;
    emit({ type: "piece-wasted", pieceIndex: index, sourceId: state.source.id, bytes, why });
  }

  // --- the whole ---

  /** Whether the source has something that is missing. */
  function canBring({ phase }: SourceState): boolean {
    if (phase.type !== "ready" || map === undefined) return phase.type !== "ready";
    if (phase.have === undefined) return true;
    for (let index = map.firstAbsent; index < map.pieces.length; index++) {
      if (map.pieces[index] === PIECE_ABSENT && phase.have.has(index)) return true;
    }
    return false;
  }

  /**
   * Waiting: nothing comes, and all sources have failed or have nothing that is missing. When none can come any more, and
   * those there are get nothing new, it is over.
   */
  function checkWaiting(): void {
    if (isResting()) return;
    const usable = states.filter(isUsable);
    const isStuck =
      tasks.size === 0 &&
      usable.every(
        (state) => state.phase.type === "ready" && state.score.failures === 0 && !pool.mayGrow(state),
      );
    if (isFixed && isStuck) throw noSourceLeft(states);
    const isAlive = usable.some(
      (state) =>
        [...state.runs].some(({ hasBytes }) => hasBytes) ||
        (state.score.failures === 0 && (state.runs.size > 0 || canBring(state))),
    );
    if (isAlive === !isWaiting) return;
    isWaiting = !isAlive;
    emit({ type: isWaiting ? "waiting" : "resumed" });
  }

  /** Whether all is there that is wanted for now. */
  function isResting(): boolean {
    const pieceLength = pool.manifest?.pieceLength;
    if (reading === undefined || reading.isWholeWanted || map === undefined || pieceLength === undefined)
      return false;
    return !hasMissing(map, reading.windows(pieceLength));
  }

  function emitProgress(): void {
    emit({
      type: "progress",
      progress: tally.progress({ length: pool.manifest?.length ?? 0, isWaiting, states }),
    });
  }

  async function open(known: Manifest): Promise<PieceMap> {
    const have = await store.open(known, { signal: ended.signal });
    buffers = createPieceBuffers(Math.min(known.pieceLength, Math.max(1, known.length)), options.allocate);
    const indexes: number[] = [];
    for (let index = 0; index < known.pieceCount; index++) {
      if (!have.has(index)) continue;
      indexes.push(index);
      const { start, end } = pieceRange(index, known);
      tally.resumed(end - start);
    }
    const { length, pieceLength, pieceCount } = known;
    emit({ type: "started", length, pieceLength, pieceCount, have: indexes });
    return createPieceMap(have);
  }

  async function tick(): Promise<void> {
    while (!ended.signal.aborted) {
      await clock.sleep(TICK_MS, ended.signal);
      endStalled();
      if (map !== undefined) emitProgress();
      tasks.wake();
    }
  }

  const stop = () => ended.abort(options.signal?.reason);
  throwIfAborted(options.signal);
  options.signal?.addEventListener("abort", stop, { once: true });
  const unsubscribe = list.subscribe({ joined: pool.join, left: pool.leave });
  const stopFollowing = reading?.subscribe((change) => {
    if (change === "jumped") makeWay();
    tasks.wake();
  });
  for (const source of list.sources) pool.join(source);
  const ticking = tick().catch((error: unknown) => {
    if (!isAbort(error)) tasks.fail(error);
    tasks.wake();
  });
  try {
    while (map === undefined || !map.isComplete || tasks.size > 0) {
      throwIfAborted(options.signal);
      tasks.throwFailure();
      const woken = tasks.nextWake();
      if (map?.isComplete !== true) {
        const { manifest } = pool;
        if (map === undefined && manifest !== undefined) map = await open(manifest);
        pool.ask();
        if (map !== undefined && manifest !== undefined) {
          if (map.isComplete) continue;
          for (const assignment of assignments(map, manifest)) startRun(assignment, map, manifest);
        }
        checkWaiting();
      } else {
        // The last piece is in: nothing that is still under way is needed.
        for (const { abort } of states) abort.abort();
      }
      await woken;
    }
    tasks.throwFailure();
    await store.complete();
    const result = tally.result({ length: pool.manifest?.length ?? 0, states });
    emitProgress();
    emit({ type: "completed", result });
    return result;
  } finally {
    unsubscribe();
    stopFollowing?.();
    options.signal?.removeEventListener("abort", stop);
    for (const { abort } of states) abort.abort();
    ended.abort();
    await ticking;
    await tasks.settled();
    // What is kept when it is stopped or fails.
    if (map?.isComplete === false) emitProgress();
    await store.close();
  }
}
