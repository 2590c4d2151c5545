import {
  type ByteRange,
  type FileId,
  type Manifest,
  type PieceSet,
  fileIdLength,
  pieceLengthFor,
} from "@panal/sdk";
import type { FolderPage } from "./folder-tree.ts";

/** What clients and the tracker are told of a file. */
export interface ServedFile {
  /** Within the share, "/" between names. */
  readonly path: string;
  readonly fileId: FileId;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
  /** Bytes of it that aren't here yet; undefined when it is whole. */
  readonly missingBytes?: number;
}

/** Which pieces of a file are here. */
export type Availability = "all" | PieceSet;

/** What a peer answers from: a shared folder, or a file whose download is under way. */
export interface ServedFiles {
  status(): ServedStatus;
  /** Throws "not-found", and "invalid" for a page token of somebody's making. */
  list(folder: string, page: { size: number; token: string }): FolderPage;
  /** Undefined when no file has this content (any more). A piece that is here stays as long as the file does. */
  availability(fileId: FileId): Availability | undefined;
  /** Whether a file with this content has this name. */
  hasName(fileId: FileId, name: string): boolean;
  /** Undefined when no file has this content (any more). */
  manifest(fileId: FileId): Manifest | undefined;
  /** A file with this content, to be closed; undefined when there is none (any more). */
  open(fileId: FileId): Promise<ReadableFile | undefined>;
}

export interface ServedStatus {
  readonly fileCount: number;
  /** Bytes; a file under two names counts twice. */
  readonly totalSize: number;
  /** Whether more files may come: the folder is being read, or files are being hashed. */
  readonly isIndexing: boolean;
  /** Nobody has looked yet: what isn't found may be here all the same. */
  readonly isStarting: boolean;
}

/** What a peer tells the tracker it has. */
export interface AnnouncedFiles {
  all(): Iterable<ServedFile>;
  /** Tells each change from now on, in order; gives the function that ends it. */
  subscribe(listener: (change: ServedChange) => void): () => void;
}

export type ServedChange =
  | { readonly type: "added"; readonly file: ServedFile }
  | { readonly type: "removed"; readonly path: string };

/** A served file that is open. */
export interface ReadableFile {
  readonly path: string;
  /** Bytes, those that aren't here yet included. */
  readonly length: number;
  /**
   * Fills `targets`, one after the other, from `position` on; only pieces that are here may be asked for. Throws "changed" when
   * the file isn't what it was when it was checked; then nothing in `targets` may be used.
   */
  read(targets: readonly Uint8Array[], position: number): Promise<void>;
  close(): Promise<void>;
}

/** The first piece of a range of the file that isn't here; undefined when all of it is. */
export function firstMissingPiece(
  availability: Availability,
  fileId: FileId,
  { start, end }: ByteRange,
): number | undefined {
  if (availability === "all") return undefined;
  const pieceLength = pieceLengthFor(fileIdLength(fileId));
  for (let index = Math.floor(start / pieceLength); index * pieceLength < end; index++) {
    if (!availability.has(index)) return index;
  }
  return undefined;
}
