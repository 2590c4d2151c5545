import type { ByteRange } from "../content/blocks.ts";
import type { Manifest } from "../content/manifest.ts";
import type { PieceSet } from "../content/piece-set.ts";
import type { Route } from "./source.ts";

/** What is to be sent. */
export interface UploadFile {
  /** Where it is to be at the target, "/" between names. */
  readonly path: string;
  readonly manifest: Manifest;
  /** Milliseconds since 1970; 0: unknown. */
  readonly modifiedMs: number;
  /** By this the target knows whoever asks again after a crash; at most 64 characters. */
  readonly writer: string;
}

/** Bytes of a file: as they were read, or where the browser reads them while it sends them. */
export type FileData = Uint8Array<ArrayBuffer> | Blob;

/** Where the bytes are. */
export interface UploadSource {
  /**
   * Exactly these bytes. `memory` gives some with room for them, for sources that have none of their own. Throws "changed", "not-found".
   */
  read(
    range: ByteRange,
    options: { signal: AbortSignal; memory: () => Uint8Array<ArrayBuffer> },
  ): Promise<FileData>;
  /**
   * For sources whose data is read while it is sent: throws "changed" when that is why it didn't get through. Whoever sends it is told no more
   * than that something went wrong.
   */
  check?(range: ByteRange): Promise<void>;
}

export type UploadBegun =
  /** It has this content: nothing is to be sent. */
  | { readonly type: "there"; readonly path: string }
  | { readonly type: "open"; readonly uploadId: string; readonly missing: PieceSet };

/** Somewhere files can be sent to, usually a peer. */
export interface UploadTarget {
  /** Unique among the targets of an upload; for a peer its peer id, or its URL. */
  readonly id: string;
  /** What people call it; from outside, so shown through `displayName`. */
  readonly name: string;
  readonly route: Route;
  /** Throws "conflict" when somebody else sends it, "unauthorized", "busy" for quota and disk, "unreachable" ... */
  begin(file: UploadFile, options: { signal: AbortSignal }): Promise<UploadBegun>;
  /**
   * The bytes from `start` to `end` of a file of pieces of `pieceLength`. Throws "too-large" when something on the way takes only
   * shorter ones, "not-found" for an upload it has forgotten, "corrupt" for a piece that doesn't match its hash.
   */
  put(
    uploadId: string,
    part: ByteRange & { pieceLength: number; data: FileData },
    options: { signal: AbortSignal },
  ): Promise<void>;
  /** Gives where the file is. */
  commit(uploadId: string, options: { signal: AbortSignal }): Promise<string>;
  abort(uploadId: string, options: { signal: AbortSignal }): Promise<void>;
}
