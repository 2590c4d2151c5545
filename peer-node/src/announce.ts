import {
  type Clock,
  type PanalError,
  type RegisterResponse,
  type TrackerClient,
  TrackerError,
  type TrackerSession,
  announcedFile,
  isForgotten,
  keepRegistered,
} from "@panal/sdk";
import { createPendingChanges } from "./announce-changes.ts";
import type { AnnouncedFiles } from "./library/served-files.ts";
import type { IdentityFile } from "./peer-identity.ts";
import type { Reach } from "./relay/relay-link.ts";

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

/**
 * Keeps a peer's entry at the tracker (`keepRegistered`), under the lease of an earlier run where there is one, and says what happens.
 */
export function startAnnouncing(options: AnnounceOptions): Announcer {
  const { tracker, files: announced, identity, clock, random, now = Date.now } = options;
  const pending = createPendingChanges();
  let nonce = "";
  let urls: readonly string[] = [];
  let needsWholeList = true;
  /** Of the list as the tracker has it; begins where no earlier run of ours has been. */
  let revision = now();
  let lastState: AnnounceState["type"] | undefined;

  function tell(state: AnnounceState): void {
    // The tracker being away is news once.
    if (state.type !== "registered" && state.type === lastState) return;
    lastState = state.type;
    options.onState?.(state);
  }

  async function register(session: TrackerSession | undefined, signal: AbortSignal) {
    const current = options.urls();
    const known = session ?? (await identity?.load(tracker.url));
    const answer = await requestRegistration({ urls: current, lease: known?.lease, signal });
    const { peerId, lease } = answer;
    nonce = answer.nonce;
    urls = current;
    await identity?.save({ trackerUrl: tracker.url, peerId, lease });
    options.onWebOrigins(answer.webOrigins);
    tell({ type: "registered", peerId, isAgain: lastState !== undefined });
    options.onReach?.({ relayUrl: answer.relayUrl, reachable: "unknown" });
    return answer;
  }

  async function requestRegistration(wanted: {
    urls: string[];
    lease: string | undefined;
    signal: AbortSignal;
  }): Promise<RegisterResponse> {
    const { lease, signal } = wanted;
    const relay = options.usesRelay === true ? { relay: true } : {};
    const request = { ...options.profile, ...relay, urls: wanted.urls };
    const call = (proof?: string) =>
      tracker.register(proof === undefined ? request : { ...request, nonce: proof }, {
        signal,
        ...(lease === undefined ? {} : { lease }),
      });
    try {
      return await call();
    } catch (error) {
      if (lease !== undefined && isForgotten(error))
        return requestRegistration({ ...wanted, lease: undefined });
      const proof = error instanceof TrackerError ? error.problem?.nonce : undefined;
      if (proof === undefined) throw error;
      // We held the address in an earlier life: serving this proves that it is ours now.
      nonce = proof;
      return call(proof);
    }
  }

  async function sendChanges({ peerId, lease }: TrackerSession, signal: AbortSignal): Promise<void> {
    if (needsWholeList) {
      // What changes from here on is sent after it.
      pending.clear();
      const files = Array.from(announced.all(), announcedFile);
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

  const registration = keepRegistered({
    tracker,
    register,
    list: {
      hasChanges: () => needsWholeList || !pending.isEmpty,
      send: sendChanges,
      forgetSent: () => (needsWholeList = true),
    },
    // Another network: the entry is renewed under the same lease.
    isMoved: () => String(options.urls()) !== String(urls),
    onHeartbeat({ webOrigins, reachable, revision: known }, { relayUrl }) {
      options.onWebOrigins(webOrigins);
      options.onReach?.({ relayUrl, reachable });
      if (known !== revision) needsWholeList = true;
    },
    onFine({ peerId }) {
      if (lastState === "away") tell({ type: "registered", peerId, isAgain: true });
    },
    onTrouble(error, { isRegistered, retryMs }) {
      if (!isRegistered && error.code === "conflict") tell({ type: "address-taken", error, retryMs });
      else tell({ type: "away", error });
    },
    clock,
    random,
  });
  const unsubscribe = announced.subscribe((change) => {
    pending.add(change);
    registration.changed();
  });
  return {
    peerId: () => registration.session()?.peerId ?? "",
    nonce: () => nonce,
    identity() {
      const session = registration.session();
      return session && { peerId: session.peerId, lease: session.lease };
    },
    async close() {
      unsubscribe();
      // When it doesn't hear of it, it notices by itself that we are gone; the lease stays for the next start.
      if (!(await registration.close())) return;
      await identity?.clear();
      tell({ type: "logged-out" });
    },
  };
}
