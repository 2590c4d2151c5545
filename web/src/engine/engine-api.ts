import type { PanalErrorCode } from "@panal/sdk";
import type { FileId, Manifest } from "@panal/sdk/content";
import type { DownloadProgress, Route } from "@panal/sdk/transfer";

// Every message between the page, the engine's worker and the service worker.

/** Where a download goes: the browser's own storage, or a file the person picked. */
export type TransferTarget = { type: "browser" } | PickedTarget;

export interface PickedTarget {
  readonly type: "picked";
  readonly handle: FileSystemFileHandle;
  /** Where the same content goes as well. */
  readonly copies?: readonly FileSystemFileHandle[];
}

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
  /** A complete one in the browser's storage: whether it was handed over, or only watched so far. */
  readonly wasSaved?: boolean;
}

/** What a piece does now. Numbers, since thousands of them travel in one message. */
export const PieceMark = { absent: 0, requested: 1, verified: 2, failed: 3 } as const;

/** What happened to a transfer, in order. */
export type TransferChange =
  /** Looking for its peers. */
  | { type: "finding" }
  | { type: "started"; length: number; pieceCount: number; have: number[] }
  /** `index` stands for the source in `pieces`, as long as the worker lives. */
  | { type: "source"; index: number; sourceId: string; name: string; route: Route }
  | { type: "source-dropped"; sourceId: string; code: PanalErrorCode; reason: string; isLying: boolean }
  | { type: "source-failed"; sourceId: string; reason: string }
  /** Piece index, source index, PieceMark; again and again. */
  | { type: "pieces"; triples: number[] }
  | { type: "progress"; progress: DownloadProgress }
  /** Whether the whole file is fetched, or only what somebody reads of it. */
  | { type: "wanted"; isWhole: boolean }
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
  /** Remembers a download that is yet to begin, should the page be closed before. */
  keep(request: StartRequest): Promise<void>;
  /** For all downloads together, from now on; undefined: none. */
  setSpeedLimit(bytesPerSecond: number | undefined): void;
  /** Whether a file on disk has just this content. */
  isSame(fileId: FileId, handle: FileSystemFileHandle): Promise<boolean>;
  /** Makes ready to be read: finds its peers, and fetches only what is read. Goes on with what is there. */
  watch(request: WatchRequest): void;
  /** Nobody reads it any more: what is there stays, and the rest comes only if it was wanted. */
  unwatch(fileId: FileId): Promise<void>;
  /** Answers at the port, with a ReadAnswer; any message from there cancels. Settles when it has answered. */
  read(request: ReadRequest, port: MessagePort): Promise<void>;
  /** Tells how far the saves are, a few times a second at most. */
  subscribeSaves(listener: (updates: readonly SaveUpdate[]) => void): void;
  /** Gets files ready for the browser's downloads; nothing is fetched before somebody takes of it. */
  openSave(request: SaveRequest): Promise<SaveOpened>;
  /** The next part, at the port, with a ReadAnswer: no bytes at the end. */
  readSave(id: string, port: MessagePort): Promise<void>;
  cancelSave(id: string): void;
  /** A small file as a whole, in memory only. Undefined when it can't be had. */
  readSmall(fileId: FileId): Promise<Uint8Array | undefined>;
  /** From now on a few pieces can be read with `isPeek`. */
  openPeek(fileId: FileId): void;
  closePeek(fileId: FileId): void;
  /** Lets others read at the port, with a SeedSource, what a running download has; undefined when there is nothing yet. */
  openSeed(fileId: FileId, port: MessagePort): Promise<Manifest | undefined>;
  /** Who this browser is to others: a download that they read from doesn't ask itself. */
  setOwnPeer(peerId: string): void;
}

/** What a running download has for others, at a port of its own; goes on when it is whole. */
export interface SeedSource {
  /** A bit for each piece that is verified and can be read now; undefined when it ended before it was whole. */
  pieces(): Uint8Array | undefined;
  /** In bytes, of such pieces, at most MAX_READ_BYTES. Rejects for others. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

export interface WatchRequest {
  readonly fileId: FileId;
  readonly name: string;
  /** The picked file its download goes to: what is read goes there, too, if that may be written. */
  readonly picked: PickedTarget | undefined;
  /** There is such a download, and it isn't told of what has to be fetched elsewhere. */
  readonly isApart: boolean;
}

/** From the service worker through a page to its engine, with a port for the answer. */
export interface ReadRequest {
  readonly type: "read";
  readonly fileId: FileId;
  readonly name: string;
  /** In bytes; `end` is exclusive and at most MAX_READ_BYTES further on. The answer may end sooner. */
  readonly start: number;
  readonly end: number;
  /** By who only looks into the file, in memory. */
  readonly isPeek?: boolean | undefined;
}

/** A file that goes into the browser's downloads, alone or in a ZIP. */
export interface SaveFile {
  readonly fileId: FileId;
  /** Safe names with "/" between them. */
  readonly path: string;
  readonly modifiedMs: number;
}

export interface SaveRequest {
  /** Nobody else's: made by chance. */
  readonly id: string;
  readonly files: readonly SaveFile[];
  readonly isZip: boolean;
}

export interface SaveOpened {
  readonly lengthBytes: number;
}

/** How far a save is, counted by what the browser has taken. */
export interface SaveUpdate {
  readonly id: string;
  readonly givenBytes: number;
  /** "done": every byte was verified, and given. */
  readonly state: "running" | "done" | "failed" | "cancelled";
  readonly code?: PanalErrorCode;
}

/** From the service worker to the page whose engine has the save, with a port for the answer. */
export type SaveQuestion = { type: "read-save"; id: string } | { type: "cancel-save"; id: string };

export type ReadAnswer =
  | { type: "bytes"; bytes: Uint8Array<ArrayBuffer> }
  | { type: "failed"; code: PanalErrorCode; message: string };

/** From a page to the service worker. */
export type PageMessage =
  /** This page isn't under its control yet: it was loaded before, or by a forced reload. */
  | { type: "claim" }
  /** Something is being read: browsers end service workers that get no message for 30 s. */
  | { type: "keep-alive" };

export const SERVICE_WORKER_URL = "/service-worker.js";
/** Below it are files, answered by the service worker only. */
export const STREAM_PREFIX = "/stream/";
/** Below it is what goes into the browser's downloads: `/save/{id}/{length}/{name}`. */
export const SAVE_PREFIX = "/save/";
/** In flight for one request of a player, at most; it asks for the next part itself. */
export const MAX_READ_BYTES = 2 * 1024 * 1024;
/** More files aren't saved at once: a page has to list them all. */
export const MAX_BATCH_FILES = 10_000;
/** In memory of a file that is looked into, at most. */
export const MAX_PEEK_BYTES = 16 * 1024 * 1024;
/** And pieces, which are shorter as a rule. */
export const MAX_PEEK_PIECES = 8;
/** What `readSmall` gives at most. */
export const MAX_SMALL_FILE_BYTES = 4 * 1024 * 1024;
