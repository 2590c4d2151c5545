import type { Heard } from "./narrate-transfers.ts";
import { isSaving, type Save, type SavesStore } from "./saves-store.ts";
import { isFetching, type Transfer } from "./transfer-state.ts";
import type { TransfersStore } from "./transfers-store.ts";

interface AttendDeps {
  transfers: Pick<TransfersStore, "subscribe" | "state">;
  saves: Pick<SavesStore, "subscribe" | "state">;
  /** Somebody wanted it, and it is complete. */
  onDone(transfer: Transfer): void;
  /** How far all of them are together, 0 to 1; undefined when nothing runs. */
  onProgress(fraction: number | undefined): void;
  /** Something runs, or nothing any more. */
  onBusy(isBusy: boolean): void;
  /** All that somebody wanted, and how far what runs of it is together. */
  onLook(items: readonly Heard[], fraction: number | undefined): void;
}

/** Looks after all that runs, for those who look elsewhere: the tab's title, a notification, a screen that stays on. */
export function attendTransfers(deps: AttendDeps): void {
  const { transfers, saves, onDone, onProgress, onBusy, onLook } = deps;
  let wasBusy = false;
  let before: ReadonlyMap<string, Transfer> = transfers.state().transfers;

  function look(): void {
    const now = transfers.state().transfers;
    for (const [fileId, transfer] of now) {
      const old = before.get(fileId);
      // What an earlier page left complete is no news.
      if (old !== undefined && isFetching(old) && transfer.phase.type === "done") onDone(transfer);
    }
    before = now;
    const parts = [
      ...[...now.values()]
        .filter(isFetching)
        .map(({ length, verifiedBytes }) => ({ all: length, done: verifiedBytes })),
      ...saves
        .state()
        .filter(isSaving)
        .map(({ lengthBytes, givenBytes }) => ({ all: lengthBytes, done: givenBytes })),
    ];
    const all = parts.reduce((sum, part) => sum + part.all, 0);
    const done = parts.reduce((sum, part) => sum + part.done, 0);
    const fraction = parts.length === 0 ? undefined : all === 0 ? 0 : done / all;
    onProgress(fraction);
    const wanted = [...now.values()].filter(({ isWhole }) => isWhole);
    onLook([...wanted.map(heardTransfer), ...saves.state().map(heardSave)], fraction);
    const isBusy = parts.length > 0;
    if (isBusy !== wasBusy) onBusy(isBusy);
    wasBusy = isBusy;
  }

  transfers.subscribe(look);
  saves.subscribe(look);
}

function heardTransfer({ fileId, name, phase }: Transfer): Heard {
  const key = fileId;
  switch (phase.type) {
    case "failed":
      return { key, name, state: "failed", code: phase.code };
    case "done":
    case "waiting":
      return { key, name, state: phase.type };
    case "paused":
    case "stopping":
      return { key, name, state: "resting" };
    case "queued":
    case "starting":
    case "running":
      return { key, name, state: "moving" };
  }
}

function heardSave(save: Save): Heard {
  const { id: key, name, state, code } = save;
  if (isSaving(save)) return { key, name, state: "moving" };
  return { key, name, state: state === "done" || state === "failed" ? state : "resting", code };
}
