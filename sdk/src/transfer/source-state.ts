import type { PieceSet } from "../content/piece-set.ts";
import { PanalError, type PanalErrorCode } from "../errors.ts";
import { type SourceProgress, type WasteReason, noBytesByRoute, sumOfRoutes } from "./events.ts";
import type { RunCursor } from "./fetch-run.ts";
import type { Route, Source } from "./source.ts";
import { createSourceScore, type SourceScore } from "./source-score.ts";

/** A request that is under way. */
export interface Run {
  readonly id: number;
  readonly sourceId: string;
  readonly cursor: RunCursor;
  /** The way its bytes come. */
  route: Route;
  readonly abort: AbortController;
  lastByteMs: number;
  hasBytes: boolean;
  /** Ended by us: another source brought what it was to bring, or a reader went elsewhere. */
  endedAs?: "duplicate" | "cancelled";
}

/** A source during one download. */
export interface SourceState {
  readonly source: Source;
  readonly score: SourceScore;
  /** Ends whatever it is asked for. */
  readonly abort: AbortController;
  readonly runs: Set<Run>;
  phase:
    /** Not asked yet, or to be asked again after a failure. */
    | { type: "new" }
    | { type: "preparing" }
    /** `have` undefined: all pieces. Else it is asked again what it has; `idleRefreshes` times in a row it had nothing new. */
    | { type: "ready"; have: PieceSet | undefined; askedMs: number; idleRefreshes: number }
    /** Not for this file again. */
    | { type: "dropped" }
    | { type: "left" };
  readonly verifiedBytesBy: Record<Route, number>;
  readonly wastedBytes: Record<WasteReason, number>;
  failures: number;
  reason: string | undefined;
  /** Of the last failure. */
  code: PanalErrorCode | undefined;
}

export function createSourceState(source: Source): SourceState {
  return {
    source,
    score: createSourceScore(),
    abort: new AbortController(),
    runs: new Set(),
    phase: { type: "new" },
    verifiedBytesBy: noBytesByRoute(),
    wastedBytes: { corrupt: 0, failed: 0, duplicate: 0, cancelled: 0 },
    failures: 0,
    reason: undefined,
    code: undefined,
  };
}

/** The same source back again: a new beginning, but what it did before isn't forgotten. */
export function returnedSourceState(source: Source, before: SourceState): SourceState {
  const { score, verifiedBytesBy, wastedBytes, failures, reason, code } = before;
  return { ...createSourceState(source), score, verifiedBytesBy, wastedBytes, failures, reason, code };
}

/** Whether the engine may still get pieces from it, now or after a wait. */
export function isUsable({ phase }: SourceState): boolean {
  return phase.type !== "dropped" && phase.type !== "left";
}

/** Errors after which asking the same source again is of no use. */
export function isFinal(code: PanalErrorCode): boolean {
  switch (code) {
    case "unreachable":
    case "timeout":
    case "busy":
    case "internal":
      return false;
    default:
      return true;
  }
}

/** What people are shown of it. */
export function sourceProgress(state: SourceState, nowMs: number): SourceProgress {
  const isActive = state.runs.size > 0;
  return {
    sourceId: state.source.id,
    name: state.source.name,
    route: state.source.route,
    state: shownState(state, nowMs),
    verifiedBytes: sumOfRoutes(state.verifiedBytesBy),
    verifiedBytesBy: { ...state.verifiedBytesBy },
    wastedBytes: { ...state.wastedBytes },
    bytesPerSecond: isActive ? Math.round(state.score.bytesPerSecond(nowMs) ?? 0) : 0,
    failures: state.failures,
    ...(state.reason === undefined ? {} : { reason: state.reason }),
  };
}

function shownState(state: SourceState, nowMs: number): SourceProgress["state"] {
  if (state.phase.type === "dropped" || state.phase.type === "left") return state.phase.type;
  if (state.runs.size > 0) return "active";
  return state.score.failures > 0 && nowMs < state.score.retryAtMs + 1000 ? "failed" : "idle";
}

/** Why a download can't go on, source by source. */
export function noSourceLeft(states: readonly SourceState[]): PanalError {
  const reasons = states.map(({ source, reason }) => `${source.name}: ${reason ?? "left"}`);
  const isNowhere = states.every(({ code }) => code === undefined || code === "not-found");
  const code = isNowhere ? "not-found" : "unreachable";
  return new PanalError(code, `no source left${reasons.length === 0 ? "" : ` (${reasons.join("; ")})`}`);
}
