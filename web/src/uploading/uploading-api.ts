import type { Endpoint, PanalErrorCode } from "@panal/sdk";
import type { RootRequest } from "../sharing/sharing-api.ts";

// Every message between a page and its worker that uploads.

/** Whom files are sent to. */
export interface UploadPeer {
  readonly peerId: string;
  /** As the peer calls itself. */
  readonly name: string;
  readonly endpoints: readonly Pick<Endpoint, "url" | "route">[];
  /** Undefined when it needs none, or nobody has given it yet. */
  readonly code: string | undefined;
}

/** A file or folder that is to be sent to a peer. */
export interface UploadRequest {
  readonly root: RootRequest;
  readonly peer: UploadPeer;
  /** By this the peer knows this browser again after a reload. */
  readonly writer: string;
}

export interface UploadFailure {
  readonly code: PanalErrorCode;
  /** The peer's words, or the browser's: to be shown through `displayName`. */
  readonly message: string;
}

export interface FileUpload {
  /** Within the peer's inbox, as it was asked for. */
  readonly path: string;
  readonly size: number;
  /** "there": the peer had this content already. */
  readonly phase: "waiting" | "hashing" | "sending" | "sent" | "there" | "failed";
  /** Hashed, or at the peer. */
  readonly doneBytes: number;
  /** Where it is, when that isn't the path it was asked for. */
  readonly at?: string;
  readonly failure?: UploadFailure;
  /** The peer takes nothing at the moment; tried again by itself. */
  readonly waitingFor?: string;
}

/** Something that was picked, as far as it is sent. */
export interface RootUpload {
  readonly id: string;
  readonly peerId: string;
  readonly name: string;
  readonly kind: RootRequest["kind"];
  /**
   * "listing": a folder is looked through. "failed": it stopped, and goes on when it is told to. "done": every file was tried; those that
   * failed are counted.
   */
  readonly phase: "listing" | "running" | "paused" | "done" | "failed";
  readonly fileCount: number;
  readonly sentCount: number;
  readonly thereCount: number;
  readonly failedCount: number;
  readonly totalBytes: number;
  /** At the peer, whoever brought them. */
  readonly doneBytes: number;
  /** What went over the line. */
  readonly sentBytes: number;
  readonly bytesPerSecond: number;
  /** How the bytes go. */
  readonly route: string;
  /** Of "failed". */
  readonly failure?: UploadFailure;
  /** Those there is something to say about, at most MAX_SHOWN_FILES. */
  readonly files: readonly FileUpload[];
}

/** Of each folder the page shows this many files, those that failed first. */
export const MAX_SHOWN_FILES = 100;

/** What the worker does for its page. */
export interface UploadingApi {
  /** Tells whenever something changes, a few times a second at most. */
  subscribe(listener: (uploads: readonly RootUpload[]) => void): void;
  start(request: UploadRequest): void;
  pause(rootId: string): void;
  resume(rootId: string): void;
  /** Tries again what failed or was left, at where the peer is now, with the code there is now. */
  retry(rootId: string, peer: UploadPeer): void;
  /** Ends it, and has the peer throw away what isn't whole. */
  cancel(rootId: string): Promise<void>;
  /** One that has ended is shown no longer. */
  forget(rootId: string): void;
}
