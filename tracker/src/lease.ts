import { hash, randomBytes } from "node:crypto";

/** A secret of 256 bits, as text for a header. */
export function createLease(): string {
  return randomBytes(32).toString("base64url");
}

/** What the tracker keeps of a lease: enough to know it again, not enough to use it. */
export function hashLease(lease: string): Uint8Array {
  return hash("sha256", lease, "buffer");
}

/** An id for a peer or a nonce: 128 random bits. Never begins with "-": command lines would take it for an option. */
export function createToken(random: () => Buffer = () => randomBytes(16)): string {
  for (;;) {
    const token = random().toString("base64url");
    if (!token.startsWith("-")) return token;
  }
}
