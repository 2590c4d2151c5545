import { PanalError, throwIfAborted } from "@panal/sdk";
import { type Manifest, pieceRange, type PieceSet } from "@panal/sdk/content";
import type { PickedFileStore } from "@panal/sdk/browser";
import type { ReadableStore } from "@panal/sdk/transfer";

/** The file's place in the browser's storage: whole, or a part that somebody has watched. */
export interface BrowserPlace {
  find(): Promise<{ isComplete: boolean } | undefined>;
  /** The whole file, when it is complete. */
  whole(): Promise<Blob | undefined>;
  createStore(): ReadableStore;
  remove(): Promise<void>;
}

export interface ReadAlongStore extends ReadableStore {
  /** While somebody reads along, what comes is kept where it can be read at once. Never rejects. */
  readAlong(isWanted: boolean): Promise<void>;
  /** What can be read at once, without a checkpoint of the picked file; undefined while it isn't open. */
  readable(): PieceSet | undefined;
}

/**
 * One download for a picked file and for whoever watches it: each piece comes once. A picked file can't be read before it is
 * closed, so pieces that come while somebody watches go into the browser's storage as well. Those that went into the
 * picked file before are read there, after a checkpoint of it, which costs a copy of what is there, once. What was watched
 * before the download began is taken over from the browser's storage when it opens.
 */
export function createReadAlongStore({
  picked,
  browser,
}: {
  picked: PickedFileStore;
  browser: BrowserPlace;
}): ReadAlongStore {
  /** While it is open, and has taken over what was there. */
  let opened: { readonly manifest: Manifest; readonly signal: AbortSignal } | undefined;
  let beside: { readonly store: ReadableStore; readonly have: PieceSet } | undefined;
  let isRead = false;
  /** Whether the browser's storage has a part that the picked file makes superfluous. */
  let hasPart = false;
  /** Why the browser's storage takes nothing more, and the pieces it didn't take: a checkpoint for each would be too dear. */
  let failure: PanalError | undefined;
  const missed = new Set<number>();
  let lastChange: Promise<void> = Promise.resolve();

  /** One change of the place beside at a time. */
  function change(job: () => Promise<void>): Promise<void> {
    const done = lastChange.then(job);
    lastChange = done.catch(() => {});
    return done;
  }

  async function openBeside(manifest: Manifest, signal: AbortSignal): Promise<void> {
    if (beside !== undefined) return;
    const store = browser.createStore();
    try {
      beside = { store, have: await store.open(manifest, { signal }) };
    } catch (error) {
      failure = PanalError.from(error);
    }
  }

  async function closeBeside(): Promise<void> {
    const closing = beside;
    beside = undefined;
    failure = undefined;
    missed.clear();
    await closing?.store.close().catch(() => {});
  }

  /** The picked file is whole, or has all there is: nobody needs the part. */
  async function removePart(): Promise<void> {
    await closeBeside();
    if (hasPart) await browser.remove().catch(() => {});
    hasPart = false;
  }

  /** Writes what the browser's storage has and the picked file hasn't. */
  async function takeOver(have: PieceSet, manifest: Manifest, signal: AbortSignal): Promise<void> {
    const found = await browser.find().catch(() => undefined);
    const whole = found?.isComplete === true ? await browser.whole().catch(() => undefined) : undefined;
    if (whole === undefined && (isRead || found?.isComplete === false)) await openBeside(manifest, signal);
    for (let index = 0; index < manifest.pieceCount; index++) {
      if (have.has(index) || !(whole !== undefined || beside?.have.has(index) === true)) continue;
      throwIfAborted(signal);
      const { start, end } = pieceRange(index, manifest);
      const data =
        whole === undefined
          ? await beside!.store.read({ start, end })
          : new Uint8Array(await whole.slice(start, end).arrayBuffer());
      await picked.write(index, data);
      have.add(index);
    }
    hasPart = beside !== undefined;
    if (!isRead) await closeBeside();
    opened = { manifest, signal };
  }

  async function keepBeside(index: number, data: Uint8Array): Promise<void> {
    const place = beside;
    try {
      if (failure !== undefined) throw failure;
      await place?.store.write(index, data);
      place?.have.add(index);
    } catch (error) {
      if (place !== beside) return;
      failure = PanalError.from(error);
      missed.add(index);
    }
  }

  async function readPiece(index: number, range: { start: number; end: number }): Promise<Uint8Array> {
    if (beside?.have.has(index) === true) {
      // It may be closed meanwhile, since the picked file is whole.
      const bytes = await beside.store.read(range).catch(() => undefined);
      if (bytes !== undefined) return bytes;
    }
    if (failure !== undefined && missed.has(index)) throw failure;
    return picked.read(range);
  }

  return {
    async readAlong(isWanted) {
      isRead = isWanted;
      await change(async () => {
        if (!isWanted) return closeBeside();
        if (opened === undefined) return;
        await openBeside(opened.manifest, opened.signal);
        hasPart ||= beside !== undefined;
      });
    },

    readable() {
      const pieces = picked.committed()?.clone();
      if (opened === undefined || pieces === undefined || beside === undefined) return pieces;
      for (let index = 0; index < pieces.pieceCount; index++) if (beside.have.has(index)) pieces.add(index);
      return pieces;
    },

    async open(manifest, { signal }) {
      const have = await picked.open(manifest, { signal });
      await change(() => takeOver(have, manifest, signal));
      return have;
    },

    async write(pieceIndex, data) {
      await Promise.all([picked.write(pieceIndex, data), keepBeside(pieceIndex, data)]);
    },

    async read(range) {
      // Else pieces that come while the place beside is being opened would each cost a checkpoint.
      await lastChange;
      if (opened === undefined) return picked.read(range);
      const { manifest } = opened;
      const bytes = new Uint8Array(range.end - range.start);
      for (let at = range.start; at < range.end;) {
        const index = Math.floor(at / manifest.pieceLength);
        const end = Math.min(range.end, pieceRange(index, manifest).end);
        bytes.set(await readPiece(index, { start: at, end }), at - range.start);
        at = end;
      }
      return bytes;
    },

    async complete() {
      await picked.complete();
      opened = undefined;
      await change(removePart);
    },

    async close() {
      opened = undefined;
      try {
        await picked.close();
        await change(removePart);
      } finally {
        await closeBeside();
      }
    },
  };
}
