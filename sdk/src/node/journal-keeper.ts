/** A crash costs what came in this time; and at a thousand pieces a second the journal isn't most of the work. */
const SAVE_MS = 250;

/** Saves which pieces are there: each at once while they come slowly, else together. */
export interface JournalKeeper {
  /** One more is there. Throws what saving throws. */
  added(): Promise<void>;
  /** All that are there are saved. */
  save(): Promise<void>;
}

/** `write` saves the state of that moment. `now` in milliseconds. */
export function createJournalKeeper(
  write: () => Promise<void>,
  now: () => number = () => performance.now(),
): JournalKeeper {
  let isDirty = false;
  let saving: Promise<void> | undefined;
  let savedMs = Number.NEGATIVE_INFINITY;

  async function save(): Promise<void> {
    // One at a time: an older state must not be written over a newer one.
    if (saving !== undefined) {
      await saving;
      return save();
    }
    if (!isDirty) return;
    isDirty = false;
    savedMs = now();
    saving = write().finally(() => {
      saving = undefined;
    });
    await saving;
  }

  return {
    async added() {
      isDirty = true;
      if (saving === undefined && now() - savedMs >= SAVE_MS) await save();
    },
    save,
  };
}
