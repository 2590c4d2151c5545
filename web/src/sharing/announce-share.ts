import {
  type AnnouncedFile,
  type Clock,
  PanalError,
  type RegisterResponse,
  type TrackerClient,
  askedWaitMs,
  trackerBackoffMs,
  isAbort,
  isForgotten,
  systemClock,
} from "@panal/sdk";
import type { SharedFile, SharedFiles } from "./shared-files.ts";

/** Changes are gathered for so long before they are sent: small files are hashed by the hundred. */
const GATHER_MS = 250;
/** A heartbeat comes this much earlier than asked for at most, so that tabs opened together drift apart. */
const JITTER = 0.2;
const LOGOUT_TIMEOUT_MS = 3_000;
/** Entries in one change; the tracker takes more, but not of everybody at once. */
const MAX_CHANGES = 5_000;

export interface TabSession {
  readonly peerId: string;
  readonly lease: string;
  /** Undefined when this tracker has no relay. */
  readonly relayUrl: string | undefined;
}

export interface AnnounceShareOptions {
  tracker: TrackerClient;
  shared: SharedFiles;
  profile: { readonly name: string; readonly version: string };
  /** Undefined while the tracker knows nothing of us. */
  onSession: (session: TabSession | undefined) => void;
  /** Undefined: all is well. */
  onTrouble: (error: PanalError | undefined) => void;
  clock?: Clock;
  /** 0 to 1. */
  random?: () => number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

export interface ShareAnnouncer {
  /** Asks the tracker at once whether it still knows us. */
  check(): void;
  /** Logs out. */
  close(): Promise<void>;
}

interface Session extends TabSession {
  heartbeatMs: number;
  heartbeatAt: number;
}

/**
 * Keeps the entry of a tab at the tracker: registers as a peer that answers over the relay, heartbeats, and announces each file as
 * it comes. When the tracker forgot us we register anew; when it is away it is tried again, later and later, until closed.
 */
export function announceShare(options: AnnounceShareOptions): ShareAnnouncer {
  const { tracker, shared, profile, onSession, onTrouble } = options;
  const { clock = systemClock, random = Math.random, now = Date.now } = options;
  const closing = new AbortController();
  const { signal } = closing;
  let session: Session | undefined;
  /** Of the list as the tracker has it; begins where no earlier list of ours has been. */
  let revision = now();
  /** What the tracker has of us, by path; undefined when nobody knows. */
  let announced: Map<string, SharedFile> | undefined;
  let isChanged = true;
  let failures = 0;
  let wake = () => {};

  const unsubscribe = shared.subscribe(() => {
    isChanged = true;
    wake();
  });

  const nextBeat = (heartbeatMs: number) => clock.now() + heartbeatMs * (1 - JITTER * random());

  async function register(): Promise<Session> {
    const { name, version } = profile;
    const answer: RegisterResponse = await tracker.register({ name, version, relay: true }, { signal });
    const { peerId, lease, relayUrl } = answer;
    const heartbeatMs = answer.heartbeatSeconds * 1000;
    session = { peerId, lease, relayUrl, heartbeatMs, heartbeatAt: nextBeat(heartbeatMs) };
    announced = undefined;
    isChanged = true;
    onSession(session);
    return session;
  }

  async function heartbeat(current: Session): Promise<void> {
    const answer = await tracker.heartbeat(current.peerId, { lease: current.lease, signal });
    if (announced !== undefined && answer.revision !== revision) {
      announced = undefined;
      isChanged = true;
    }
    current.heartbeatMs = answer.heartbeatSeconds * 1000;
    current.heartbeatAt = nextBeat(current.heartbeatMs);
  }

  async function sendChanges({ peerId, lease }: Session): Promise<void> {
    isChanged = false;
    if (announced === undefined) {
      const all = new Map(Array.from(shared.all(), (file) => [file.path, file]));
      const files = Array.from(all.values(), announcedFileOf);
      ({ revision } = await tracker.putFiles(peerId, { revision: revision + 1, files }, { lease, signal }));
      announced = all;
      return;
    }
    const { added, removed, isAll } = changesSince(announced, shared);
    if (!isAll) isChanged = true;
    if (added.length === 0 && removed.length === 0) return;
    const known = announced;
    // Whether a change that got no answer arrived, nobody knows: then everything is sent again.
    announced = undefined;
    const change = { baseRevision: revision, revision: revision + 1, removed };
    const patch = { ...change, added: added.map(announcedFileOf) };
    ({ revision } = await tracker.patchFiles(peerId, patch, { lease, signal }));
    for (const path of removed) known.delete(path);
    for (const file of added) known.set(file.path, file);
    announced = known;
  }

  /** Until there is something to send, or it is time for a heartbeat. */
  async function waitForWork(current: Session): Promise<void> {
    if (!isChanged) {
      const waiting = new AbortController();
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const untilBeatMs = Math.max(0, current.heartbeatAt - clock.now());
      const beat = clock.sleep(untilBeatMs, AbortSignal.any([signal, waiting.signal]));
      try {
        await Promise.race([woken, beat]);
      } finally {
        wake = () => {};
        waiting.abort();
        await beat.catch(() => {});
      }
    }
    if (isChanged) await clock.sleep(GATHER_MS, signal);
  }

  async function step(): Promise<void> {
    const current = session ?? (await register());
    if (clock.now() >= current.heartbeatAt) await heartbeat(current);
    if (isChanged) await sendChanges(current);
    failures = 0;
    onTrouble(undefined);
    await waitForWork(current);
  }

  async function recover(error: unknown): Promise<void> {
    if (session !== undefined && isForgotten(error)) {
      session = undefined;
      onSession(undefined);
      return;
    }
    isChanged = true;
    const known = PanalError.from(error);
    if (session !== undefined && known.code === "conflict" && failures++ === 0) {
      announced = undefined;
      return;
    }
    onTrouble(known);
    const waitMs = trackerBackoffMs(failures++, random());
    await clock.sleep(askedWaitMs(error) || waitMs, signal);
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
    check() {
      if (session === undefined) return;
      session.heartbeatAt = clock.now();
      wake();
    },
    async close() {
      unsubscribe();
      closing.abort();
      await ended;
      if (session === undefined) return;
      const { peerId, lease } = session;
      session = undefined;
      onSession(undefined);
      // When it doesn't hear of it, it notices by itself: the relay says that we have gone.
      await tracker.logout(peerId, { lease, signal: AbortSignal.timeout(LOGOUT_TIMEOUT_MS) }).catch(() => {});
    },
  };
}

function changesSince(announced: ReadonlyMap<string, SharedFile>, shared: SharedFiles) {
  const added: SharedFile[] = [];
  const gone = new Set(announced.keys());
  for (const file of shared.all()) {
    gone.delete(file.path);
    if (announced.get(file.path) !== file) added.push(file);
  }
  const isAll = added.length <= MAX_CHANGES && gone.size <= MAX_CHANGES;
  return { added: added.slice(0, MAX_CHANGES), removed: [...gone].slice(0, MAX_CHANGES), isAll };
}

function announcedFileOf({ path, manifest, mtimeMs }: SharedFile): AnnouncedFile {
  return { path, fileId: manifest.fileId, mtime: new Date(mtimeMs).toISOString() };
}
