import type { Manifest } from "../content/manifest.ts";
import type { PieceSet } from "../content/piece-set.ts";
import { PanalError, throwIfAborted } from "../errors.ts";
import { type Clock, systemClock } from "../transfer/clock.ts";
import { positionOfPiece } from "../transfer/piece-check.ts";
import type { Store } from "../transfer/store.ts";
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

/**
 * The file a user picked. The browser writes to a swap file that takes the picked file's place when it is closed, and
 * is lost if it isn't: so it is closed and opened again at checkpoints, when the download pauses, and at the end.
 * What is there at a checkpoint stands in IndexedDB and is read and checked when the download goes on. Until it is
 * complete the picked file may so be there with holes, under its own name: there is no other one it could have.
 * After a crash at most the time between two checkpoints is lost: 30 s, or ten times as long as one takes.
 */
export function createPickedFileStore({
  handle,
  copies = [],
  clock = systemClock,
}: PickedFileStoreOptions): Store {
  const place = { handle, copies };
  let opened: OpenFile | undefined;
  // The swap file is closed and opened again under way, so one thing at a time.
  let lastJob: Promise<unknown> = Promise.resolve();

  function inTurn<T>(job: (file: OpenFile) => Promise<T>): Promise<T> {
    const result = lastJob.then(async () => {
      if (opened === undefined) throw new PanalError("internal", `${handle.name}: the store is not open`);
      return job(opened);
    });
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
    file.hasNews = false;
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
          hasNews: false,
          checkpointedAtMs: clock.now(),
          nextCheckpointMs: CHECKPOINT_MS,
        };
        return have.clone();
      } catch (error) {
        throw storageError(error, handle.name);
      }
    },

    write: (pieceIndex, data) =>
      inTurn(async (file) => {
        const position = positionOfPiece(file.manifest, pieceIndex, data);
        await file.swap.write({ type: "write", position, data: data as Uint8Array<ArrayBuffer> });
        file.have.add(pieceIndex);
        file.hasNews = true;
        if (clock.now() - file.checkpointedAtMs >= file.nextCheckpointMs) await checkpoint(file);
      }),

    complete: () =>
      inTurn(async (file) => {
        const { have, manifest, swap } = file;
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
        // The journal goes last: whoever stops here finds all pieces there, and copies again.
        await writePickedJournal(manifest.fileId, place, have);
        for (const copy of copies) await copyFile(handle, copy);
        await deletePickedJournal(manifest.fileId);
      }),

    async close() {
      if (opened === undefined) return;
      await inTurn(async ({ swap, manifest, have, hasNews }) => {
        opened = undefined;
        if (!hasNews) return swap.abort();
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
  /** Whether anything was written since the last checkpoint. */
  hasNews: boolean;
  checkpointedAtMs: number;
  nextCheckpointMs: number;
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
