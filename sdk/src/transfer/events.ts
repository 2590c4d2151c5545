import type { PanalError } from "../errors.ts";
import type { Route } from "./source.ts";

/**
 * What a download tells while it runs, enough to draw it: plain data, structured-cloneable (errors travel as code
 * and message). `at` counts milliseconds of the clock the download was given.
 */
export type DownloadEvent =
  /** The manifest is known and checked. `have`: pieces from an earlier run. */
  | { type: "started"; length: number; pieceLength: number; pieceCount: number; have: number[] }
  | { type: "source-joined"; sourceId: string; name: string; route: Route }
  /** Gone for this file, and why. `isLying`: it sent bytes that don't match their hash. */
  | {
      type: "source-dropped";
      sourceId: string;
      name: string;
      code: PanalError["code"];
      reason: string;
      isLying: boolean;
    }
  /** A failure that doesn't end the source yet; it is tried again after `retryInMs`. */
  | { type: "source-failed"; sourceId: string; name: string; reason: string; retryInMs: number }
  | { type: "piece-requested"; pieceIndex: number; sourceId: string }
  | { type: "piece-verified"; pieceIndex: number; sourceId: string; bytes: number }
  /** Its bytes were wrong or it was overtaken: it will come, or came, from elsewhere. `bytes` were spent. */
  | {
      type: "piece-wasted";
      pieceIndex: number;
      sourceId: string;
      bytes: number;
      why: WasteReason;
    }
  /** Asked for, but something else is more urgent. */
  | { type: "piece-released"; pieceIndex: number; sourceId: string }
  /** No source is left; the download goes on by itself when one comes. */
  | { type: "waiting" }
  | { type: "resumed" }
  /** About four times a second while bytes move. */
  | { type: "progress"; progress: DownloadProgress }
  | { type: "completed"; result: DownloadResult };

/** Why bytes came in vain: they were wrong, the piece broke off, another source brought it sooner, a reader went elsewhere. */
export type WasteReason = "corrupt" | "failed" | "duplicate" | "cancelled";

/** Bytes that came in vain; all but duplicates are fetched again. */
export type WastedBytes = Readonly<Record<WasteReason, number>>;

export type BytesByRoute = Readonly<Record<Route, number>>;

export function noBytesByRoute(): Record<Route, number> {
  return { direct: 0, gateway: 0, relay: 0 };
}

/** Whichever way they came. */
export function sumOfRoutes({ direct, gateway, relay }: BytesByRoute): number {
  return direct + gateway + relay;
}

export interface SourceProgress {
  readonly sourceId: string;
  readonly name: string;
  /** The way it goes now. */
  readonly route: Route;
  readonly state: "active" | "idle" | "failed" | "dropped" | "left";
  /** Bytes of verified pieces that came from it. */
  readonly verifiedBytes: number;
  /** The same by the way they came: that may change midway. */
  readonly verifiedBytesBy: BytesByRoute;
  readonly wastedBytes: WastedBytes;
  readonly bytesPerSecond: number;
  readonly failures: number;
  /** Why it failed or was dropped last, for people. */
  readonly reason?: string;
}

export interface DownloadProgress {
  readonly length: number;
  /** Bytes of verified pieces, earlier runs included. */
  readonly verifiedBytes: number;
  /** Of those, bytes that were there before this run. */
  readonly resumedBytes: number;
  readonly bytesPerSecond: number;
  /** Undefined while it can't be told. */
  readonly secondsLeft?: number;
  readonly state: "running" | "waiting";
  readonly sources: readonly SourceProgress[];
}

export interface DownloadResult {
  readonly length: number;
  readonly resumedBytes: number;
  /** Bytes that came over the network in this run, wasted ones included. */
  readonly fetchedBytes: number;
  readonly durationMs: number;
  readonly sources: readonly SourceProgress[];
}
