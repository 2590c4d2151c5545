import { isSaving, type SavesStore } from "./saves-store.ts";
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
}

/** Looks after all that runs, for those who look elsewhere: the tab's title, a notification, a screen that stays on. */
export function attendTransfers({ transfers, saves, onDone, onProgress, onBusy }: AttendDeps): void {
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
    onProgress(parts.length === 0 ? undefined : all === 0 ? 0 : done / all);
    const isBusy = parts.length > 0;
    if (isBusy !== wasBusy) onBusy(isBusy);
    wasBusy = isBusy;
  }

  transfers.subscribe(look);
  saves.subscribe(look);
}
