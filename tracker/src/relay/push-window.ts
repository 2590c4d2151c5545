/** Room for what is on its way to one reader: at first, and however slow it is. */
export const MIN_WINDOW_BYTES = 256 * 1024;
/** Four parts of 4 MiB. */
export const MAX_WINDOW_BYTES = 16 * 1024 * 1024;
/** For all readers together, beyond the least for each: a few quick ones may have all of it. */
export const MAX_ROOM_BYTES = 24 * 1024 * 1024;
/** Who takes half a window within this gets a larger one; who takes longer than the other a smaller one. So a window is what comes in a second or two. */
const QUICK_MS = 500;
const SLOW_MS = 2_000;
/** More is granted in steps of a window's part, so that parts aren't tiny. */
const STEPS = 4;

/** What windows beyond the least may have together. */
export interface Room {
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
  readonly takenBytes: number;
}

/** `onTake`: there is less room for others now. */
export function createRoom(totalBytes: number, onTake: () => void): Room {
  let left = totalBytes;
  return {
    get takenBytes() {
      return totalBytes - left;
    },
    take(bytes) {
      if (bytes > left) return false;
      left -= bytes;
      onTake();
      return true;
    },
    giveBack(bytes) {
      left += bytes;
    },
  };
}

/** How many bytes of one answer may be pushed: never more than a window ahead of what its reader took. */
export interface PushWindow {
  /** From the beginning of the answer's body. Never gets less. */
  readonly grantedBytes: number;
  /** The reader took so many more. Gives whether that grants more. */
  took(bytes: number): boolean;
  /** Nothing from there on is wanted any more: no more is granted than up to there. */
  endAt(bytes: number): void;
  close(): void;
}

export function createPushWindow({ room, now }: { room: Room; now: () => number }): PushWindow {
  let sizeBytes = MIN_WINDOW_BYTES;
  let taken = 0;
  let granted = sizeBytes;
  let mostBytes = Number.POSITIVE_INFINITY;
  /** When the size was looked at last, and what had been taken then. */
  let before = { taken: 0, at: now() };

  function adapt(): void {
    if (taken - before.taken < sizeBytes / 2) return;
    const elapsedMs = now() - before.at;
    before = { taken, at: now() };
    if (elapsedMs <= QUICK_MS && sizeBytes < MAX_WINDOW_BYTES && room.take(sizeBytes)) sizeBytes *= 2;
    else if (elapsedMs > SLOW_MS && sizeBytes > MIN_WINDOW_BYTES) {
      sizeBytes /= 2;
      room.giveBack(sizeBytes);
    }
  }

  return {
    get grantedBytes() {
      return granted;
    },
    took(bytes) {
      taken += bytes;
      adapt();
      const next = Math.min(taken + sizeBytes, mostBytes);
      // The last bit is no step, but all there is to come.
      if (next <= granted || (next - granted < sizeBytes / STEPS && next < mostBytes)) return false;
      granted = next;
      return true;
    },
    endAt(bytes) {
      mostBytes = Math.min(mostBytes, bytes);
    },
    close() {
      room.giveBack(sizeBytes - MIN_WINDOW_BYTES);
      sizeBytes = MIN_WINDOW_BYTES;
    },
  };
}
