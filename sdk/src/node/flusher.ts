/** A long file reaches the disk in steps of this while it is written: at its end only the last one is waited for. */
const FLUSH_BYTES = 64 * 1024 * 1024;

/** Sees to it that what was written reaches the disk while more is written, not all at the end. */
export interface Flusher {
  /** So many more bytes were written. Throws what an earlier flush has met. */
  written(bytes: number): void;
  /** Everything is on the disk. Throws what any flush has met: the system tells an error of writing behind only once. */
  flushAll(): Promise<void>;
  /** Nothing is under way: the file may be closed. */
  idle(): Promise<void>;
}

export function createFlusher(file: { datasync(): Promise<void> }): Flusher {
  let unflushedBytes = 0;
  let flush: Promise<void> | undefined;
  let failure: { error: unknown } | undefined;

  function throwFailure(): void {
    if (failure !== undefined) throw failure.error;
  }

  async function idle(): Promise<void> {
    await flush;
  }

  return {
    written(bytes) {
      throwFailure();
      unflushedBytes += bytes;
      if (unflushedBytes < FLUSH_BYTES || flush !== undefined) return;
      unflushedBytes = 0;
      flush = file
        .datasync()
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => {
          flush = undefined;
        });
    },
    async flushAll() {
      await idle();
      throwFailure();
      await file.datasync();
    },
    idle,
  };
}
