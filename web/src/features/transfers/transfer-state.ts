import type { PanalErrorCode } from "@panal/sdk";
import type { FileId } from "@panal/sdk/content";
import { type BytesByRoute, type Route, type SourceProgress, noBytesByRoute } from "@panal/sdk/transfer";
import type { TransferChange, TransferTarget } from "../../engine/engine-api.ts";
import { applyTriples, carryOver, createPieceBoard, forgetRequests, type PieceBoard } from "./piece-board.ts";
import { NO_SPEEDS, type SpeedHistory, withSpeed } from "./speed-history.ts";

export type TransferPhase =
  /** Others come first. */
  | { type: "queued" }
  /** Looking for peers, or checking what is there from before. */
  | { type: "starting" }
  | { type: "running" }
  /** No peer is left; it goes on by itself. */
  | { type: "waiting" }
  /** Asked to stop; what came last is being written. */
  | { type: "stopping" }
  | { type: "paused" }
  | { type: "done" }
  | { type: "failed"; code: PanalErrorCode; message: string };

/** A peer's part in a transfer, over all runs of this page. */
export interface TransferSource {
  readonly sourceId: string;
  /** Decides the colour. */
  readonly index: number;
  readonly name: string;
  /** The way it goes now. */
  readonly route: Route;
  readonly state: SourceProgress["state"];
  readonly isLying: boolean;
  /** Why it was dropped, as a code; and what it said last, in the engine's words. */
  readonly droppedCode?: PanalErrorCode;
  readonly reason?: string;
  readonly verifiedBytes: number;
  /** The same by the way they came. */
  readonly verifiedBytesBy: BytesByRoute;
  /** Of those, from runs before this one. */
  readonly carriedBytesBy: BytesByRoute;
  /** What it brought in vain in this run, whatever the reason. */
  readonly wastedBytes: number;
  /** How often it failed in this run. */
  readonly failures: number;
  readonly bytesPerSecond: number;
  readonly speeds: SpeedHistory;
}

export interface Transfer {
  readonly fileId: FileId;
  readonly name: string;
  readonly length: number;
  readonly target: TransferTarget;
  readonly phase: TransferPhase;
  /** False while only what somebody watches is fetched. */
  readonly isWhole: boolean;
  readonly verifiedBytes: number;
  readonly bytesPerSecond: number;
  readonly speeds: SpeedHistory;
  readonly secondsLeft?: number;
  /** In the order in which they joined. */
  readonly sources: readonly TransferSource[];
  readonly board?: PieceBoard;
}

/** What happened, applied in order. */
export function applyChanges(
  transfer: Transfer,
  changes: readonly TransferChange[],
  nowMs: number,
): Transfer {
  return changes.reduce((state, change) => applyChange(state, change, nowMs), transfer);
}

function applyChange(transfer: Transfer, change: TransferChange, nowMs: number): Transfer {
  const { board } = transfer;
  switch (change.type) {
    case "finding":
      return atRest({ ...transfer, phase: { type: "starting" } });
    case "running":
    case "waiting":
      if (transfer.phase.type === "stopping") return transfer;
      return { ...transfer, phase: { type: change.type } };
    case "wanted": {
      // One that is watched goes on with that when it is told to stop.
      const isStopping = transfer.phase.type === "stopping";
      const phase: TransferPhase = isStopping && !change.isWhole ? { type: "running" } : transfer.phase;
      return { ...transfer, phase, isWhole: change.isWhole };
    }
    case "paused":
    case "done":
      if (board !== undefined) forgetRequests(board, undefined);
      return atRest({ ...transfer, phase: { type: change.type } });
    case "failed": {
      const { code, message } = change;
      if (board !== undefined) forgetRequests(board, undefined);
      return atRest({ ...transfer, phase: { type: "failed", code, message } });
    }
    case "started": {
      const fresh = createPieceBoard(change.pieceCount, change.have);
      carryOver(fresh, board);
      return {
        ...transfer,
        length: change.length,
        board: fresh,
        sources: transfer.sources.map((source) => ({ ...source, carriedBytesBy: source.verifiedBytesBy })),
      };
    }
    case "source":
      return withSource(transfer, change.sourceId, (known) => ({
        verifiedBytes: 0,
        verifiedBytesBy: noBytesByRoute(),
        carriedBytesBy: noBytesByRoute(),
        wastedBytes: 0,
        failures: 0,
        bytesPerSecond: 0,
        speeds: NO_SPEEDS,
        isLying: false,
        ...known,
        sourceId: change.sourceId,
        index: change.index,
        name: change.name,
        route: change.route,
        state: "idle",
      }));
    case "source-dropped":
    case "source-failed": {
      const index = transfer.sources.find(({ sourceId }) => sourceId === change.sourceId)?.index;
      if (board !== undefined && index !== undefined) forgetRequests(board, index);
      return withSource(transfer, change.sourceId, (known) => {
        if (known === undefined) return undefined;
        if (change.type === "source-failed")
          return { ...known, state: "failed", reason: change.reason, bytesPerSecond: 0 };
        return {
          ...known,
          state: "dropped",
          reason: change.reason,
          droppedCode: change.code,
          isLying: known.isLying || change.isLying,
          bytesPerSecond: 0,
        };
      });
    }
    case "pieces":
      if (board !== undefined) applyTriples(board, change.triples, nowMs);
      // A new object, so that who watches it looks again.
      return { ...transfer };
    case "progress": {
      const { verifiedBytes, bytesPerSecond, secondsLeft, sources } = change.progress;
      const { secondsLeft: _, ...rest } = transfer;
      return {
        ...rest,
        verifiedBytes,
        bytesPerSecond,
        speeds: withSpeed(transfer.speeds, { bytesPerSecond, nowMs }),
        ...(secondsLeft === undefined ? {} : { secondsLeft }),
        sources: transfer.sources.map((source) => withProgress(source, { progress: sources, nowMs })),
      };
    }
  }
}

/** A peer that came back is there twice in the engine's list: its bytes add up, the newest entry says how it is. */
function withProgress(
  source: TransferSource,
  { progress, nowMs }: { progress: readonly SourceProgress[]; nowMs: number },
): TransferSource {
  const own = progress.filter(({ sourceId }) => sourceId === source.sourceId);
  const newest = own.at(-1);
  if (newest === undefined) return source;
  const verifiedBytesBy = own.reduce((sum, each) => added(sum, each.verifiedBytesBy), source.carriedBytesBy);
  return {
    ...source,
    verifiedBytes: verifiedBytesBy.direct + verifiedBytesBy.gateway + verifiedBytesBy.relay,
    verifiedBytesBy,
    wastedBytes: own
      .flatMap(({ wastedBytes }) => Object.values(wastedBytes))
      .reduce((sum, bytes) => sum + bytes, 0),
    failures: own.reduce((sum, { failures }) => sum + failures, 0),
    bytesPerSecond: newest.bytesPerSecond,
    speeds: withSpeed(source.speeds, { bytesPerSecond: newest.bytesPerSecond, nowMs }),
    state: source.isLying ? "dropped" : newest.state,
    route: newest.route,
    ...(newest.reason === undefined ? {} : { reason: newest.reason }),
  };
}

function added(a: BytesByRoute, b: BytesByRoute): BytesByRoute {
  return { direct: a.direct + b.direct, gateway: a.gateway + b.gateway, relay: a.relay + b.relay };
}

function withSource(
  transfer: Transfer,
  sourceId: string,
  change: (known: TransferSource | undefined) => TransferSource | undefined,
): Transfer {
  const at = transfer.sources.findIndex((source) => source.sourceId === sourceId);
  const changed = change(transfer.sources[at]);
  if (changed === undefined) return transfer;
  return {
    ...transfer,
    sources: at < 0 ? [...transfer.sources, changed] : transfer.sources.with(at, changed),
  };
}

/** Nothing moves any more. */
function atRest(transfer: Transfer): Transfer {
  const { secondsLeft: _, ...rest } = transfer;
  return {
    ...rest,
    bytesPerSecond: 0,
    verifiedBytes: transfer.phase.type === "done" ? transfer.length : transfer.verifiedBytes,
    sources: transfer.sources.map((source) => ({
      ...source,
      bytesPerSecond: 0,
      state: source.state === "active" ? "idle" : source.state,
    })),
  };
}

/** Whether something goes on. */
export function isUnderWay({ phase }: Transfer): boolean {
  return ["queued", "starting", "running", "waiting", "stopping"].includes(phase.type);
}

/** Whether closing the page would interrupt what somebody wanted to have. */
export function isFetching(transfer: Transfer): boolean {
  return isUnderWay(transfer) && transfer.isWhole;
}
