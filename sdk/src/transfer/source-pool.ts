import type { FileId } from "../content/file-id.ts";
import { type Manifest, manifestOfSinglePiece } from "../content/manifest.ts";
import type { PieceSet } from "../content/piece-set.ts";
import { PanalError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import { type DownloadEvent, sumOfRoutes } from "./events.ts";
import type { Source } from "./source.ts";
import type { SourceProblem } from "./source-list.ts";
import {
  type SourceState,
  createSourceState,
  isFinal,
  isUsable,
  returnedSourceState,
} from "./source-state.ts";
import type { TaskGroup } from "./task-group.ts";

/** A source of a fixed array that fails this often in a row is dropped; of a live list it is tried for ever. */
const MAX_FAILURES = 5;
/** One of a live list that fails so often in a row is reported, when others do send. */
const REPORTED_FAILURES = 3;
/** Sources asked for the manifest at a time. */
const MAX_PREPARING = 4;
/** A source that has only some pieces is asked again after this, as long as pieces are missing. */
const REFRESH_MS = 2_000;
/** One of a fixed array that had nothing new so often in a row isn't waited for. */
const MAX_IDLE_REFRESHES = 5;

interface SourcePoolOptions {
  fileId: FileId;
  /** Whether no further sources can come. */
  isFixed: boolean;
  clock: Clock;
  random: () => number;
  emit: (event: DownloadEvent) => void;
  /** Told once for each source and reason. */
  report: (problem: SourceProblem) => void;
  tasks: TaskGroup;
  /** Fires when the download is over: what fails then is no failure. */
  ended: AbortSignal;
}

/** Who may bring pieces in one download, what each has, and what becomes of those that fail. */
export interface SourcePool {
  /** All there ever were, in the order they came. */
  readonly states: readonly SourceState[];
  /** As soon as one has told it and it was checked. */
  readonly manifest: Manifest | undefined;
  join(source: Source): void;
  leave(sourceId: string): void;
  /** Not for this file again. */
  drop(state: SourceState, error: PanalError): void;
  /** Tried again later, or dropped when that is of no use. */
  failed(state: SourceState, thrown: unknown): void;
  /** Asks who is to be asked: for the manifest until one is known, for what it has, again for what it has by now. */
  ask(): void;
  /** How many of those that have only some pieces have each; undefined while nobody has only some. */
  holders(): Uint16Array | undefined;
  /** Whether a source may still get pieces it doesn't have. */
  mayGrow(state: SourceState): boolean;
}

export function createSourcePool(options: SourcePoolOptions): SourcePool {
  const { fileId, isFixed, clock, emit, tasks, ended } = options;
  const states: SourceState[] = [];
  const liars = new Set<string>();
  const reported = new Set<string>();
  let manifest = manifestOfSinglePiece(fileId);
  const manifestKnown = Promise.withResolvers<Manifest>();
  if (manifest !== undefined) manifestKnown.resolve(manifest);
  /** Undefined: to be counted anew. */
  let holders: { counts: Uint16Array | undefined } | undefined;

  function changePhase(state: SourceState, phase: SourceState["phase"]): void {
    state.phase = phase;
    holders = undefined;
  }

  function report(problem: SourceProblem): void {
    const key = `${problem.reason} ${problem.sourceId}`;
    if (reported.has(key)) return;
    reported.add(key);
    options.report(problem);
  }

  /** Who gets nothing from anybody says nothing of others: more likely its own network is what fails. */
  function reportDead(state: SourceState): void {
    const isAnswered = states.some((other) => other !== state && sumOfRoutes(other.verifiedBytesBy) > 0);
    if (state.score.failures < REPORTED_FAILURES || !isAnswered) return;
    if (state.code !== "unreachable" && state.code !== "timeout") return;
    report({ sourceId: state.source.id, reason: "unreachable" });
  }

  function drop(state: SourceState, error: PanalError): void {
    if (!isUsable(state)) return;
    const isLying = error.code === "corrupt";
    if (isLying) {
      liars.add(state.source.id);
      report({ sourceId: state.source.id, reason: "corrupt" });
    }
    changePhase(state, { type: "dropped" });
    state.reason = error.message;
    state.code = error.code;
    state.abort.abort();
    const { id, name } = state.source;
    emit({ type: "source-dropped", sourceId: id, name, code: error.code, reason: error.message, isLying });
  }

  function failed(state: SourceState, thrown: unknown): void {
    // Ended by us: it is dropped, it left, or everything is there.
    if (state.abort.signal.aborted || ended.aborted) return;
    const error = PanalError.from(thrown);
    state.failures++;
    const retryInMs = state.score.failed(clock.now(), options.random());
    if (isFinal(error.code) || (isFixed && state.score.failures >= MAX_FAILURES)) return drop(state, error);
    state.reason = error.message;
    state.code = error.code;
    reportDead(state);
    if (state.phase.type === "preparing") changePhase(state, { type: "new" });
    const { id, name } = state.source;
    emit({ type: "source-failed", sourceId: id, name, reason: error.message, retryInMs });
  }

  async function prepare(state: SourceState): Promise<void> {
    changePhase(state, { type: "preparing" });
    const { source } = state;
    const { signal } = state.abort;
    try {
      const [found, have] = await Promise.all([
        manifest ?? Promise.race([manifestKnown.promise, source.manifest(fileId, { signal })]),
        source.availability(fileId, { signal }),
      ]);
      if (manifest === undefined) {
        manifest = found;
        manifestKnown.resolve(found);
      }
      if (state.phase.type === "preparing") become(state, have);
    } catch (error) {
      failed(state, error);
    }
  }

  function become(state: SourceState, have: PieceSet | undefined): void {
    const before = state.phase.type === "ready" ? state.phase : undefined;
    const hasGrown = before === undefined || have === undefined || have.size > (before.have?.size ?? 0);
    changePhase(state, {
      type: "ready",
      have,
      askedMs: clock.now(),
      idleRefreshes: hasGrown ? 0 : before.idleRefreshes + 1,
    });
  }

  async function refresh(state: SourceState): Promise<void> {
    const { signal } = state.abort;
    try {
      const have = await state.source.availability(fileId, { signal });
      if (state.phase.type === "ready") become(state, have);
    } catch (error) {
      failed(state, error);
    }
  }

  function askAgain(state: SourceState): void {
    const { phase } = state;
    if (phase.type !== "ready" || phase.have === undefined) return;
    const now = clock.now();
    if (now < phase.askedMs + REFRESH_MS || now < state.score.retryAtMs || !mayGrow(state)) return;
    phase.askedMs = now;
    tasks.add(refresh(state));
  }

  function mayGrow({ phase }: SourceState): boolean {
    if (phase.type !== "ready" || phase.have === undefined) return false;
    return !isFixed || phase.idleRefreshes < MAX_IDLE_REFRESHES;
  }

  function count(): Uint16Array | undefined {
    let counts: Uint16Array | undefined;
    for (const { phase } of states) {
      if (phase.type !== "ready" || phase.have === undefined) continue;
      counts ??= new Uint16Array(phase.have.pieceCount);
      for (let index = 0; index < counts.length; index++) if (phase.have.has(index)) counts[index]!++;
    }
    return counts;
  }

  return {
    states,
    get manifest() {
      return manifest;
    },
    join(source) {
      if (liars.has(source.id)) return;
      // One that comes and goes is known by what it did before.
      const before = states.findIndex(
        (state) => state.source.id === source.id && state.phase.type === "left",
      );
      if (before < 0) states.push(createSourceState(source));
      else states[before] = returnedSourceState(source, states[before]!);
      emit({ type: "source-joined", sourceId: source.id, name: source.name, route: source.route });
      tasks.wake();
    },
    leave(sourceId) {
      for (const state of states) {
        if (state.source.id !== sourceId || !isUsable(state)) continue;
        changePhase(state, { type: "left" });
        state.abort.abort();
      }
      tasks.wake();
    },
    drop,
    failed,
    ask() {
      let preparing = states.filter(({ phase }) => phase.type === "preparing").length;
      for (const state of states) {
        askAgain(state);
        if (state.phase.type !== "new" || clock.now() < state.score.retryAtMs) continue;
        if (manifest === undefined && preparing >= MAX_PREPARING) continue;
        preparing++;
        tasks.add(prepare(state));
      }
    },
    holders() {
      holders ??= { counts: count() };
      return holders.counts;
    },
    mayGrow,
  };
}
