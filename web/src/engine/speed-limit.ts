import { createRateLimit, type RateLimit } from "@panal/sdk/transfer";

/** A limit for everything this tab downloads, that can be changed on the way. */
export interface SpeedLimit extends RateLimit {
  /** Undefined: none. */
  set(bytesPerSecond: number | undefined): void;
}

export function createSpeedLimit(): SpeedLimit {
  let limit = createRateLimit({ bytesPerSecond: Infinity });
  return {
    get quantumBytes() {
      return limit.quantumBytes;
    },
    // Who waits already, waits for what is granted by the old one: a moment.
    take: (bytes, options) => limit.take(bytes, options),
    set(bytesPerSecond = Infinity) {
      limit = createRateLimit({ bytesPerSecond });
    },
  };
}
