/** Keys that are known at the same time; beyond that, whoever was silent longest begins anew. */
const MAX_KEYS = 20_000;
/** Full buckets looked for with each use: more than come in. */
const FORGOTTEN_PER_USE = 2;
/** What sums of fractions are off by. */
const ROUNDING_MS = 1e-3;

export interface TokenBucketsOptions {
  /** How many come back each second. */
  perSecond: number;
  /** How many there are at first, and at most. */
  burst: number;
  /** Milliseconds. */
  now: () => number;
  maxKeys?: number;
}

/** How much everybody may do: a bucket of tokens each, which fills up by itself. */
export interface TokenBuckets {
  /** Takes one token; or none, and gives the milliseconds until there is one. 0: taken. */
  take(key: string): number;
  /** Takes so many, even if there aren't: the next `take` then waits until that is made up for. */
  charge(key: string, tokens: number): void;
  /** Buckets in memory. */
  readonly size: number;
}

export function createTokenBuckets({
  perSecond,
  burst,
  now,
  maxKeys = MAX_KEYS,
}: TokenBucketsOptions): TokenBuckets {
  /** In the order they were last used. */
  const buckets = new Map<string, { tokens: number; at: number }>();
  const filled = ({ tokens, at }: { tokens: number; at: number }, time: number) =>
    Math.min(burst, tokens + ((time - at) / 1000) * perSecond);

  function set(key: string, bucket: { tokens: number; at: number }): void {
    buckets.delete(key);
    buckets.set(key, bucket);
    let looked = 0;
    for (const [oldest, kept] of buckets) {
      // A full one is as good as none.
      if (buckets.size <= maxKeys && (looked++ >= FORGOTTEN_PER_USE || filled(kept, bucket.at) < burst))
        break;
      buckets.delete(oldest);
    }
  }

  return {
    take(key) {
      const at = now();
      const known = buckets.get(key);
      const tokens = known === undefined ? burst : filled(known, at);
      if (tokens < 1 - ROUNDING_MS)
        return Math.max(1, Math.ceil(((1 - tokens) / perSecond) * 1000 - ROUNDING_MS));
      set(key, { tokens: tokens - 1, at });
      return 0;
    },
    charge(key, tokens) {
      const at = now();
      const known = buckets.get(key);
      set(key, { tokens: (known === undefined ? burst : filled(known, at)) - tokens, at });
    },
    get size() {
      return buckets.size;
    },
  };
}
