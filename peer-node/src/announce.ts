import {
  type Clock,
  PanalError,
  type RegisterResponse,
  type TrackerClient,
  TrackerError,
  askedWaitMs,
  trackerBackoffMs,
  isAbort,
  isForgotten,
  systemClock,
} from "@panal/sdk";
import { announcedFileOf, createPendingChanges } from "./announce-changes.ts";
import type { AnnouncedFiles } from "./library/served-files.ts";
import type { IdentityFile } from "./peer-identity.ts";
import type { Reach } from "./relay/relay-link.ts";

/** Changes are gathered for so long before they are sent. */
const GATHER_MS = 250;
/** A heartbeat comes this much earlier than asked for at most, so that peers started together drift apart. */
const JITTER = 0.2;
/** What logging out may take; the tracker notices by itself otherwise. */
const LOGOUT_TIMEOUT_MS = 3_000;

/** What happens between a peer and its tracker, for people. */
export type AnnounceState =
  | { readonly type: "registered"; readonly peerId: string; readonly isAgain: boolean }
  | { readonly type: "away"; readonly error: PanalError }
  | { readonly type: "address-taken"; readonly error: PanalError; readonly retryMs: number }
  | { readonly type: "logged-out" };

export interface AnnounceOptions {
  tracker: TrackerClient;
  files: AnnouncedFiles;
  /** Without one, who it was is forgotten when it ends. */
  identity?: IdentityFile | undefined;
  profile: { name: string; version: string; acceptsUploads: boolean };
  /** Whether it is to be listed however it can be reached, since it answers over the relay. */
  usesRelay?: boolean;
  /** Told what the tracker says of how the peer is reached. */
  onReach?: (reach: Reach) => void;
  /** Base URLs the peer answers at; asked anew, since networks come and go. */
  urls: () => string[];
  /** The origins whose pages may read from the peer. */
  onWebOrigins: (origins: readonly string[]) => void;
  onState?: (state: AnnounceState) => void;
  clock?: Clock;
  /** 0 to 1. */
  random?: () => number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

export interface Announcer {
  /** Empty while the tracker gave none. */
  peerId(): string;
  /** To be served at /.well-known/panal. */
  nonce(): string;
  /** Who it is at the tracker, and what proves it; undefined while the tracker gave it none. */
  identity(): { peerId: string; lease: string } | undefined;
  /** Logs out. */
  close(): Promise<void>;
}

interface Session {
  readonly peerId: string;
  readonly lease: string;
  readonly urls: readonly string[];
  readonly relayUrl: string | undefined;
  heartbeatMs: number;
  heartbeatAt: number;
}

/**
 * Keeps a peer's entry at the tracker: registers, heartbeats, sends the list of files and then its changes. When the
 * tracker forgot the peer it registers again; when it is away it is tried again, later and later. Goes on until closed.
 */
export function startAnnouncing(options: AnnounceOptions): Announcer {
  const {
    tracker,
    files: announced,
    identity,
    clock = systemClock,
    random = Math.random,
    now = Date.now,
  } = options;
  const closing = new AbortController();
  const { signal } = closing;
  const pending = createPendingChanges();
  let session: Session | undefined;
  let nonce = "";
  let needsWholeList = true;
  /** Of the list as the tracker has it; begins where no earlier run of ours has been. */
  let revision = now();
  let failures = 0;
  let lastState: AnnounceState["type"] | undefined;
  let wake = () => {};

  const unsubscribe = announced.subscribe((change) => {
    pending.add(change);
    wake();
  });

  function tell(state: AnnounceState): void {
    // The tracker being away is news once.
    if (state.type !== "registered" && state.type === lastState) return;
    lastState = state.type;
    options.onState?.(state);
  }

  async function register(): Promise<Session> {
    const urls = options.urls();
    const known = session ?? (await identity?.load(tracker.url));
    const isAgain = session !== undefined || lastState !== undefined;
    const answer = await requestRegistration(urls, known?.lease);
    nonce = answer.nonce;
    await identity?.save({ trackerUrl: tracker.url, peerId: answer.peerId, lease: answer.lease });
    options.onWebOrigins(answer.webOrigins);
    needsWholeList = true;
    const heartbeatMs = answer.heartbeatSeconds * 1000;
    session = {
      peerId: answer.peerId,
      lease: answer.lease,
      urls,
      relayUrl: answer.relayUrl,
      heartbeatMs,
      heartbeatAt: nextBeat(heartbeatMs),
    };
    tell({ type: "registered", peerId: answer.peerId, isAgain });
    options.onReach?.({ relayUrl: answer.relayUrl, reachable: "unknown" });
    return session;
  }

  async function requestRegistration(urls: string[], lease: string | undefined): Promise<RegisterResponse> {
    const relay = options.usesRelay === true ? { relay: true } : {};
    const request = { ...options.profile, ...relay, urls };
    const call = (extra: { lease?: string; nonce?: string }) =>
      tracker.register(extra.nonce === undefined ? request : { ...request, nonce: extra.nonce }, {
        signal,
        ...(extra.lease === undefined ? {} : { lease: extra.lease }),
      });
    try {
      return await call(lease === undefined ? {} : { lease });
    } catch (error) {
      if (lease !== undefined && isForgotten(error)) return requestRegistration(urls, undefined);
      const proof = error instanceof TrackerError ? error.problem?.nonce : undefined;
      if (proof === undefined) throw error;
      // We held the address in an earlier life: serving this proves that it is ours now.
      nonce = proof;
      return call({ ...(lease === undefined ? {} : { lease }), nonce: proof });
    }
  }

  async function heartbeat(current: Session): Promise<void> {
    if (String(options.urls()) !== String(current.urls)) {
      // Another network: the entry is renewed under the same lease.
      await register();
      return;
    }
    const answer = await tracker.heartbeat(current.peerId, { lease: current.lease, signal });
    options.onWebOrigins(answer.webOrigins);
    options.onReach?.({ relayUrl: current.relayUrl, reachable: answer.reachable });
    if (answer.revision !== revision) needsWholeList = true;
    current.heartbeatMs = answer.heartbeatSeconds * 1000;
    current.heartbeatAt = nextBeat(current.heartbeatMs);
  }

  const nextBeat = (heartbeatMs: number) => clock.now() + heartbeatMs * (1 - JITTER * random());

  async function sendChanges({ peerId, lease }: Session): Promise<void> {
    if (needsWholeList) {
      // What changes from here on is sent after it.
      pending.clear();
      const files = Array.from(announced.all(), announcedFileOf);
      ({ revision } = await tracker.putFiles(peerId, { revision: revision + 1, files }, { lease, signal }));
      needsWholeList = false;
      return;
    }
    while (!pending.isEmpty) {
      // Whether a change that got no answer arrived, nobody knows: then everything is sent again.
      needsWholeList = true;
      const change = { baseRevision: revision, revision: revision + 1, ...pending.take() };
      ({ revision } = await tracker.patchFiles(peerId, change, { lease, signal }));
      needsWholeList = false;
    }
  }

  /** Until there is something to send, or it is time for a heartbeat. */
  async function waitForWork(current: Session): Promise<void> {
    const waiting = new AbortController();
    const waitSignal = AbortSignal.any([signal, waiting.signal]);
    if (pending.isEmpty) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const beat = clock.sleep(Math.max(0, current.heartbeatAt - clock.now()), waitSignal);
      try {
        await Promise.race([changed, beat]);
      } finally {
        wake = () => {};
        waiting.abort();
        await beat.catch(() => {});
      }
    }
    if (!pending.isEmpty) await clock.sleep(GATHER_MS, signal);
  }

  async function step(): Promise<void> {
    const current = session ?? (await register());
    if (clock.now() >= current.heartbeatAt) await heartbeat(current);
    await sendChanges(session ?? current);
    failures = 0;
    if (lastState === "away") tell({ type: "registered", peerId: current.peerId, isAgain: true });
    await waitForWork(session ?? current);
  }

  async function recover(error: unknown): Promise<void> {
    if (session !== undefined && isForgotten(error)) {
      session = undefined;
      return;
    }
    const known = PanalError.from(error);
    if (session !== undefined && known.code === "conflict") {
      // Another revision there than we thought. The next round sends everything.
      needsWholeList = true;
      failures++;
      if (failures === 1) return;
    }
    const waitMs = askedWaitMs(error) || trackerBackoffMs(failures++, random());
    if (session === undefined && known.code === "conflict") {
      tell({ type: "address-taken", error: known, retryMs: waitMs });
    } else {
      tell({ type: "away", error: known });
    }
    await clock.sleep(waitMs, signal);
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await step();
      } catch (error) {
        if (signal.aborted || isAbort(error)) return;
        await recover(error).catch(() => {});
      }
    }
  }

  const ended = run();
  return {
    peerId: () => session?.peerId ?? "",
    nonce: () => nonce,
    identity: () => session && { peerId: session.peerId, lease: session.lease },
    async close() {
      unsubscribe();
      closing.abort();
      await ended;
      if (session === undefined) return;
      const { peerId, lease } = session;
      session = undefined;
      try {
        await tracker.logout(peerId, { lease, signal: AbortSignal.timeout(LOGOUT_TIMEOUT_MS) });
        await identity?.clear();
        tell({ type: "logged-out" });
      } catch {
        // It notices by itself that we are gone; the lease stays for the next start.
      }
    },
  };
}
