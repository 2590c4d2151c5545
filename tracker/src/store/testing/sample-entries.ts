import { type AnnouncedFile, parseFileId } from "@panal/sdk";
import { expect } from "vitest";
import type { PeerChange, SearchQuery, Store, View } from "../store.ts";

export const EVERYTHING: View = { aliveSince: 0, includeLocalOnly: true };
/** Without the peers that were seen last before `seenAt` of `peerOf`. */
export const ALIVE_ONLY: View = { aliveSince: 1_000, includeLocalOnly: true };
export const DAY = "2026-01-02T03:04:05.000Z";

/** A content id that differs with `n`. */
export function sampleFileId(n: number, size = 1000 + n) {
  return parseFileId(`${n.toString(16).padStart(64, "0")}-${size}`);
}

export function fileOf(
  path: string,
  n: number,
  options: { size?: number; mtime?: string } = {},
): AnnouncedFile {
  return { path, fileId: sampleFileId(n, options.size), mtime: options.mtime ?? DAY };
}

export function peerOf(peerId: string, changes: Partial<PeerChange> = {}): PeerChange {
  return {
    peerId,
    leaseHash: new TextEncoder().encode(peerId.padEnd(32, "#")),
    name: `name of ${peerId}`,
    version: "1",
    acceptsUploads: false,
    urls: [`http://10.0.0.1/${peerId}`],
    dialableUrls: [],
    isLocalOnly: false,
    nonce: `nonce of ${peerId}`,
    registeredFrom: "10.0.0.1",
    addressKeys: [`http://10.0.0.1/${peerId}`],
    seenAt: 1_000,
    aliveSince: 0,
    replaces: [],
    maxPeers: 100,
    ...changes,
  };
}

export function queryOf(changes: Partial<SearchQuery>): SearchQuery {
  return { q: "", sort: "relevance", limit: 50, ...changes };
}

/** The store a test works with, and short ways to fill and ask it. */
export interface StoreUnderTest {
  readonly store: Store;
  /** A new peer with these files. */
  share(peerId: string, files: readonly AnnouncedFile[], changes?: Partial<PeerChange>): Promise<void>;
  /** What a search finds, in order. */
  pathsOf(query: Partial<SearchQuery>, view?: View): Promise<string[]>;
  /** Clears up until nothing is left to clear. */
  collectAll(): Promise<void>;
}

/** `current`: the store of the test that runs. */
export function storeUnderTest(current: () => Store): StoreUnderTest {
  return {
    get store() {
      return current();
    },
    async share(peerId, files, changes = {}) {
      const { peers, lists } = current();
      expect(await peers.save(peerOf(peerId, changes))).toEqual([]);
      await lists.stage({ peerId, files, uploadId: "whole", now: 1 });
      await lists.commit({ peerId, uploadId: "whole", revision: 1 });
    },
    async pathsOf(query, view = EVERYTHING) {
      return (await current().index.search(view, queryOf(query))).rows.map(({ path }) => path);
    },
    async collectAll() {
      for (let turns = 0; await current().lists.collectGarbage({ abandonedBefore: 0 }); turns++) {
        if (turns > 1000) throw new Error("garbage never ends");
      }
    },
  };
}
