import type { FileId } from "../content/file-id.ts";
import type { Manifest } from "../content/manifest.ts";
import { PieceSet } from "../content/piece-set.ts";
import { PanalError, throwIfAborted } from "../errors.ts";
import { type Clock, systemClock } from "../transfer/clock.ts";
import { positionOfPiece } from "../transfer/piece-check.ts";
import type { ReadableStore } from "../transfer/store.ts";
import { verifyClaims } from "../transfer/verify-claims.ts";
import { hashBlocksHere } from "./hasher.ts";
import {
  bytesOfPieces,
  DATA_FILE,
  JOURNAL_FILE,
  openDownloadFolder,
  openOpfsFile,
  readOpfsPart,
} from "./opfs-downloads.ts";
import { formatOpfsJournal, MAX_JOURNAL_BYTES, parseOpfsJournal } from "./opfs-journal.ts";
import { keepOpfsManifest } from "./opfs-manifest.ts";
import { storageError } from "./storage-error.ts";

// Pieces are journaled in batches; a crash of the browser loses one batch at most.
const BATCH_BYTES = 64 * 1024 * 1024;
const BATCH_MS = 2_000;
/**
 * A flush waits for the disk, and the whole worker with it, so pieces are journaled without one: a power cut may leave
 * a journal that claims too much, and claims are checked. One under way is for large files, lest the last one takes
 * minutes.
 */
const FLUSH_BYTES = 1024 * 1024 * 1024;

export interface OpfsStoreOptions {
  fileId: FileId;
  /** What the file is to be called when it is saved. */
  name: string;
  clock?: Pick<Clock, "now">;
}

export interface OpfsStore extends ReadableStore {
  /** The whole file, still on disk, after `complete` and `close`. Throws "not-found" before. */
  file(): Promise<File>;
}

/**
 * A file in the origin's private file system, in a dedicated worker only. Crash order: data, then the journal; and
 * because a journal is a claim, each piece it names is read and checked when the download goes on. Only that a file is
 * complete is believed: before it is written, the data is flushed. One store at a time: the browser locks the file, and
 * a second one throws "conflict".
 */
export function createOpfsStore({ fileId, name, clock = systemClock }: OpfsStoreOptions): OpfsStore {
  let opened: OpenFile | undefined;

  function mustBeOpen(): OpenFile {
    if (opened === undefined) throw new PanalError("internal", `${name}: the store is not open`);
    return opened;
  }

  function commit(file: OpenFile, isComplete = false): void {
    if (isComplete || file.unflushedBytes >= FLUSH_BYTES) {
      file.data.flush();
      file.unflushedBytes = 0;
    }
    const journal = formatOpfsJournal({ name, isComplete, have: file.have });
    writeAll(file.journal, journal, 0);
    file.journal.truncate(journal.length);
    if (isComplete) file.journal.flush();
    file.pendingBytes = 0;
    file.committedAtMs = clock.now();
  }

  return {
    async open(manifest, { signal }) {
      throwIfAborted(signal);
      if (manifest.fileId !== fileId) {
        throw new PanalError("conflict", `the store of ${fileId} was opened for ${manifest.fileId}`);
      }
      let file: OpenFile | undefined;
      try {
        file = await openFile(manifest, clock.now());
        file.have = await resume(file, signal);
        await checkSpace(file);
        file.data.truncate(manifest.length);
        // In private windows Chromium says nothing when the quota is reached; writes past the end are lost then.
        if (file.data.getSize() !== manifest.length) {
          throw new PanalError("no-space", `${name}: this page can't keep ${manifest.length} bytes`);
        }
        commit(file);
        opened = file;
        return file.have.clone();
      } catch (error) {
        file?.data.close();
        file?.journal.close();
        throw storageError(error, name);
      }
    },

    async write(pieceIndex, data) {
      const file = mustBeOpen();
      const position = positionOfPiece(file.manifest, pieceIndex, data);
      try {
        writeAll(file.data, data, position);
        file.have.add(pieceIndex);
        file.pendingBytes += data.length;
        file.unflushedBytes += data.length;
        if (file.pendingBytes >= BATCH_BYTES || clock.now() - file.committedAtMs >= BATCH_MS) commit(file);
      } catch (error) {
        throw storageError(error, name);
      }
    },

    async complete() {
      const file = mustBeOpen();
      const { have, data, manifest } = file;
      if (!have.isFull) {
        throw new PanalError("internal", `${name}: ${have.size} of ${have.pieceCount} pieces are there`);
      }
      try {
        const size = data.getSize();
        if (size !== manifest.length) {
          throw new PanalError("internal", `${name}: ${size} bytes instead of ${manifest.length}`);
        }
        // Without it the file can be had all the same, and be hashed by who wants to share it.
        await keepOpfsManifest(manifest).catch(() => {});
        commit(file, true);
      } catch (error) {
        throw storageError(error, name);
      }
    },

    async close() {
      const file = opened;
      opened = undefined;
      if (file === undefined) return;
      try {
        if (file.pendingBytes > 0) commit(file);
      } catch (error) {
        throw storageError(error, name);
      } finally {
        file.data.close();
        file.journal.close();
      }
    },

    async read({ start, end }) {
      try {
        if (opened === undefined) return await readOpfsPart(fileId, { start, end });
        const bytes = new Uint8Array(end - start);
        return bytes.subarray(0, opened.data.read(bytes, { at: start }));
      } catch (error) {
        throw storageError(error, name);
      }
    },

    async file() {
      const file = await openOpfsFile(fileId, name);
      if (file === undefined) throw new PanalError("not-found", `${name} isn't complete in this browser`);
      return file;
    },
  };
}

interface OpenFile {
  readonly manifest: Manifest;
  readonly data: FileSystemSyncAccessHandle;
  readonly journal: FileSystemSyncAccessHandle;
  have: PieceSet;
  /** Written since the journal was. */
  pendingBytes: number;
  /** Written since the disk was waited for. */
  unflushedBytes: number;
  committedAtMs: number;
}

async function openFile(manifest: Manifest, nowMs: number): Promise<OpenFile> {
  const folder = await openDownloadFolder(manifest.fileId);
  const dataFile = await folder.getFileHandle(DATA_FILE, { create: true });
  const journalFile = await folder.getFileHandle(JOURNAL_FILE, { create: true });
  const data = await dataFile.createSyncAccessHandle();
  try {
    const journal = await journalFile.createSyncAccessHandle();
    const have = new PieceSet(manifest.pieceCount);
    return { manifest, data, journal, have, pendingBytes: 0, unflushedBytes: 0, committedAtMs: nowMs };
  } catch (error) {
    data.close();
    throw error;
  }
}

/** The pieces of an earlier run that are really there. */
async function resume({ manifest, data, journal }: OpenFile, signal: AbortSignal): Promise<PieceSet> {
  const bytes = new Uint8Array(Math.min(journal.getSize(), MAX_JOURNAL_BYTES));
  journal.read(bytes, { at: 0 });
  const claimed = parseOpfsJournal(manifest.fileId, bytes)?.have ?? new PieceSet(manifest.pieceCount);
  const buffer = new Uint8Array(claimed.size > 0 ? Math.min(manifest.pieceLength, manifest.length) : 0);
  await verifyClaims(claimed, {
    manifest,
    hashBlocks: hashBlocksHere,
    signal,
    readRange({ start, end }) {
      const length = data.read(buffer.subarray(0, end - start), { at: start });
      return buffer.subarray(0, length);
    },
  });
  return claimed;
}

/** Says so before gigabytes are fetched for nothing; the browser's figures are rough. */
async function checkSpace({ manifest, have, data }: OpenFile): Promise<void> {
  const { quota, usage } = await navigator.storage.estimate();
  if (quota === undefined || usage === undefined) return;
  const keptBytes = Math.max(bytesOfPieces(manifest.fileId, have), data.getSize());
  const neededBytes = Math.max(0, manifest.length - keptBytes);
  if (neededBytes <= quota - usage) return;
  throw new PanalError(
    "no-space",
    `${neededBytes} bytes are needed, this page may keep ${quota - usage} more`,
  );
}

/** A write may be short when the disk is full. */
function writeAll(handle: FileSystemSyncAccessHandle, data: Uint8Array, position: number): void {
  for (let done = 0; done < data.length;) {
    const written = handle.write(data.subarray(done) as Uint8Array<ArrayBuffer>, { at: position + done });
    if (written === 0) throw new PanalError("no-space", "the disk takes no more bytes");
    done += written;
  }
}
