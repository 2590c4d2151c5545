import { createToken } from "./lease.ts";

/** How long whoever was told that an address is taken has to prove that it is theirs. */
export const CHALLENGE_MS = 60_000;
export const MAX_CHALLENGES = 1_000;

/** Nonces that were handed out to prove who owns an address. */
export interface Challenges {
  /** A nonce for these addresses. */
  create(keys: readonly string[]): Promise<string>;
  /** Whether the nonce was handed out for all of these addresses not long ago. It can be used once. */
  redeem(nonce: string, keys: readonly string[]): Promise<boolean>;
}

/** In the memory of one process. */
export function createChallenges(now: () => number): Challenges {
  const open = new Map<string, { keys: ReadonlySet<string>; expiresAt: number }>();
  return {
    async create(keys) {
      // In the order they were made, so the oldest go first.
      for (const [nonce, { expiresAt }] of open) {
        if (expiresAt > now() && open.size < MAX_CHALLENGES) break;
        open.delete(nonce);
      }
      const nonce = createToken();
      open.set(nonce, { keys: new Set(keys), expiresAt: now() + CHALLENGE_MS });
      return nonce;
    },
    async redeem(nonce, keys) {
      const challenge = open.get(nonce);
      open.delete(nonce);
      return (
        challenge !== undefined && challenge.expiresAt > now() && keys.every((key) => challenge.keys.has(key))
      );
    },
  };
}
