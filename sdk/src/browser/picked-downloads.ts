import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { pieceCountFor } from "../content/blocks.ts";
import { type FileId, fileIdLength } from "../content/file-id.ts";
import { PieceSet } from "../content/piece-set.ts";
import { bytesOfPieces, type KeptDownload } from "./opfs-downloads.ts";

/** A partial download into a file somebody picked; the handle needs a new permission after a reload. */
export interface PickedDownload extends KeptDownload {
  readonly handle: FileSystemFileHandle;
  /** Where the same content goes as well, once it is complete. */
  readonly copies: readonly FileSystemFileHandle[];
}

interface PickedRecord {
  fileId: FileId;
  handle: FileSystemFileHandle;
  /** Missing in those of older versions. */
  copies?: readonly FileSystemFileHandle[];
  /** A PieceSet's bits. */
  bitmap: Uint8Array;
}

/** Where a download goes, and its copies. */
export type PickedPlace = Pick<PickedDownload, "handle" | "copies">;

interface PickedSchema extends DBSchema {
  downloads: { key: string; value: PickedRecord };
}

let database: Promise<IDBPDatabase<PickedSchema>> | undefined;

function openDatabase(): Promise<IDBPDatabase<PickedSchema>> {
  database ??= openDB<PickedSchema>("panal-picked-downloads", 1, {
    upgrade(db) {
      db.createObjectStore("downloads", { keyPath: "fileId" });
    },
    terminated() {
      database = undefined;
    },
  });
  return database;
}

/** Partial downloads into picked files, in no order; complete ones are the user's and no longer ours. */
export async function listPickedDownloads(): Promise<PickedDownload[]> {
  const records = await (await openDatabase()).getAll("downloads");
  return records.map(({ fileId, handle, copies = [], bitmap }) => ({
    fileId,
    handle,
    copies,
    name: handle.name,
    length: fileIdLength(fileId),
    verifiedBytes: bytesOfPieces(fileId, piecesOf(fileId, bitmap)),
    isComplete: false,
  }));
}

/** Forgets a partial download and removes its file, where the browser lets us; else it is emptied. */
export async function removePickedDownload(fileId: FileId): Promise<void> {
  const db = await openDatabase();
  const record = await db.get("downloads", fileId);
  if (record === undefined) return;
  await removeFile(record.handle);
  await db.delete("downloads", fileId);
}

/** The pieces the journal claims for this file under this handle; none when it is about another one. */
export async function readPickedJournal(fileId: FileId, handle: FileSystemFileHandle): Promise<PieceSet> {
  const record = await (await openDatabase()).get("downloads", fileId);
  if (record === undefined || !(await record.handle.isSameEntry(handle))) {
    return new PieceSet(pieceCountFor(fileIdLength(fileId)));
  }
  return piecesOf(fileId, record.bitmap);
}

export async function writePickedJournal(
  fileId: FileId,
  { handle, copies }: PickedPlace,
  have: PieceSet,
): Promise<void> {
  const db = await openDatabase();
  await db.put("downloads", { fileId, handle, copies, bitmap: have.toBitmap() });
}

/** Remembers a download that is yet to begin; one that is known under this handle stays as it is. */
export async function keepPickedDownload(fileId: FileId, place: PickedPlace): Promise<void> {
  await writePickedJournal(fileId, place, await readPickedJournal(fileId, place.handle));
}

export async function deletePickedJournal(fileId: FileId): Promise<void> {
  await (await openDatabase()).delete("downloads", fileId);
}

/** A picked file holds one download: whatever was kept of others under it is overwritten now. */
export async function forgetOthers(fileId: FileId, handle: FileSystemFileHandle): Promise<void> {
  const db = await openDatabase();
  for (const record of await db.getAll("downloads")) {
    if (record.fileId !== fileId && (await record.handle.isSameEntry(handle)))
      await db.delete("downloads", record.fileId);
  }
}

function piecesOf(fileId: FileId, bitmap: Uint8Array): PieceSet {
  const pieceCount = pieceCountFor(fileIdLength(fileId));
  try {
    return PieceSet.fromBitmap(bitmap, pieceCount);
  } catch {
    return new PieceSet(pieceCount);
  }
}

async function removeFile(handle: FileSystemFileHandle & { remove?(): Promise<void> }): Promise<void> {
  try {
    if (handle.remove !== undefined) return await handle.remove();
    await (await handle.createWritable()).close();
  } catch (error) {
    // Gone already, which is what was wanted.
    if (!(error instanceof DOMException && error.name === "NotFoundError")) throw error;
  }
}
