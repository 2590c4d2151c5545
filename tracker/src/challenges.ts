import { createToken } from "./lease.ts";

/** How long whoever was told that an address is taken has to prove that it is theirs. */
const CHALLENGE_MS = 60_000;
const MAX_CHALLENGES = 1_000;
const PROOF_TIMEOUT_MS = 2_000;
/** A nonce is far shorter; whatever else answers there isn't read. */
const MAX_PROOF_BYTES = 256;

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

/** Whether the nonce is served at `{url}/.well-known/panal`, now, without a detour. */
export async function servesNonce(url: string, nonce: string, fetchFn: typeof fetch): Promise<boolean> {
  try {
    const response = await fetchFn(`${url}/.well-known/panal`, {
      redirect: "error",
      signal: AbortSignal.timeout(PROOF_TIMEOUT_MS),
      headers: { accept: "text/plain" },
    });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      return false;
    }
    return (await readAtMost(response.body, MAX_PROOF_BYTES))?.trim() === nonce;
  } catch {
    // Refused, too slow, redirected: whatever it was, it is no proof.
    return false;
  }
}

async function readAtMost(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let total = 0;
  for await (const chunk of body) {
    total += chunk.length;
    if (total > maxBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}
