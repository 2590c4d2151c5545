/** A crash costs what came in this time; and at a thousand pieces a second the journal isn't most of the work. */
const SAVE_MS = 250;

/** Saves which pieces are there: each at once while they come slowly, else together. */
export interface JournalKeeper {
  /** One more is there. Throws what saving throws, also what it threw for pieces before. */
  added(): Promise<void>;
  /** All that are there are saved, and none will be by itself any more. */
  save(): Promise<void>;
}

/** `write` saves the state of that moment. */
export function createJournalKeeper(write: () => Promise<void>): JournalKeeper {
  let isDirty = false;
  let saving: Promise<void> | undefined;
  /** Until it fires there is nothing saved. */
  let timer: NodeJS.Timeout | undefined;
  let failure: { error: unknown } | undefined;

  async function save(): Promise<void> {
    // One at a time: an older state must not be written over a newer one.
    if (saving !== undefined) {
      await saving;
      return save();
    }
    if (!isDirty) return;
    isDirty = false;
    timer = setTimeout(saveByItself, SAVE_MS).unref();
    saving = write().finally(() => {
      saving = undefined;
    });
    await saving;
  }

  /** What came since the last time, if anything did. */
  function saveByItself(): void {
    timer = undefined;
    save().catch((error: unknown) => {
      failure ??= { error };
    });
  }

  return {
    async added() {
      if (failure !== undefined) throw failure.error;
      isDirty = true;
      if (timer === undefined) await save();
    },
    async save() {
      try {
        await save();
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
