import { PanalError, type registerRequestSchema } from "@panal/sdk";
import type { z } from "zod";
import type { Challenges } from "./challenges.ts";
import type { Caller } from "./caller.ts";
import type { DialRules } from "./dial-rules.ts";
import { type Announcement, parseAnnouncement } from "./endpoints.ts";
import type { TrackerEvent } from "./events.ts";
import { createLivePeers } from "./live-peers.ts";
import { createLease, createToken, hashLease } from "./lease.ts";
import type { Reachability } from "./reachability.ts";
import { reachOfPeer } from "./reach.ts";
import type {
  AddressConflict,
  Changed,
  ListState,
  ListStore,
  PeerRecord,
  ReachFinding,
  Store,
} from "./store/store.ts";

/** How long an entry nobody sees is kept: a peer that wakes up in this time goes on with its next heartbeat. */
const KEEP_ASLEEP_MS = 15 * 60_000;
/** Parts of a list whose rest never came. */
const KEEP_STAGED_MS = 15 * 60_000;
/** What the clocks of those who write into one store may differ by. */
const MAX_CLOCK_ERROR_MS = 5_000;
/** What one turn of clearing up may take. */
const GARBAGE_BUDGET_MS = 100;
/** Peers at the same time; each may hold the entry of an address that nobody answers at. */
const MAX_PEERS = 100_000;

export interface RegistryOptions {
  store: Store;
  /** Milliseconds since 1970, never backwards; the same for all who use the store. */
  now: () => number;
  challenges: Challenges;
  heartbeatSeconds: number;
  /** Which addresses the tracker may call. */
  dialRules: DialRules;
  /** Proves that an address belongs to who says so, at registration and later. */
  reachability: Reachability;
  /** Told of each event when it is a fact. */
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

export function createRegistry(options: RegistryOptions) {
  const { store, now, challenges, heartbeatSeconds, dialRules, reachability, emit } = options;
  const live = createLivePeers({ store, now, heartbeatSeconds });
  const { aliveMs, aliveSince } = live;
  /** Heartbeats that aren't written yet. */
  const seen = new Map<string, number>();
  let hasLooked = false;
  /** Since when peers could tell that they live; undefined while the store is away. */
  let reachableSince: number | undefined = now();

  const lastSeenOf = (peer: PeerRecord) => Math.max(peer.lastSeenAt, seen.get(peer.peerId) ?? 0);

  async function change<T>(work: Parameters<typeof store.change<T>>[0]): Promise<T> {
    const { result, events } = await store.change(work);
    for (const event of events) emit(event);
    return result;
  }

  /** Writes the heartbeats that came since the last time, together. */
  async function flush(): Promise<void> {
    if (seen.size === 0) return;
    const batch = Array.from(seen, ([peerId, seenAt]) => ({ peerId, seenAt }));
    seen.clear();
    try {
      await change(async ({ peers }) => {
        const back = await peers.touch(batch);
        return { result: undefined, events: back.map((peer) => peerEvent("peer-joined", peer)) };
      });
    } catch (error) {
      for (const { peerId, seenAt } of batch) seen.set(peerId, Math.max(seenAt, seen.get(peerId) ?? 0));
      throw error;
    }
  }

  /**
   * Peers of an earlier run that were seen after this one began: the clock was set back in between, and when they were
   * really seen nobody knows. Those that live register again with their next heartbeat.
   */
  async function forgetFuture(): Promise<void> {
    const start = now() + MAX_CLOCK_ERROR_MS;
    await removePeers(await store.peers.seenBetween({ start, end: Number.MAX_SAFE_INTEGER }));
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
    { standing, caller }: { standing: readonly AddressConflict[]; caller: Caller },
  ): Promise<string[]> {
    const keys = standing.flatMap((conflict) => conflict.keys);
    if (nonce === undefined || !(await challenges.redeem(nonce, keys))) return [];
    const urls = announcement.urls.filter((_, index) => keys.includes(announcement.keys[index]!));
    const isProven = await reachability.proves(urls, { nonce, caller });
    return isProven ? standing.map(({ peerId }) => peerId) : [];
  }

  async function addressTaken(
    announcement: Announcement,
    standing: readonly AddressConflict[],
  ): Promise<AddressTakenError> {
    const keys = standing.flatMap((conflict) => conflict.keys);
    const freeAt = Math.max(...standing.map(({ lastSeenAt }) => lastSeenAt)) + aliveMs;
    return new AddressTakenError({
      urls: announcement.urls.filter((_, index) => keys.includes(announcement.keys[index]!)).join(", "),
      nonce: await challenges.create(keys),
      retryAfterSeconds: Math.max(1, Math.ceil((freeAt - now()) / 1000)),
    });
  }

  function forget(peerId: string): void {
    seen.delete(peerId);
    reachability.forget(peerId);
  }

  async function removePeers(gone: readonly PeerRecord[]): Promise<void> {
    if (gone.length === 0) return;
    await change(async ({ peers }) => {
      const removed = new Set(await peers.remove({ peerIds: gone.map(({ peerId }) => peerId) }));
      const events = gone
        .filter(({ peerId }) => removed.has(peerId))
        .map((peer) => peerEvent("peer-left", peer));
      return { result: undefined, events };
    });
    for (const { peerId } of gone) forget(peerId);
  }

  /** What is due: written heartbeats, news of peers that fell silent, clearing up. */
  async function upkeep(): Promise<void> {
    if (!hasLooked) await forgetFuture();
    hasLooked = true;
    await flush();
    await change(async ({ peers }) => {
      const silent = await peers.fallSilent({ seenBefore: aliveSince() });
      return { result: undefined, events: silent.map((peer) => peerEvent("peer-left", peer)) };
    });
    reachableSince ??= now();
    // After a start, everybody gets the time for a heartbeat before old entries go.
    if (now() - reachableSince >= aliveMs) {
      await store.peers.remove({ seenBefore: now() - Math.max(KEEP_ASLEEP_MS, aliveMs) });
    }
    const until = performance.now() + GARBAGE_BUDGET_MS;
    while (await store.lists.collectGarbage({ abandonedBefore: now() - KEEP_STAGED_MS })) {
      if (performance.now() > until) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  return {
    heartbeatSeconds,
    /** As all see it who use the same store. */
    now,
    authorize,
    byLease,

    everything: live.everything,
    viewFor: live.viewFor,
    visiblePeer: live.visiblePeer,

    /**
     * A new peer, or with a lease a new profile of a known one. Throws "unauthorized" for a lease nobody has,
     * AddressTakenError when a live peer has one of the addresses and no proof was given.
     */
    async register(
      request: z.output<typeof registerRequestSchema>,
      { caller, lease }: { caller: Caller; lease?: string | undefined },
    ): Promise<Registration> {
      const known = lease === undefined ? undefined : await byLease(lease);
      const announcement = parseAnnouncement(request, { caller, dialRules });
      const newLease = lease ?? createLease();
      const nonce = createToken();
      const peerId = known?.peerId ?? createToken();
      // What counts against a newcomer is what is true now, not at the last flush.
      await flush();
      const { isLocalOnly } = announcement;
      const wasHere = known !== undefined && lastSeenOf(known) >= aliveSince();
      const isNews = !wasHere || known.isLocalOnly !== isLocalOnly;
      const news = [
        // Who could see it and can't any more is told that it went.
        ...(wasHere && isLocalOnly && !known.isLocalOnly ? [peerEvent("peer-left", known)] : []),
        peerEvent(isNews ? "peer-joined" : "peer-changed", { peerId, name: request.name, isLocalOnly }),
      ];
      const save = (replaced: readonly PeerRecord[]) =>
        change(async ({ peers }) => {
          const standing = await peers.save({
            peerId,
            leaseHash: hashLease(newLease),
            name: request.name,
            version: request.version,
            acceptsUploads: request.acceptsUploads,
            urls: announcement.urls,
            dialableUrls: announcement.dialableUrls,
            isLocalOnly,
            nonce,
            registeredFrom: caller.isSeen ? caller.address : "",
            addressKeys: announcement.keys,
            seenAt: now(),
            aliveSince: aliveSince(),
            replaces: replaced.map((peer) => peer.peerId),
            maxPeers: MAX_PEERS,
          });
          const left = replaced.map((peer) => peerEvent("peer-left", peer));
          return { result: standing, events: standing.length > 0 ? [] : [...left, ...news] };
        });
      let standing = await save([]);
      if (standing.length > 0) {
        const replaces = await provenReplacements(request.nonce, announcement, { standing, caller });
        const found = await Promise.all(replaces.map((id) => store.peers.find({ peerId: id })));
        const replaced = found.filter((peer) => peer !== undefined);
        if (replaces.length > 0) standing = await save(replaced);
        if (standing.length > 0) throw await addressTaken(announcement, standing);
        for (const peer of replaced) forget(peer.peerId);
      }
      const { urls } = announcement;
      reachability.registered({ peerId, name: request.name, nonce, urls, isLocalOnly }, caller);
      return {
        peerId,
        lease: newLease,
        nonce,
        urls,
        expiresAt: now() + aliveMs,
      };
    },

    /** The peer lives. Written later with others, unless it was out of sight: then it is back at once. */
    async heartbeat(
      peerId: string,
      { lease, caller }: { lease: string | undefined; caller: Caller },
    ): Promise<{ revision: number; expiresAt: number; reachable: ReachFinding["reachable"] }> {
      const peer = await authorize(peerId, lease);
      const wasAlive = lastSeenOf(peer) >= aliveSince();
      seen.set(peerId, now());
      if (!wasAlive) await flush();
      reachability.heard(peer, caller);
      return {
        revision: peer.revision,
        expiresAt: now() + aliveMs,
        reachable: reachOfPeer(peer).reachable,
      };
    },

    async logout(peerId: string, lease: string | undefined): Promise<void> {
      await removePeers([await authorize(peerId, lease)]);
    },

    async logoutByLease(lease: string): Promise<void> {
      await removePeers([await byLease(lease)]);
    },

    /** Changes the peer's list, and tells of it; `what` of it changed, when it isn't replaced as a whole. */
    changeFiles(
      peer: PeerRecord,
      work: (lists: ListStore) => Promise<ListState>,
      what: Pick<TrackerEvent, "added" | "removed"> = {},
    ): Promise<ListState> {
      return change(async ({ lists }): Promise<Changed<ListState>> => {
        const state = await work(lists);
        return { result: state, events: [{ ...peerEvent("files-changed", peer), ...state, ...what }] };
      });
    },

    /** The peer is at the relay, or there again: whoever watches asks for its endpoints anew. */
    async attached(peerId: string): Promise<void> {
      const peer = await store.peers.find({ peerId });
      if (peer === undefined) return;
      await change(async () => ({ result: undefined, events: [peerEvent("peer-changed", peer)] }));
    },

    /** The peer has left the relay: gone, unless it has addresses of its own. */
    async detached(peerId: string): Promise<void> {
      const peer = await store.peers.find({ peerId });
      if (peer === undefined) return;
      if (peer.urls.length === 0) return removePeers([peer]);
      await change(async () => ({ result: undefined, events: [peerEvent("peer-changed", peer)] }));
    },

    /** Does what is due; to be called every second or so. */
    async tick(): Promise<void> {
      reachability.tick();
      try {
        await upkeep();
      } catch (error) {
        [hasLooked, reachableSince] = [false, undefined];
        throw error;
      }
    },

    /** Writes what is only in memory. */
    close: flush,
  };
}

function peerEvent(
  type: TrackerEvent["type"],
  { peerId, name, isLocalOnly }: Pick<PeerRecord, "peerId" | "name" | "isLocalOnly">,
): TrackerEvent {
  return { type, peerId, name, isLocalOnly };
}
