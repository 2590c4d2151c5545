import { PanalError, isAbort } from "../errors.ts";
import { type Clock, systemClock } from "../transfer/clock.ts";
import type { HeartbeatResponse, RegisterResponse } from "./api.ts";
import type { TrackerClient } from "./tracker-client.ts";
import { askedWaitMs, isForgotten, trackerBackoffMs } from "./tracker-retry.ts";

/** Changes are gathered for so long before they are sent: small files are hashed by the hundred. */
const GATHER_MS = 250;
/** A heartbeat comes this much earlier than asked for at most, so that peers started together drift apart. */
const JITTER = 0.2;
/** What logging out may take; the tracker notices by itself otherwise. */
const LOGOUT_TIMEOUT_MS = 3_000;

/** Who a peer is at its tracker. */
export interface TrackerSession {
  readonly peerId: string;
  /** Secret. */
  readonly lease: string;
  /** Undefined when this tracker has no relay. */
  readonly relayUrl: string | undefined;
}

/** What a peer offers, as far as its tracker has to hear of it. */
export interface AnnouncedList {
  hasChanges(): boolean;
  /** Sends what the tracker doesn't have, or some of it. */
  send(session: TrackerSession, signal: AbortSignal): Promise<void>;
  /** What the tracker has is unknown: everything is to be sent. */
  forgetSent(): void;
}

export interface KeepRegisteredOptions {
  tracker: Pick<TrackerClient, "heartbeat" | "logout">;
  list: AnnouncedList;
  /** Registers, or renews the entry of `known`. */
  register(known: TrackerSession | undefined, signal: AbortSignal): Promise<RegisterResponse>;
  /** Whether the entry isn't right any more, and is to be renewed instead of a heartbeat. */
  isMoved?(): boolean;
  onHeartbeat(answer: HeartbeatResponse, session: TrackerSession): void;
  /** Undefined: the tracker knows nothing of us. */
  onSession?(session: TrackerSession | undefined): void;
  /** All was answered as hoped. */
  onFine(session: TrackerSession): void;
  /** Tried again in `retryMs`. `isRegistered`: the tracker knew us, as far as we know. */
  onTrouble(error: PanalError, about: { isRegistered: boolean; retryMs: number }): void;
  clock?: Clock | undefined;
  /** 0 to 1. */
  random?: (() => number) | undefined;
}

export interface Registration {
  /** Undefined while the tracker knows nothing of us. */
  session(): TrackerSession | undefined;
  /** The list has changes. */
  changed(): void;
  /** Asks the tracker at once whether it still knows us. */
  check(): void;
  /** Logs out; true when the tracker heard of it. */
  close(): Promise<boolean>;
}

interface Beating {
  readonly session: TrackerSession;
  heartbeatMs: number;
  heartbeatAt: number;
}

/**
 * Keeps a peer's entry at the tracker: registers, heartbeats, sends the list of files and then its changes. When the tracker forgot
 * the peer it registers again; when it is away it is tried again, later and later. Goes on until closed.
 */
export function keepRegistered(options: KeepRegisteredOptions): Registration {
  const { tracker, list, clock = systemClock, random = Math.random } = options;
  const closing = new AbortController();
  const { signal } = closing;
  let current: Beating | undefined;
  let failures = 0;
  let wake = () => {};

  const nextBeat = (heartbeatMs: number) => clock.now() + heartbeatMs * (1 - JITTER * random());

  async function register(): Promise<Beating> {
    const answer = await options.register(current?.session, signal);
    const { peerId, lease, relayUrl } = answer;
    const heartbeatMs = answer.heartbeatSeconds * 1000;
    const session = { peerId, lease, relayUrl };
    current = { session, heartbeatMs, heartbeatAt: nextBeat(heartbeatMs) };
    list.forgetSent();
    options.onSession?.(session);
    return current;
  }

  async function heartbeat(beating: Beating): Promise<Beating> {
    if (options.isMoved?.() === true) return register();
    const { session } = beating;
    const answer = await tracker.heartbeat(session.peerId, { lease: session.lease, signal });
    beating.heartbeatMs = answer.heartbeatSeconds * 1000;
    beating.heartbeatAt = nextBeat(beating.heartbeatMs);
    options.onHeartbeat(answer, session);
    return beating;
  }

  /** Until there is something to send, or it is time for a heartbeat. */
  async function waitForWork({ heartbeatAt }: Beating): Promise<void> {
    if (!list.hasChanges()) {
      const waiting = new AbortController();
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const untilBeatMs = Math.max(0, heartbeatAt - clock.now());
      const beat = clock.sleep(untilBeatMs, AbortSignal.any([signal, waiting.signal]));
      try {
        await Promise.race([woken, beat]);
      } finally {
        wake = () => {};
        waiting.abort();
        await beat.catch(() => {});
      }
    }
    if (list.hasChanges()) await clock.sleep(GATHER_MS, signal);
  }

  async function step(): Promise<void> {
    let beating = current ?? (await register());
    if (clock.now() >= beating.heartbeatAt) beating = await heartbeat(beating);
    if (list.hasChanges()) await list.send(beating.session, signal);
    failures = 0;
    options.onFine(beating.session);
    await waitForWork(beating);
  }

  async function recover(error: unknown): Promise<void> {
    if (current !== undefined && isForgotten(error)) {
      current = undefined;
      return options.onSession?.(undefined);
    }
    const known = PanalError.from(error);
    const isRegistered = current !== undefined;
    if (isRegistered && known.code === "conflict") {
      // Another revision there than we thought. The next round sends everything.
      list.forgetSent();
      failures++;
      if (failures === 1) return;
    }
    const retryMs = askedWaitMs(error) || trackerBackoffMs(failures++, random());
    options.onTrouble(known, { isRegistered, retryMs });
    await clock.sleep(retryMs, signal);
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
    session: () => current?.session,
    changed: () => wake(),
    check() {
      if (current === undefined) return;
      current.heartbeatAt = clock.now();
      wake();
    },
    async close() {
      closing.abort();
      await ended;
      if (current === undefined) return false;
      const { peerId, lease } = current.session;
      current = undefined;
      options.onSession?.(undefined);
      try {
        await tracker.logout(peerId, { lease, signal: AbortSignal.timeout(LOGOUT_TIMEOUT_MS) });
        return true;
      } catch {
        return false;
      }
    },
  };
}
