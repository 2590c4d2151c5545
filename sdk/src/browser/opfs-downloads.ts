import { type ByteRange, pieceCountFor, pieceLengthFor } from "../content/blocks.ts";
import { type FileId, fileIdLength, isFileId } from "../content/file-id.ts";
import { PieceSet } from "../content/piece-set.ts";
import { PanalError } from "../errors.ts";
import { formatOpfsJournal, MAX_JOURNAL_BYTES, parseOpfsJournal } from "./opfs-journal.ts";
import { storageError } from "./storage-error.ts";

/** A folder of this name in the origin's private file system has one folder for each file id. */
const DOWNLOADS_FOLDER = "panal-downloads";
export const DATA_FILE = "data";
export const JOURNAL_FILE = "journal";
/** There, and empty, once a complete file was handed over to whoever wanted it. */
const SAVED_FILE = "saved";

/** A download that is in the browser's own storage, whole or partly. */
export interface KeptDownload {
  readonly fileId: FileId;
  /** From outside: shown through `displayName`. */
  readonly name: string;
  readonly length: number;
  /** What its journal claims; checked when the download goes on. */
  readonly verifiedBytes: number;
  readonly isComplete: boolean;
}

/** One in the origin's private file system. */
export interface OpfsDownload extends KeptDownload {
  /** Whether it was handed over before: `markOpfsDownloadSaved`. */
  readonly wasSaved: boolean;
}

/** All of them, in no order; none where the browser has no such storage. Works in pages and workers. */
export async function listOpfsDownloads(): Promise<OpfsDownload[]> {
  if (!hasOpfs()) return [];
  const downloads: OpfsDownload[] = [];
  const parent = await openParent();
  for await (const [fileId, folder] of parent.entries()) {
    if (isFileId(fileId) && folder.kind === "directory") downloads.push(await describe(fileId, folder));
  }
  return downloads;
}

/** One of them; undefined when nothing of the file is there. Works in pages and workers. */
export async function findOpfsDownload(fileId: FileId): Promise<OpfsDownload | undefined> {
  if (!hasOpfs()) return undefined;
  try {
    return await describe(fileId, await findDownloadFolder(fileId));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw storageError(error, `the download of ${fileId}`);
  }
}

/** The whole file, still on disk, once its download is complete; undefined when it isn't. */
export async function openOpfsFile(fileId: FileId, name: string): Promise<File | undefined> {
  try {
    const folder = await findDownloadFolder(fileId);
    if (!(await describe(fileId, folder)).isComplete) return undefined;
    const data = await (await folder.getFileHandle(DATA_FILE)).getFile();
    if (data.size !== fileIdLength(fileId)) return undefined;
    // A file made of another one refers to its bytes; nothing is read.
    return new File([data], name, { lastModified: data.lastModified });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw storageError(error, name);
  }
}

/** Bytes as they are on disk, whatever of the file is there. Throws what the browser throws. */
export async function readOpfsPart(
  fileId: FileId,
  { start, end }: ByteRange,
): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await findDownloadFolder(fileId);
  const data = await (await folder.getFileHandle(DATA_FILE)).getFile();
  return new Uint8Array(await data.slice(start, end).arrayBuffer());
}

/** Remembers a download that is yet to begin; nothing happens when something of it is there. In workers only. */
export async function keepOpfsDownload(fileId: FileId, name: string): Promise<void> {
  try {
    const folder = await openDownloadFolder(fileId);
    const file = await folder.getFileHandle(JOURNAL_FILE, { create: true });
    if ((await file.getFile()).size > 0) return;
    const have = new PieceSet(pieceCountFor(fileIdLength(fileId)));
    const handle = await file.createSyncAccessHandle();
    try {
      handle.write(formatOpfsJournal({ name, isComplete: false, have }), { at: 0 });
    } finally {
      handle.close();
    }
  } catch (error) {
    throw storageError(error, name);
  }
}

/** A complete file was handed over: `wasSaved`. */
export async function markOpfsDownloadSaved(fileId: FileId): Promise<void> {
  const folder = await findDownloadFolder(fileId);
  await folder.getFileHandle(SAVED_FILE, { create: true });
}

/** Removes a download, whole or partly; nothing happens when there is none. Throws "conflict" while it runs. */
export async function removeOpfsDownload(fileId: FileId): Promise<void> {
  try {
    await (await openParent()).removeEntry(fileId, { recursive: true });
  } catch (error) {
    if (!isMissing(error)) throw storageError(error, `the download of ${fileId}`);
  }
}

/** The folder of one download. Throws what the browser throws when there is none. */
export async function findDownloadFolder(fileId: FileId): Promise<FileSystemDirectoryHandle> {
  return (await openParent()).getDirectoryHandle(fileId);
}

/** The folder of one download, made if need be. Throws "no-permission" where pages have no storage. */
export async function openDownloadFolder(fileId: FileId): Promise<FileSystemDirectoryHandle> {
  if (!hasOpfs()) {
    throw new PanalError("no-permission", "this page can't keep files: it isn't secure (https or localhost)");
  }
  return (await openParent()).getDirectoryHandle(fileId, { create: true });
}

/** Bytes of the pieces of a set. */
export function bytesOfPieces(fileId: FileId, have: PieceSet): number {
  const length = fileIdLength(fileId);
  const pieceLength = pieceLengthFor(length);
  const lastIsShortBy = have.has(have.pieceCount - 1) ? have.pieceCount * pieceLength - length : 0;
  return have.size * pieceLength - lastIsShortBy;
}

async function describe(fileId: FileId, folder: FileSystemDirectoryHandle): Promise<OpfsDownload> {
  const journal = await readJournal(fileId, folder);
  return {
    fileId,
    // Without a journal nothing of it can be used, but it takes space and can be removed.
    name: journal?.name ?? fileId,
    length: fileIdLength(fileId),
    verifiedBytes: journal === undefined ? 0 : bytesOfPieces(fileId, journal.have),
    isComplete: journal?.isComplete ?? false,
    wasSaved: await isThere(folder, SAVED_FILE),
  };
}

async function isThere(folder: FileSystemDirectoryHandle, name: string): Promise<boolean> {
  return folder.getFileHandle(name).then(
    () => true,
    () => false,
  );
}

async function readJournal(fileId: FileId, folder: FileSystemDirectoryHandle) {
  try {
    const file = await (await folder.getFileHandle(JOURNAL_FILE)).getFile();
    const bytes = new Uint8Array(await file.slice(0, MAX_JOURNAL_BYTES).arrayBuffer());
    return parseOpfsJournal(fileId, bytes);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw storageError(error, `the journal of ${fileId}`);
  }
}

async function openParent(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(DOWNLOADS_FOLDER, { create: true });
}

function hasOpfs(): boolean {
  // Both are missing on insecure origins, whatever their types say.
  const storage: Partial<StorageManager> | undefined = navigator.storage;
  return storage?.getDirectory !== undefined;
}

function isMissing(error: unknown): boolean {
  return error instanceof DOMException && error.name === "NotFoundError";
}
