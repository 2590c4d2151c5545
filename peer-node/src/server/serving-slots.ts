import { PanalError } from "@panal/sdk";

/** Files being sent at the same time; more clients are told to come back. */
const MAX_SERVED_AT_ONCE = 256;

const KIB = 1024;

/** How many clients are being sent file data, and what that means for each. */
export interface ServingSlots {
  /** Takes a place; the function it gives frees it. Throws "busy" when there is none. */
  acquire(): () => void;
  /** Bytes of file data to read and send at once: with many clients less, so that all together stay under 100 MiB. */
  messageBytes(): number;
  readonly active: number;
}

export function createServingSlots(max = MAX_SERVED_AT_ONCE): ServingSlots {
  let active = 0;
  return {
    acquire() {
      if (active >= max)
        throw new PanalError("busy", `${active} clients are being served already: try later`);
      active++;
      let isHeld = true;
      return () => {
        if (isHeld) active--;
        isHeld = false;
      };
    },
    messageBytes() {
      if (active <= 16) return 1024 * KIB;
      return active <= 64 ? 256 * KIB : 64 * KIB;
    },
    get active() {
      return active;
    },
  };
}
