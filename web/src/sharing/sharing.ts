import {
  type Attachment,
  type Clock,
  type HashBlocks,
  type PanalError,
  type TrackerClient,
  type TrackerSession,
  attach,
  systemClock,
} from "@panal/sdk";
import { type ShareAnnouncer, announceShare } from "./announce-share.ts";
import { createAnswerer } from "./answer-request.ts";
import type { HashKeeper } from "./known-hashes.ts";
import { createReaders } from "./readers.ts";
import { createSharedFiles } from "./shared-files.ts";
import { createSharedRoots } from "./shared-roots.ts";
import {
  NOTHING_SHARED,
  type ShareRequest,
  type SharingConnection,
  type SharingState,
} from "./sharing-api.ts";
import { endingSpeed } from "./smoothed-speed.ts";

const VERSION = "panal-tab/0.1.0";

export interface SharingOptions {
  tracker: TrackerClient;
  hashBlocks: HashBlocks;
  hashKeeper?: HashKeeper;
  transportFor: (relayUrl: string) => Parameters<typeof attach>[0]["transport"];
  attach?: typeof attach;
  clock?: Clock;
}

/** The peer that a browser's tabs are together. There is one as long as something is shared. */
export interface Sharing {
  add(tabId: string, roots: readonly ShareRequest[], peerName: string): void;
  remove(rootId: string): Promise<void>;
  stop(): Promise<void>;
  /** What this tab shares ends. */
  leave(tabId: string): Promise<void>;
  /** What has changed since is in it; undefined when nothing has. To be called from time to time: speeds are measured between. */
  takeState(): SharingState | undefined;
  state(): SharingState;
}

export function createSharing(options: SharingOptions): Sharing {
  const { tracker, hashBlocks, hashKeeper, transportFor, clock = systemClock } = options;
  const attachTo = options.attach ?? attach;
  const shared = createSharedFiles();
  const readers = createReaders(() => clock.now());
  const profile = { name: "", version: VERSION, peerId: () => session?.peerId ?? "" };
  let announcer: ShareAnnouncer | undefined;
  let attachment: { relayUrl: string; ending: Attachment } | undefined;
  let session: TrackerSession | undefined;
  let trouble: PanalError | undefined;
  let isAttached = false;
  let impossible: "no-relay" | "replaced" | undefined;
  let isDirty = true;
  let sentBytes = 0;
  let sampled = { bytes: 0, at: clock.now() };
  let bytesPerSecond = 0;
  let state: SharingState = NOTHING_SHARED;

  const roots = createSharedRoots({ shared, hashBlocks, hashKeeper, onChange: touch });
  const serve = createAnswerer({ shared, profile, readers, onChanged: (file) => roots.lose(file) });

  function touch(): void {
    isDirty = true;
  }

  function connectionNow(): SharingConnection {
    if (impossible !== undefined) return { type: "impossible", why: impossible };
    if (announcer === undefined) return { type: "off" };
    if (trouble !== undefined) return { type: "away", code: trouble.code, message: trouble.message };
    if (session === undefined || !isAttached) return { type: "connecting" };
    return { type: "sharing", peerId: session.peerId };
  }

  function onSession(next: TrackerSession | undefined): void {
    session = next;
    isAttached = false;
    touch();
    if (next === undefined) return;
    if (next.relayUrl === undefined) return giveUp("no-relay");
    // The one there is asks for the new session by itself: now, though it may have been told to wait while the tracker was away.
    if (attachment?.relayUrl === next.relayUrl) return attachment.ending.retryNow();
    void attachment?.ending.close();
    const { relayUrl } = next;
    const ending = attachTo({
      relayUrl,
      identity: () => session,
      serve,
      transport: transportFor(relayUrl),
      clock,
      onState(heard) {
        isAttached = heard.type === "attached";
        touch();
        if (heard.type === "attached") return;
        if (heard.isFinal) giveUp("replaced");
        else announcer?.check();
      },
      onPushed(bytes) {
        sentBytes += bytes;
        touch();
      },
    });
    attachment = { relayUrl, ending };
  }

  function giveUp(why: "no-relay" | "replaced"): void {
    impossible = why;
    void disconnect();
  }

  function connect(peerName: string): void {
    if (announcer !== undefined) return;
    impossible = undefined;
    trouble = undefined;
    profile.name = peerName;
    announcer = announceShare({
      tracker,
      shared,
      profile: { name: peerName, version: VERSION },
      clock,
      onSession,
      onTrouble(error) {
        if (trouble !== error) touch();
        trouble = error;
        // It knows no peers that can't be called, or has no relay for them.
        if (error?.code === "invalid" && session === undefined) giveUp("no-relay");
      },
    });
  }

  async function disconnect(): Promise<void> {
    const [leaving, ending] = [announcer, attachment?.ending];
    announcer = undefined;
    attachment = undefined;
    touch();
    await Promise.all([leaving?.close(), ending?.close()]);
  }

  async function disconnectIfEmpty(): Promise<void> {
    if (roots.list().length > 0) return;
    impossible = undefined;
    await disconnect();
  }

  return {
    add(tabId, requests, peerName) {
      for (const request of requests) roots.add(tabId, request);
      if (requests.length > 0) connect(peerName);
    },
    async remove(rootId) {
      roots.remove(rootId);
      await disconnectIfEmpty();
    },
    async stop() {
      roots.removeAll();
      await disconnectIfEmpty();
    },
    async leave(tabId) {
      roots.removeOfTab(tabId);
      await disconnectIfEmpty();
    },
    state: () => state,
    takeState() {
      const elapsedMs = Math.max(1, clock.now() - sampled.at);
      bytesPerSecond = endingSpeed(bytesPerSecond, { bytes: sentBytes - sampled.bytes, elapsedMs });
      sampled = { bytes: sentBytes, at: clock.now() };
      const reading = readers.sample();
      const isQuiet = reading.length === 0 && state.readers.length === 0 && state.bytesPerSecond === 0;
      if (!isDirty && isQuiet) return undefined;
      isDirty = false;
      const { lease } = session ?? {};
      state = {
        connection: connectionNow(),
        roots: roots.list(),
        readers: reading,
        sentBytes,
        bytesPerSecond,
        ...(lease === undefined ? {} : { lease }),
      };
      return state;
    },
  };
}
