import type { ByteRange } from "../content/blocks.ts";
import type { Manifest } from "../content/manifest.ts";
import type { PieceSet } from "../content/piece-set.ts";
import { PanalError, throwIfAborted } from "../errors.ts";
import { type Clock, systemClock } from "../transfer/clock.ts";
import { positionOfPiece } from "../transfer/piece-check.ts";
import type { ReadableStore } from "../transfer/store.ts";
import { verifyClaims } from "../transfer/verify-claims.ts";
import { hashBlocksHere } from "./hasher.ts";
import {
  deletePickedJournal,
  forgetOthers,
  readPickedJournal,
  writePickedJournal,
} from "./picked-downloads.ts";
import { storageError } from "./storage-error.ts";

// A checkpoint copies what is there into a new swap file, so it may take a while: it comes when at least this long
// has passed and it costs at most a tenth of the time.
const CHECKPOINT_MS = 30_000;
const CHECKPOINT_SHARE = 10;

export interface PickedFileStoreOptions {
  /** From `showSaveFilePicker`, or from `listPickedDownloads`; with permission to write. */
  handle: FileSystemFileHandle;
  /** Where the same content goes as well, once it is complete. */
  copies?: readonly FileSystemFileHandle[];
  clock?: Pick<Clock, "now">;
}

export interface PickedFileStore extends ReadableStore {
  /** What can be read without a checkpoint; undefined while it isn't open. Not the caller's own. */
  committed(): PieceSet | undefined;
}

/**
 * The file a user picked. The browser writes to a swap file that takes the picked file's place when it is closed, and
 * is lost if it isn't: so it is closed and opened again at checkpoints, when the download pauses, and at the end.
 * What is there at a checkpoint stands in IndexedDB and is read and checked when the download goes on. Until it is
 * complete the picked file may so be there with holes, under its own name: there is no other one it could have.
 * After a crash at most the time between two checkpoints is lost: 30 s, or ten times as long as one takes.
 * What came after the last one can't be read where it is: who reads it makes a checkpoint.
 */
export function createPickedFileStore({
  handle,
  copies = [],
  clock = systemClock,
}: PickedFileStoreOptions): PickedFileStore {
  const place = { handle, copies };
  let opened: OpenFile | undefined;
  /** As it was when it was complete: the browser refuses to read it once it is another. */
  let whole: File | undefined;
  // The swap file is closed and opened again under way, so one thing at a time.
  let lastJob: Promise<unknown> = Promise.resolve();

  function mustBeOpen(): OpenFile {
    if (opened === undefined) throw new PanalError("internal", `${handle.name}: the store is not open`);
    return opened;
  }

  function inTurn<T>(job: () => Promise<T>): Promise<T> {
    const result = lastJob.then(job);
    lastJob = result.catch(() => {});
    return result.catch((error: unknown) => {
      throw storageError(error, handle.name);
    });
  }

  async function checkpoint(file: OpenFile): Promise<void> {
    const startedAtMs = clock.now();
    await file.swap.close();
    await writePickedJournal(file.manifest.fileId, place, file.have);
    file.swap = await openSwap(handle, true);
    file.committed = file.have.clone();
    file.checkpointedAtMs = clock.now();
    file.nextCheckpointMs = Math.max(CHECKPOINT_MS, CHECKPOINT_SHARE * (file.checkpointedAtMs - startedAtMs));
  }

  return {
    async open(manifest, { signal }) {
      throwIfAborted(signal);
      try {
        const have = await resume(manifest, handle, signal);
        const swap = await openSwap(handle, have.size > 0);
        await forgetOthers(manifest.fileId, handle);
        await writePickedJournal(manifest.fileId, place, have);
        opened = {
          manifest,
          have,
          swap,
          committed: have.clone(),
          checkpointedAtMs: clock.now(),
          nextCheckpointMs: CHECKPOINT_MS,
        };
        whole = undefined;
        return have.clone();
      } catch (error) {
        throw storageError(error, handle.name);
      }
    },

    write: (pieceIndex, data) =>
      inTurn(async () => {
        const file = mustBeOpen();
        const position = positionOfPiece(file.manifest, pieceIndex, data);
        await file.swap.write({ type: "write", position, data: data as Uint8Array<ArrayBuffer> });
        file.have.add(pieceIndex);
        if (clock.now() - file.checkpointedAtMs >= file.nextCheckpointMs) await checkpoint(file);
      }),

    committed: () => opened?.committed,

    read: (range) =>
      inTurn(async () => {
        if (opened !== undefined && !isCommitted(opened, range)) await checkpoint(opened);
        const content = whole ?? (await handle.getFile());
        return new Uint8Array(await content.slice(range.start, range.end).arrayBuffer());
      }),

    complete: () =>
      inTurn(async () => {
        const { have, manifest, swap } = mustBeOpen();
        if (!have.isFull) {
          throw new PanalError(
            "internal",
            `${handle.name}: ${have.size} of ${have.pieceCount} pieces are there`,
          );
        }
        // Whatever was there before may have been longer.
        await swap.truncate(manifest.length);
        await swap.close();
        opened = undefined;
        whole = await handle.getFile();
        // The journal goes last: whoever stops here finds all pieces there, and copies again.
        await writePickedJournal(manifest.fileId, place, have);
        for (const copy of copies) await copyFile(handle, copy);
        await deletePickedJournal(manifest.fileId);
      }),

    async close() {
      if (opened === undefined) return;
      await inTurn(async () => {
        const { swap, manifest, have, committed } = mustBeOpen();
        opened = undefined;
        if (have.size === committed.size) return swap.abort();
        // Fails when a write did (no space): then the last checkpoint is what is kept.
        await swap.close();
        await writePickedJournal(manifest.fileId, place, have);
      });
    },
  };
}

interface OpenFile {
  readonly manifest: Manifest;
  readonly have: PieceSet;
  swap: FileSystemWritableFileStream;
  /** What was there at the last checkpoint. */
  committed: PieceSet;
  checkpointedAtMs: number;
  nextCheckpointMs: number;
}

function isCommitted({ manifest, committed }: OpenFile, { start, end }: ByteRange): boolean {
  const { pieceLength } = manifest;
  for (let index = Math.floor(start / pieceLength); index * pieceLength < end; index++) {
    if (!committed.has(index)) return false;
  }
  return true;
}

/** The pieces of an earlier run that are really there. */
async function resume(
  manifest: Manifest,
  handle: FileSystemFileHandle,
  signal: AbortSignal,
): Promise<PieceSet> {
  const claimed = await readPickedJournal(manifest.fileId, handle);
  const content = await handle.getFile();
  await verifyClaims(claimed, {
    manifest,
    hashBlocks: hashBlocksHere,
    signal,
    readRange: async ({ start, end }) => new Uint8Array(await content.slice(start, end).arrayBuffer()),
  });
  return claimed;
}

/** Exclusive where the browser knows the word: two tabs writing into one file would undo each other's pieces. */
function openSwap(
  handle: FileSystemFileHandle,
  keepExistingData: boolean,
): Promise<FileSystemWritableFileStream> {
  const options: FileSystemCreateWritableOptions & { mode: "exclusive" } = {
    keepExistingData,
    mode: "exclusive",
  };
  return handle.createWritable(options);
}

/** Through streams, whatever its length; the browser puts it in its place when all of it was written. */
async function copyFile(from: FileSystemFileHandle, to: FileSystemFileHandle): Promise<void> {
  const content = await from.getFile();
  await content.stream().pipeTo(await openSwap(to, false));
}
