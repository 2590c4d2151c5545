import type { PanalErrorCode } from "@panal/sdk";
import type { FileId } from "@panal/sdk/content";
import type { DownloadProgress } from "@panal/sdk/transfer";

/** Where a download goes: the browser's own storage, or a file the person picked. */
export type TransferTarget = { type: "browser" } | { type: "picked"; handle: FileSystemFileHandle };

export interface StartRequest {
  readonly fileId: FileId;
  /** What it is to be called when it is saved. */
  readonly name: string;
  readonly target: TransferTarget;
}

/** A download an earlier page has left, whole or partly. */
export interface KeptTransfer extends StartRequest {
  readonly length: number;
  readonly verifiedBytes: number;
  readonly isComplete: boolean;
}

/** What a piece does now. Numbers, since thousands of them travel in one message. */
export const PieceMark = { absent: 0, requested: 1, verified: 2, failed: 3 } as const;

/** What happened to a transfer, in order. */
export type TransferChange =
  /** Looking for its peers. */
  | { type: "finding" }
  | { type: "started"; length: number; pieceCount: number; have: number[] }
  /** `index` stands for the source in `pieces`, as long as the worker lives. */
  | { type: "source"; index: number; sourceId: string; name: string; route: string }
  | { type: "source-dropped"; sourceId: string; code: PanalErrorCode; reason: string; isLying: boolean }
  | { type: "source-failed"; sourceId: string; reason: string }
  /** Piece index, source index, PieceMark; again and again. */
  | { type: "pieces"; triples: number[] }
  | { type: "progress"; progress: DownloadProgress }
  | { type: "waiting" }
  | { type: "running" }
  | { type: "paused" }
  | { type: "done" }
  | { type: "failed"; code: PanalErrorCode; message: string };

export interface TransferUpdate {
  readonly fileId: FileId;
  readonly changes: readonly TransferChange[];
}

/** What the engine's worker offers the page, through comlink. */
export interface Engine {
  /** Tells what happens from now on, a few times a second at most. */
  subscribe(listener: (updates: readonly TransferUpdate[]) => void): void;
  /** Starts or goes on; nothing happens when it runs already. */
  start(request: StartRequest): void;
  /** Stops; what is there stays. Settles when the files are closed. */
  pause(fileId: FileId): Promise<void>;
  /** Stops, and removes what is there. Says why it couldn't: an error would lose its code on the way. */
  discard(fileId: FileId): Promise<{ code: PanalErrorCode; message: string } | undefined>;
  listKept(): Promise<KeptTransfer[]>;
}
