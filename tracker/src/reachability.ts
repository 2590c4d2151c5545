import { type Gate, createGate } from "@panal/sdk";
import { clientOf } from "@panal/sdk/node";
import type { Caller } from "./caller.ts";
import type { Registrant } from "./dial-rules.ts";
import type { TrackerEvent } from "./events.ts";
import type { NonceReader } from "./read-nonce.ts";
import { reachOfPeer } from "./reach.ts";
import type { PeerRecord, ReachFinding, Store } from "./store/store.ts";
import { createTokenBuckets } from "./token-buckets.ts";

/** A peer learns its nonce from the answer to its registration; it has this long before it is asked. */
const FIRST_CHECK_MS = 1_000;
/** Reachable peers are looked at so often. */
const RECHECK_REACHABLE_MS = 10 * 60_000;
/** Others sooner, and later and later the longer they have been there: a quarter of that time, within these. */
const MIN_RECHECK_MS = 60_000;
const MAX_RECHECK_MS = 15 * 60_000;
/** After a complaint, a peer is looked at unless it was just now. */
const RECHECK_REPORTED_MS = 15_000;
/** Checks of a peer, however often it registers and whatever is said of it. */
const CHECKS_PER_MINUTE = 4;
/** Peers that are being checked, each at up to 16 addresses; and calls at the same time. */
const MAX_CHECKS = 32;
/** Of these, for peers that registered from one address: those of others aren't to wait behind a crowd that keeps silent. */
const MAX_CHECKS_OF_ADDRESS = 8;
const MAX_CALLS = 64;
/** Peers that wait for it; the next heartbeat of one that found no place asks again. */
const MAX_WAITING = 10_000;
/** Proofs that are awaited by registrations. */
const MAX_PROOFS = 16;

type Checked = Pick<PeerRecord, "peerId" | "name" | "nonce" | "urls" | "isLocalOnly">;

interface Check {
  readonly peer: Checked;
  readonly registrant: Registrant;
  /** When it is due. */
  readonly at: number;
  /** What was known before. */
  readonly before: ReachFinding["reachable"];
}

export interface ReachabilityOptions {
  store: Pick<Store, "change" | "reports">;
  reader: Pick<NonceReader, "check">;
  now: () => number;
  /** A peer was reachable and isn't any more, or the other way round. */
  emit: (event: TrackerEvent) => void;
  countCheck: (reachable: ReachFinding["reachable"]) => void;
  onError: (error: unknown) => void;
}

/** Whether peers are where they say: calls them, and keeps what it found in the store. */
export interface Reachability {
  /** To be told of each registration. */
  registered(peer: Checked, caller: Caller): void;
  /** To be told of each heartbeat: a peer that is due is checked, by the tracker that hears from it. */
  heard(peer: PeerRecord, caller: Caller): void;
  /** Whether the nonce is served at all of these URLs, for whoever wants to register there. */
  proves(urls: readonly string[], options: { nonce: string; caller: Caller }): Promise<boolean>;
  /** The peer is gone. */
  forget(peerId: string): void;
  /** Starts what is due, and waits for nothing. */
  tick(): void;
  /** When no check is under way. */
  settled(): Promise<void>;
  /** Breaks off. */
  close(): Promise<void>;
}

export function createReachability({
  store,
  reader,
  now,
  emit,
  countCheck,
  onError,
}: ReachabilityOptions): Reachability {
  /** First checks come before others: whoever has just come is unknown to everybody. */
  const first = new Map<string, Check>();
  const again = new Map<string, Check>();
  const running = new Map<string, Promise<void>>();
  const runningFrom = new Map<string, number>();
  const stopped = new AbortController();
  const calls: Gate = createGate(MAX_CALLS);
  let proofs = 0;
  const turns = createTokenBuckets({
    perSecond: CHECKS_PER_MINUTE / 60,
    burst: CHECKS_PER_MINUTE,
    now,
  });

  function call(url: string, nonce: string, registrant: Registrant): Promise<ReachFinding> {
    return calls.run(() => reader.check(url, { nonce, registrant, signal: stopped.signal }));
  }

  async function carryOut({ peer, registrant, before }: Check): Promise<void> {
    const startedAt = now();
    const { peerId, nonce, name, isLocalOnly } = peer;
    const findings = await Promise.all(peer.urls.map((url) => call(url, nonce, registrant)));
    if (stopped.signal.aborted) return;
    const { reachable } = reachOfPeer({ findings });
    const isNews = before !== "unknown" && reachable !== "unknown" && before !== reachable;
    const { result: isCurrent, events } = await store.change(async ({ peers }) => {
      const isNoted = await peers.noteReach({ peerId, nonce, findings, checkedAt: now() });
      const event: TrackerEvent = { type: "peer-changed", peerId, name, isLocalOnly };
      return { result: isNoted, events: isNoted && isNews ? [event] : [] };
    });
    for (const event of events) emit(event);
    if (!isCurrent) return;
    countCheck(reachable);
    // Who said that nobody is there was wrong, or is by now.
    if (reachable === "yes") await store.reports.clearUnreachable(peerId, startedAt);
  }

  function start(check: Check, from: string): void {
    const { peerId } = check.peer;
    runningFrom.set(from, (runningFrom.get(from) ?? 0) + 1);
    const ended = carryOut(check)
      .catch(onError)
      .finally(() => {
        running.delete(peerId);
        const left = runningFrom.get(from)! - 1;
        if (left === 0) runningFrom.delete(from);
        else runningFrom.set(from, left);
      });
    running.set(peerId, ended);
  }

  function startDue(waiting: Map<string, Check>): void {
    const time = now();
    for (const [peerId, check] of waiting) {
      if (running.size >= MAX_CHECKS) return;
      const from = clientOf(check.registrant.address);
      const isCrowded = (runningFrom.get(from) ?? 0) >= MAX_CHECKS_OF_ADDRESS;
      if (check.at > time || running.has(peerId) || isCrowded) continue;
      waiting.delete(peerId);
      if (turns.take(peerId) === 0) start(check, from);
    }
  }

  function isDue(peer: PeerRecord): boolean {
    const age = now() - peer.checkedAt;
    if (peer.checkedAt === 0) return true;
    if (peer.reportedAt > peer.checkedAt && age >= RECHECK_REPORTED_MS) return true;
    if (reachOfPeer(peer).reachable === "yes") return age >= RECHECK_REACHABLE_MS;
    const known = now() - peer.registeredAt;
    return age >= Math.min(MAX_RECHECK_MS, Math.max(MIN_RECHECK_MS, known / 4));
  }

  return {
    registered(peer, caller) {
      again.delete(peer.peerId);
      first.delete(peer.peerId);
      if (first.size >= MAX_WAITING) return;
      first.set(peer.peerId, {
        peer,
        registrant: { address: caller.isSeen ? caller.address : "", isLocal: caller.isLocal },
        at: now() + FIRST_CHECK_MS,
        before: "unknown",
      });
    },
    heard(peer, caller) {
      const { peerId } = peer;
      if (peer.nonce === "" || !isDue(peer)) return;
      if (first.has(peerId) || again.has(peerId) || running.has(peerId) || again.size >= MAX_WAITING) return;
      again.set(peerId, {
        peer,
        // Where it registered from decides, also when it is heard from elsewhere; that it is on this machine, only this
        // tracker can tell.
        registrant: { address: peer.registeredFrom, isLocal: caller.isLocal },
        at: now(),
        before: reachOfPeer(peer).reachable,
      });
    },
    async proves(urls, { nonce, caller }) {
      if (urls.length === 0 || proofs >= MAX_PROOFS) return false;
      proofs++;
      try {
        const registrant = { address: caller.isSeen ? caller.address : "", isLocal: caller.isLocal };
        const findings = await Promise.all(urls.map((url) => call(url, nonce, registrant)));
        return findings.every(({ reachable }) => reachable === "yes");
      } finally {
        proofs--;
      }
    },
    forget(peerId) {
      first.delete(peerId);
      again.delete(peerId);
    },
    tick() {
      if (stopped.signal.aborted) return;
      startDue(first);
      startDue(again);
    },
    async settled() {
      await Promise.all(running.values());
    },
    async close() {
      stopped.abort();
      await Promise.all(running.values());
    },
  };
}
