import { type FileHandle, link, mkdir, open, rename, stat, statfs, unlink } from "node:fs/promises";
import { hash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import type { Manifest } from "../content/manifest.ts";
import { PieceSet, missingBytesOf } from "../content/piece-set.ts";
import { MAX_NAME_BYTES, beginningOf } from "../content/safe-path.ts";
import { PanalError, throwIfAborted } from "../errors.ts";
import { positionOfPiece } from "../transfer/piece-check.ts";
import type { Store } from "../transfer/store.ts";
import { verifyClaims } from "../transfer/verify-claims.ts";
import { type Flusher, createFlusher } from "./flusher.ts";
import { type JournalKeeper, createJournalKeeper } from "./journal-keeper.ts";
import { nodeHashBlocks } from "./hasher.ts";
import { JOURNAL_SUFFIX, LOCK_SUFFIX, PART_SUFFIX } from "./part-names.ts";
import { type ProcessLock, acquireProcessLock } from "./process-lock.ts";
import { writeAll } from "./write-all.ts";

export interface FileStoreOptions {
  /** Where the file will be when it is whole. */
  path: string;
  /** Replace a file that is there already. */
  overwrite?: boolean;
}

/** A store on disk, whose bytes may be read while more of them come. */
export interface FileStore extends Store {
  /** Where the bytes are: in the part, and when the whole has its name, there. */
  readonly dataPath: string;
}

/**
 * A file on disk: pieces go to `path.part`, which ones are there to `path.part.journal` (the file id, a line feed, one
 * bit a piece), and the whole is renamed to `path`. Crash order: data, then its bit. The journal is a claim: when
 * a download goes on, each piece it names is read and checked, so that neither a lost write nor a meddled-with part
 * ends up in a finished file.
 */
export function createFileStore({ path, overwrite = false }: FileStoreOptions): FileStore {
  const stem = sideStem(path);
  const partPath = stem + PART_SUFFIX;
  const journalPath = stem + JOURNAL_SUFFIX;
  let opened: OpenFile | undefined;
  let dataPath = partPath;

  return {
    get dataPath() {
      return dataPath;
    },

    async open(manifest, { signal }) {
      throwIfAborted(signal);
      if (!overwrite) await refuseExisting(path);
      await mkdir(dirname(path), { recursive: true }).catch(rethrow(`folder ${dirname(path)}`));
      const lock = await acquireProcessLock(stem + LOCK_SUFFIX, `the download to ${path}`);
      try {
        const part = await openOrCreate(partPath);
        const journal = await openOrCreate(journalPath).catch(async (error: unknown) => {
          await part.close();
          throw error;
        });
        const file: OpenFile = {
          manifest,
          part,
          journal,
          lock,
          flusher: createFlusher(part),
          keeper: createJournalKeeper(() => saveJournal(file)),
          have: new PieceSet(manifest.pieceCount),
        };
        opened = file;
        file.have = await resume(file, signal);
        // Not made longer: the system writes faster at the end of a file than into a hole.
        if ((await part.stat()).size > manifest.length) await part.truncate(manifest.length);
        await checkSpace(path, opened);
        return opened.have.clone();
      } catch (error) {
        if (opened === undefined) await lock.release();
        throw named(error, `opening ${partPath}`);
      }
    },

    async write(pieceIndex, data) {
      const file = mustBeOpen(opened, path);
      const position = positionOfPiece(file.manifest, pieceIndex, data);
      try {
        await writeAll(file.part, data, position);
        file.flusher.written(data.length);
        file.have.add(pieceIndex);
        await file.keeper.added();
      } catch (error) {
        throw named(error, `writing ${partPath}`);
      }
    },

    async complete() {
      const file = mustBeOpen(opened, path);
      if (!file.have.isFull) {
        throw new PanalError(
          "internal",
          `${path}: ${file.have.size} of ${file.have.pieceCount} pieces are there`,
        );
      }
      try {
        await file.flusher.flushAll();
        await publish(partPath, path, overwrite);
        dataPath = path;
        await unlink(journalPath);
      } catch (error) {
        throw named(error, `finishing ${path}`);
      }
    },

    async close() {
      const file = opened;
      opened = undefined;
      if (file === undefined) return;
      try {
        await file.keeper.save();
      } catch (error) {
        throw named(error, `writing ${journalPath}`);
      } finally {
        await file.flusher.idle();
        await file.part.close();
        await file.journal.close();
        await file.lock.release();
      }
    },
  };
}

/** What the names next to the target begin with: its own, or, when no suffix fits on that, its beginning and a hash. */
export function sideStem(path: string): string {
  const name = basename(path);
  const maxBytes = MAX_NAME_BYTES - JOURNAL_SUFFIX.length;
  if (Buffer.byteLength(name) <= maxBytes) return path;
  const mark = `~${hash("sha256", name).slice(0, 16)}`;
  return join(dirname(path), beginningOf(name, maxBytes - mark.length) + mark);
}

interface OpenFile {
  readonly manifest: Manifest;
  readonly part: FileHandle;
  readonly journal: FileHandle;
  readonly lock: ProcessLock;
  readonly flusher: Flusher;
  readonly keeper: JournalKeeper;
  /** What is in the part and in the journal. */
  have: PieceSet;
}

/** The pieces of an earlier run that are really there; starts a new journal when it is for another file. */
async function resume({ manifest, part, journal }: OpenFile, signal: AbortSignal): Promise<PieceSet> {
  const header = journalHeader(manifest);
  const empty = new PieceSet(manifest.pieceCount);
  const bitmapLength = empty.toBitmap().length;
  const content = Buffer.alloc(header.length + bitmapLength);
  const journaled = await journal.read(content, 0, content.length, 0);
  const { size } = await journal.stat();
  if (
    journaled.bytesRead !== content.length ||
    size !== content.length ||
    !content.subarray(0, header.length).equals(header)
  ) {
    await part.truncate(0);
    await journal.truncate(0);
    await journal.write(Buffer.concat([header, empty.toBitmap()]), 0, content.length, 0);
    return empty;
  }
  // Bits past the last piece are noise, and no reason to give the pieces up.
  const all = PieceSet.full(manifest.pieceCount).toBitmap();
  const bitmap = content.subarray(header.length).map((byte, index) => byte & all[index]!);
  const claimed = PieceSet.fromBitmap(bitmap, manifest.pieceCount);
  const buffer = Buffer.alloc(Math.min(manifest.pieceLength, manifest.length));
  await verifyClaims(claimed, {
    manifest,
    hashBlocks: nodeHashBlocks,
    signal,
    async readRange({ start, end }) {
      const { bytesRead } = await part.read(buffer, 0, end - start, start);
      return buffer.subarray(0, bytesRead);
    },
  });
  await journal.write(claimed.toBitmap(), 0, bitmapLength, header.length);
  return claimed;
}

function journalHeader(manifest: Manifest): Buffer {
  return Buffer.from(`${manifest.fileId}\n`);
}

async function saveJournal({ manifest, journal, have }: OpenFile): Promise<void> {
  await writeAll(journal, have.toBitmap(), journalHeader(manifest).length);
}

/** Says so before gigabytes are fetched for nothing. */
async function checkSpace(path: string, { manifest, have }: OpenFile): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path));
  const freeBytes = bavail * bsize;
  const missingBytes = missingBytesOf(manifest, have);
  if (missingBytes <= freeBytes) return;
  throw new PanalError(
    "no-space",
    `${dirname(path)}: ${missingBytes} bytes are needed, ${freeBytes} are free`,
  );
}

async function refuseExisting(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    if (PanalError.from(error).code === "not-found") return undefined;
    throw named(error, path);
  });
  if (found !== undefined) throw new PanalError("conflict", `${path} is there already`);
}

async function openOrCreate(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r+");
  } catch (error) {
    if (PanalError.from(error).code !== "not-found") throw named(error, path);
  }
  return open(path, "wx+").catch(rethrow(path));
}

/** A link fails when the name is taken meanwhile, which a rename would overwrite; not every file system has them. */
async function publish(partPath: string, path: string, overwrite: boolean): Promise<void> {
  if (!overwrite) {
    try {
      await link(partPath, path);
      return await unlink(partPath);
    } catch (error) {
      if (PanalError.from(error).code === "conflict") throw error;
    }
  }
  await rename(partPath, path);
}

function mustBeOpen(opened: OpenFile | undefined, path: string): OpenFile {
  if (opened === undefined) throw new PanalError("internal", `${path}: the store is not open`);
  return opened;
}

function named(error: unknown, what: string): PanalError {
  const known = PanalError.from(error);
  return known === error ? known : new PanalError(known.code, `${what}: ${known.message}`, { cause: error });
}

function rethrow(what: string) {
  return (error: unknown): never => {
    throw named(error, what);
  };
}
