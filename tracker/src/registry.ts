import { PanalError, type registerRequestSchema } from "@panal/sdk";
import type { z } from "zod";
import { createChallenges, servesNonce } from "./challenges.ts";
import type { Caller } from "./caller.ts";
import { type Announcement, parseAnnouncement } from "./endpoints.ts";
import type { TrackerEvent } from "./events.ts";
import { createLease, createToken, hashLease } from "./lease.ts";
import type { AddressConflict, PeerRecord, Store, View } from "./store/store.ts";

/** A peer is in no answer any more when its last heartbeat is this many intervals old: one may get lost. */
const ALIVE_INTERVALS = 2.5;
/** How long an entry nobody sees is kept: a peer that wakes up in this time goes on with its next heartbeat. */
const KEEP_ASLEEP_MS = 15 * 60_000;
/** Parts of a list whose rest never came. */
const KEEP_STAGED_MS = 15 * 60_000;
/** Heartbeats are written together, at the latest after this. */
const MAX_FLUSH_DELAY_MS = 2_000;
/** What one turn of clearing up may take. */
const GARBAGE_BUDGET_MS = 100;
/** Peers at the same time; each may hold the entry of an address that nobody answers at. */
const MAX_PEERS = 100_000;

export interface RegistryOptions {
  store: Store;
  /** Milliseconds since 1970, never backwards. */
  now: () => number;
  heartbeatSeconds: number;
  /** For proofs that an address belongs to who says so. */
  fetch: typeof fetch;
  emit: (event: TrackerEvent) => void;
}

export interface Registration {
  readonly peerId: string;
  readonly lease: string;
  readonly nonce: string;
  readonly urls: readonly string[];
  readonly expiresAt: number;
}

/** A live peer has the address. `nonce`: served there, it proves that the address changed hands. */
export class AddressTakenError extends PanalError {
  readonly nonce: string;
  readonly retryAfterSeconds: number;

  constructor(options: { urls: string; nonce: string; retryAfterSeconds: number }) {
    super(
      "conflict",
      `${options.urls}: a live peer is registered at this address; it goes with its lease, or when it stops its` +
        " heartbeats, or when you serve the nonce at /.well-known/panal and register again with it",
    );
    this.nonce = options.nonce;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Who is alive, and who may change what. */
export type Registry = ReturnType<typeof createRegistry>;

export function createRegistry({ store, now, heartbeatSeconds, fetch: fetchFn, emit }: RegistryOptions) {
  const aliveMs = ALIVE_INTERVALS * heartbeatSeconds * 1000;
  const flushDelayMs = Math.min(MAX_FLUSH_DELAY_MS, (heartbeatSeconds * 1000) / 4);
  const challenges = createChallenges(now);
  const startedAt = now();
  /** Heartbeats that aren't written yet. */
  const seen = new Map<string, number>();
  let flushedAt = startedAt;
  let hasLooked = false;
  /** Those the last look found alive, to tell when one falls silent. */
  let aliveAtLastLook = startedAt - aliveMs;

  const aliveSince = () => now() - aliveMs;
  const lastSeenOf = (peer: PeerRecord) => Math.max(peer.lastSeenAt, seen.get(peer.peerId) ?? 0);

  async function flush(): Promise<void> {
    flushedAt = now();
    const batch = Array.from(seen, ([peerId, seenAt]) => ({ peerId, seenAt }));
    seen.clear();
    await store.peers.touch(batch);
  }

  /**
   * Peers of an earlier run that were seen after this one began: the clock was set back in between, and when they were
   * really seen nobody knows. Those that live register again with their next heartbeat.
   */
  async function forgetFuture(): Promise<void> {
    const peers = await store.peers.seenBetween({ start: now() + 1, end: Number.MAX_SAFE_INTEGER });
    await store.peers.remove({ peerIds: peers.map(({ peerId }) => peerId) });
    for (const peer of peers) forget(peer);
  }

  /** The peer with this id, for whoever has its lease. Throws "unauthorized", "not-found", or "forbidden". */
  async function authorize(peerId: string, lease: string | undefined): Promise<PeerRecord> {
    if (lease === undefined) throw new PanalError("unauthorized", "expected Authorization: Bearer <lease>");
    const leaseHash = hashLease(lease);
    const peer = await store.peers.find({ peerId });
    if (peer === undefined)
      throw new PanalError("not-found", `peer ${peerId}: not registered (any more); register again`);
    if (Buffer.compare(peer.leaseHash, leaseHash) === 0) return peer;
    if ((await store.peers.find({ leaseHash })) === undefined) {
      throw new PanalError("unauthorized", "nobody has this lease (any more)");
    }
    throw new PanalError("forbidden", `peer ${peerId}: the lease is another peer's`);
  }

  async function byLease(lease: string): Promise<PeerRecord> {
    const peer = await store.peers.find({ leaseHash: hashLease(lease) });
    if (peer === undefined) throw new PanalError("unauthorized", "nobody has this lease (any more)");
    return peer;
  }

  /** The peers whose addresses the nonce has won: all that stand in the way, or none. */
  async function provenReplacements(
    nonce: string | undefined,
    announcement: Announcement,
    standing: readonly AddressConflict[],
  ): Promise<string[]> {
    const keys = standing.flatMap((conflict) => conflict.keys);
    if (nonce === undefined || !challenges.redeem(nonce, keys)) return [];
    const urls = announcement.urls.filter((_, index) => keys.includes(announcement.keys[index]!));
    const proofs = await Promise.all(urls.map((url) => servesNonce(url, nonce, fetchFn)));
    return proofs.every(Boolean) ? standing.map(({ peerId }) => peerId) : [];
  }

  function addressTaken(announcement: Announcement, standing: readonly AddressConflict[]): AddressTakenError {
    const keys = standing.flatMap((conflict) => conflict.keys);
    const freeAt = Math.max(...standing.map(({ lastSeenAt }) => lastSeenAt)) + aliveMs;
    return new AddressTakenError({
      urls: announcement.urls.filter((_, index) => keys.includes(announcement.keys[index]!)).join(", "),
      nonce: challenges.create(keys),
      retryAfterSeconds: Math.max(1, Math.ceil((freeAt - now()) / 1000)),
    });
  }

  /** To be called when the store has done so. */
  function forget({ peerId, name, isLocalOnly }: PeerRecord): void {
    seen.delete(peerId);
    emit({ type: "peer-left", peerId, name, isLocalOnly });
  }

  async function logoutPeer(peer: PeerRecord): Promise<void> {
    await store.peers.remove({ peerIds: [peer.peerId] });
    forget(peer);
  }

  return {
    heartbeatSeconds,
    authorize,
    byLease,

    /** All that live now, for the operator. */
    everything(): View {
      return { aliveSince: aliveSince(), includeLocalOnly: true };
    },

    /** What a caller may see now. */
    viewFor(caller: Caller): View {
      return { aliveSince: aliveSince(), includeLocalOnly: caller.isLocal };
    },

    /** A live peer the caller may see. Throws "not-found". */
    async visiblePeer(peerId: string, caller: Caller): Promise<PeerRecord> {
      const peer = await store.peers.find({ peerId });
      const isVisible =
        peer !== undefined && peer.lastSeenAt >= aliveSince() && (caller.isLocal || !peer.isLocalOnly);
      if (!isVisible) throw new PanalError("not-found", `peer ${peerId}: not here (any more)`);
      return peer;
    },

    /**
     * A new peer, or with a lease a new profile of a known one. Throws "unauthorized" for a lease nobody has,
     * AddressTakenError when a live peer has one of the addresses and no proof was given.
     */
    async register(
      request: z.output<typeof registerRequestSchema>,
      { caller, lease }: { caller: Caller; lease?: string | undefined },
    ): Promise<Registration> {
      const known = lease === undefined ? undefined : await byLease(lease);
      const announcement = parseAnnouncement(request, caller);
      const newLease = lease ?? createLease();
      const nonce = createToken();
      const peerId = known?.peerId ?? createToken();
      // What counts against a newcomer is what is true now, not at the last flush.
      await flush();
      const save = (replaces: readonly string[]) =>
        store.peers.save({
          peerId,
          leaseHash: hashLease(newLease),
          name: request.name,
          version: request.version,
          acceptsUploads: request.acceptsUploads,
          urls: announcement.urls,
          dialableUrls: announcement.dialableUrls,
          isLocalOnly: announcement.isLocalOnly,
          nonce,
          registeredFrom: caller.isSeen ? caller.address : "",
          addressKeys: announcement.keys,
          seenAt: now(),
          aliveSince: aliveSince(),
          replaces,
          maxPeers: MAX_PEERS,
        });
      let standing = await save([]);
      if (standing.length > 0) {
        const replaces = await provenReplacements(request.nonce, announcement, standing);
        const replaced = await Promise.all(replaces.map((id) => store.peers.find({ peerId: id })));
        if (replaces.length > 0) standing = await save(replaces);
        if (standing.length > 0) throw addressTaken(announcement, standing);
        for (const peer of replaced) if (peer !== undefined) forget(peer);
      }
      const { isLocalOnly } = announcement;
      const wasHere = known !== undefined && lastSeenOf(known) >= aliveSince();
      // Who could see it and can't any more is told that it went.
      if (wasHere && isLocalOnly && !known.isLocalOnly)
        emit({ type: "peer-left", peerId, name: known.name, isLocalOnly: false });
      const isNews = !wasHere || known.isLocalOnly !== isLocalOnly;
      emit({ type: isNews ? "peer-joined" : "peer-changed", peerId, name: request.name, isLocalOnly });
      return {
        peerId,
        lease: newLease,
        nonce,
        urls: announcement.urls,
        expiresAt: now() + aliveMs,
      };
    },

    /** The peer lives. Written later with others, unless it was out of sight: then it is back at once. */
    async heartbeat(
      peerId: string,
      lease: string | undefined,
    ): Promise<{ revision: number; expiresAt: number }> {
      const peer = await authorize(peerId, lease);
      const wasAlive = lastSeenOf(peer) >= aliveSince();
      seen.set(peerId, now());
      if (!wasAlive) {
        await flush();
        emit({ type: "peer-joined", peerId, name: peer.name, isLocalOnly: peer.isLocalOnly });
      }
      return { revision: peer.revision, expiresAt: now() + aliveMs };
    },

    async logout(peerId: string, lease: string | undefined): Promise<void> {
      await logoutPeer(await authorize(peerId, lease));
    },

    async logoutByLease(lease: string): Promise<void> {
      await logoutPeer(await byLease(lease));
    },

    /** The peer's list changed; what of it, when it wasn't replaced as a whole. */
    filesChanged(
      peer: PeerRecord,
      list: Required<Pick<TrackerEvent, "revision" | "fileCount">> & Pick<TrackerEvent, "added" | "removed">,
    ): void {
      const { peerId, name, isLocalOnly } = peer;
      emit({ type: "files-changed", peerId, name, isLocalOnly, ...list });
    },

    /** What is due: written heartbeats, news of peers that fell silent, clearing up. To be called every second or so. */
    async tick(): Promise<void> {
      if (!hasLooked) await forgetFuture();
      hasLooked = true;
      if (now() - flushedAt >= flushDelayMs) await flush();
      const silentSince = aliveSince();
      for (const peer of await store.peers.seenBetween({ start: aliveAtLastLook, end: silentSince })) {
        if (lastSeenOf(peer) >= silentSince) continue;
        emit({ type: "peer-left", peerId: peer.peerId, name: peer.name, isLocalOnly: peer.isLocalOnly });
      }
      aliveAtLastLook = Math.max(aliveAtLastLook, silentSince);
      // After a start, everybody gets the time for a heartbeat before old entries go.
      if (now() - startedAt >= aliveMs) {
        await store.peers.remove({ seenBefore: now() - Math.max(KEEP_ASLEEP_MS, aliveMs) });
      }
      const until = performance.now() + GARBAGE_BUDGET_MS;
      while (await store.lists.collectGarbage({ abandonedBefore: now() - KEEP_STAGED_MS })) {
        if (performance.now() > until) break;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },

    /** Writes what is only in memory. */
    close: flush,
  };
}
