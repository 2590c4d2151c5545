import { type FileHandle, open, rename, rm } from "node:fs/promises";
import {
  BLOCK_LENGTH,
  type FileId,
  type HashBlocks,
  type Manifest,
  PanalError,
  PieceSet,
  createGate,
  equalBytes,
  expectedPieceHash,
  isFileId,
  missingBytesOf,
  pieceHash,
  pieceRange,
  verifyClaims,
} from "@panal/sdk";
import { JOURNAL_SUFFIX, PART_SUFFIX, createFlusher, createJournalKeeper, writeAll } from "@panal/sdk/node";
import { type GatheredPiece, createGatheredPiece } from "./gathered-piece.ts";

/** Pieces of an upload that have begun to come and aren't whole: each costs the hashes of its blocks, up to 32 KiB. */
const MAX_GATHERED = 64;
/** Longest first line of a journal: a path of 4096 bytes, escaped, and something around it. */
const MAX_HEADER_BYTES = 32 * 1024;

/** What is known of an upload besides its bytes; the first line of its journal. */
export interface UploadHeader {
  /** Within the inbox. */
  readonly path: string;
  readonly fileId: FileId;
  readonly writer: string;
  /** Whose quota it is. */
  readonly client: string;
  /** Milliseconds since 1970; 0: unknown. */
  readonly modifiedMs: number;
}

/** An upload on disk: its bytes, and a journal of which pieces are verified. Crash order: data, then its bit. */
export interface UploadPart {
  readonly have: PieceSet;
  readonly missingBytes: number;
  /**
   * Takes bytes from `start` of the file on; whole blocks. Throws "out-of-range", "invalid", "corrupt" for a piece that is
   * whole and wrong: nothing of it is kept.
   */
  put(start: number, data: Uint8Array): Promise<void>;
  /** Forgets pieces that aren't whole, as far as nobody is sending them. */
  forgetBegun(): void;
  /** Everything is on the disk, with the time of change it had. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenPartOptions {
  /** Path of the part without its suffix. */
  stem: string;
  header: UploadHeader;
  manifest: Manifest;
  hashBlocks: HashBlocks;
  signal: AbortSignal;
}

/** Opens an upload's part. What an earlier run's journal claims is read and checked. */
export async function openUploadPart(options: OpenPartOptions): Promise<UploadPart> {
  const { stem, header, manifest, hashBlocks } = options;
  const part = await open(stem + PART_SUFFIX, "a+").then(async (created) => {
    await created.close();
    return open(stem + PART_SUFFIX, "r+");
  });
  let journal: FileHandle | undefined;
  try {
    const claimed = await readClaims(stem, manifest);
    const have = claimed ?? new PieceSet(manifest.pieceCount);
    if (claimed !== undefined) await dropFalseClaims(claimed, part, options);
    const line = Buffer.from(`${JSON.stringify(header)}\n`);
    // Beside it, then in its place: a crash leaves the old claims or the new ones.
    const newPath = `${stem}.new${JOURNAL_SUFFIX}`;
    journal = await open(newPath, "w", 0o600);
    await writeAll(journal, Buffer.concat([line, have.toBitmap()]), 0);
    await rename(newPath, stem + JOURNAL_SUFFIX);
    return createPart({ part, journal, have, headerLength: line.length, manifest, hashBlocks, header });
  } catch (error) {
    await journal?.close();
    await part.close();
    throw error;
  }
}

function createPart(opened: {
  part: FileHandle;
  journal: FileHandle;
  have: PieceSet;
  headerLength: number;
  manifest: Manifest;
  header: UploadHeader;
  hashBlocks: HashBlocks;
}): UploadPart {
  const { part, journal, have, headerLength, manifest, header, hashBlocks } = opened;
  const gathered = new Map<number, GatheredPiece>();
  const flusher = createFlusher(part);
  // The system lets in one at a time; the others would wait for it on a processor each.
  const writing = createGate(1);
  const write = (bytes: Uint8Array, position: number) => writing.run(() => writeAll(part, bytes, position));
  const keeper = createJournalKeeper(() => writeAll(journal, have.toBitmap(), headerLength));

  function gatheredAt(index: number, length: number): GatheredPiece {
    const known = gathered.get(index);
    if (known !== undefined) return known;
    if (gathered.size >= MAX_GATHERED) {
      throw new PanalError(
        "unreachable",
        `${MAX_GATHERED} pieces have begun and aren't whole: finish those first`,
      );
    }
    const piece = createGatheredPiece(length);
    gathered.set(index, piece);
    return piece;
  }

  async function putInPiece(index: number, offset: number, data: Uint8Array): Promise<void> {
    if (have.has(index)) return;
    const range = pieceRange(index, manifest);
    const piece = gatheredAt(index, range.end - range.start);
    const stretches = piece.take(offset, offset + data.length);
    await settleAll(
      stretches.map(async ({ start, end }) => {
        const bytes = data.subarray(start - offset, end - offset);
        try {
          const [hashes] = await settleAll([hashBlocks(bytes), write(bytes, range.start + start)]);
          flusher.written(bytes.length);
          piece.written(start, hashes);
        } catch (error) {
          piece.release(start, end);
          throw error;
        }
      }),
    );
    // Another part may have been the last one.
    if (piece.blockHashes === undefined || gathered.get(index) !== piece) return;
    gathered.delete(index);
    const hash = pieceHash(piece.blockHashes, {
      pieceLength: manifest.pieceLength,
      isWholeFile: manifest.pieceCount <= 1,
      hashPairs: hashBlocks.pairs,
    });
    if (!equalBytes(hash, expectedPieceHash(manifest, index))) {
      throw new PanalError(
        "corrupt",
        `piece ${index} of ${manifest.fileId} does not match its hash: nothing of it is kept`,
      );
    }
    have.add(index);
    await keeper.added();
  }

  return {
    have,
    get missingBytes() {
      return missingBytesOf(manifest, have);
    },
    async put(start, data) {
      const end = start + data.length;
      const { length, pieceLength } = manifest;
      if (data.length === 0) throw new PanalError("invalid", "data: there is none");
      if (end > length) throw new PanalError("out-of-range", `bytes up to ${end} of a file of ${length}`);
      if (start % BLOCK_LENGTH !== 0 || (end % BLOCK_LENGTH !== 0 && end !== length)) {
        throw new PanalError("invalid", `bytes ${start} to ${end}: not whole blocks of ${BLOCK_LENGTH}`);
      }
      const puts: Promise<void>[] = [];
      for (let at = start; at < end;) {
        const index = Math.floor(at / pieceLength);
        const until = Math.min(end, (index + 1) * pieceLength);
        puts.push(putInPiece(index, at - index * pieceLength, data.subarray(at - start, until - start)));
        at = until;
      }
      await settleAll(puts);
    },
    forgetBegun() {
      for (const [index, piece] of gathered) if (piece.isIdle) gathered.delete(index);
    },
    async finish() {
      await flusher.flushAll();
      if (header.modifiedMs > 0) await part.utimes(header.modifiedMs / 1000, header.modifiedMs / 1000);
    },
    async close() {
      await keeper.save().catch(() => {});
      await flusher.idle();
      await part.close();
      await journal.close();
    },
  };
}

/** What an upload that was begun earlier is; undefined for anything that isn't one. */
export async function readUploadHeader(stem: string): Promise<UploadHeader | undefined> {
  const file = await open(stem + JOURNAL_SUFFIX, "r").catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const buffer = Buffer.alloc(MAX_HEADER_BYTES);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    const end = buffer.subarray(0, bytesRead).indexOf("\n");
    return end < 0 ? undefined : parseHeader(buffer.toString("utf8", 0, end));
  } finally {
    await file.close();
  }
}

/** Away with an upload, whatever there is of it. The journal last: without it nobody would know what the part is. */
export async function removeUploadPart(stem: string): Promise<void> {
  for (const suffix of [PART_SUFFIX, JOURNAL_SUFFIX]) await rm(stem + suffix, { force: true });
}

async function readClaims(stem: string, manifest: Manifest): Promise<PieceSet | undefined> {
  const file = await open(stem + JOURNAL_SUFFIX, "r").catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const all = PieceSet.full(manifest.pieceCount).toBitmap();
    const buffer = Buffer.alloc(MAX_HEADER_BYTES + all.length);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    const start = buffer.subarray(0, bytesRead).indexOf("\n") + 1;
    if (start === 0 || bytesRead !== start + all.length) return undefined;
    // Bits past the last piece are noise.
    const bitmap = buffer.subarray(start, bytesRead).map((byte, index) => byte & all[index]!);
    return PieceSet.fromBitmap(bitmap, manifest.pieceCount);
  } finally {
    await file.close();
  }
}

async function dropFalseClaims(claimed: PieceSet, part: FileHandle, options: OpenPartOptions): Promise<void> {
  const { manifest, hashBlocks, signal } = options;
  const buffer = Buffer.alloc(Math.min(manifest.pieceLength, manifest.length));
  await verifyClaims(claimed, {
    manifest,
    hashBlocks,
    signal,
    async readRange({ start, end }) {
      const { bytesRead } = await part.read(buffer, 0, end - start, start);
      return buffer.subarray(0, bytesRead);
    },
  });
}

function parseHeader(line: string): UploadHeader | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { path, fileId, writer, client, modifiedMs } = value as Record<string, unknown>;
  if (typeof path !== "string" || typeof fileId !== "string" || !isFileId(fileId)) return undefined;
  if (typeof writer !== "string" || typeof client !== "string" || typeof modifiedMs !== "number")
    return undefined;
  return { path, fileId, writer, client, modifiedMs };
}

/** Waits for all, so that nobody is still reading `data` afterwards, then gives what they gave or throws the first failure. */
async function settleAll<T extends readonly unknown[]>(
  tasks: readonly [...T],
): Promise<{ -readonly [Index in keyof T]: Awaited<T[Index]> }> {
  for (const result of await Promise.allSettled(tasks)) if (result.status === "rejected") throw result.reason;
  return Promise.all(tasks);
}
