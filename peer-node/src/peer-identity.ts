import { readFile, rm } from "node:fs/promises";
import { writePrivateFile } from "./write-private-file.ts";

/** What a tracker gave a peer. */
export interface PeerIdentity {
  readonly trackerUrl: string;
  readonly peerId: string;
  /** A secret. */
  readonly lease: string;
}

/** Keeps the identity over restarts, so that a peer that starts anew is still itself. */
export interface IdentityFile {
  /** Undefined when there is none for this tracker, or it can't be read. */
  load(trackerUrl: string): Promise<PeerIdentity | undefined>;
  save(identity: PeerIdentity): Promise<void>;
  clear(): Promise<void>;
}

export function createIdentityFile(path: string): IdentityFile {
  return {
    async load(trackerUrl) {
      try {
        const identity = parseIdentity(JSON.parse(await readFile(path, "utf8")));
        return identity?.trackerUrl === trackerUrl ? identity : undefined;
      } catch {
        return undefined;
      }
    },
    async save(identity) {
      await writePrivateFile(path, JSON.stringify(identity));
    },
    clear: () => rm(path, { force: true }),
  };
}

function parseIdentity(value: unknown): PeerIdentity | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!("trackerUrl" in value) || !("peerId" in value) || !("lease" in value)) return undefined;
  const { trackerUrl, peerId, lease } = value;
  if (typeof trackerUrl !== "string" || typeof peerId !== "string" || typeof lease !== "string") {
    return undefined;
  }
  return { trackerUrl, peerId, lease };
}
