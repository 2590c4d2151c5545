import { CHALLENGE_MS, type Challenges, MAX_CHALLENGES } from "../challenges.ts";
import { createToken } from "../lease.ts";
import type { Queries } from "./postgres-connection.ts";

/** Handed out by one replica, redeemed at another. */
export function createPostgresChallenges(db: Queries, now: () => number): Challenges {
  return {
    async create(keys) {
      const nonce = createToken();
      await db.run("INSERT INTO challenges (nonce, keys, expires_at) VALUES ($1, $2, $3)", [
        nonce,
        JSON.stringify(keys),
        now() + CHALLENGE_MS,
      ]);
      await db.run(
        `DELETE FROM challenges WHERE expires_at <= $1
           OR nonce IN (SELECT nonce FROM challenges ORDER BY expires_at DESC, nonce OFFSET $2)`,
        [now(), MAX_CHALLENGES],
      );
      return nonce;
    },
    async redeem(nonce, keys) {
      const challenge = await db.get<{ keys: string; expires_at: number }>(
        "DELETE FROM challenges WHERE nonce = $1 RETURNING keys, expires_at",
        [nonce],
      );
      if (challenge === undefined || challenge.expires_at <= now()) return false;
      const known = new Set(JSON.parse(challenge.keys) as string[]);
      return keys.every((key) => known.has(key));
    },
  };
}
