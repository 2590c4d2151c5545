import { Code, ConnectError, type Client, type Transport, createClient } from "@connectrpc/connect";
import { type AttachResponse, RelayService } from "../gen/panal/v1/relay_pb.ts";
import { hexFromBytes } from "../content/file-id.ts";
import { PanalError } from "../errors.ts";
import { backoffMs } from "../transfer/backoff.ts";
import { type Clock, systemClock } from "../transfer/clock.ts";
import { type PullAnswer, type RelayedRequest, answerPull } from "./answer-pull.ts";
import { panalErrorFromConnect } from "./connect-errors.ts";
import { type PushFetch, createPusher } from "./push-parts.ts";

/** Longest message of the relay's: a pull with a body of 64 KiB and headers of 16. */
export const MAX_RELAY_MESSAGE_BYTES = 128 * 1024;
/** Without a stream: 0.25 s, 0.5 s ... up to this, half of it left to chance. The first try is within the 1.5 s in which nothing is lost. */
const MIN_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 15_000;
/** Something comes at least every `heartbeatMs`; after so many of these without, the connection is dead. */
const SILENT_BEATS = 2;
/** For the first message. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Clients that are answered at the same time; others are told that the peer is busy. */
const MAX_PULLS = 256;
const SESSION_BYTES = 24;

export type AttachState =
  | { readonly type: "attached" }
  /** `isFinal`: another process attached as the same peer, or the session ended for good. */
  | { readonly type: "detached"; readonly error: PanalError; readonly isFinal: boolean };

export interface AttachOptions {
  /** The relay's origin, from the answer to a registration. */
  relayUrl: string;
  /** Asked anew for each try: the tracker may have given another one in between. Undefined: not registered now. */
  identity: () => { peerId: string; lease: string } | undefined;
  /** Answers one request. Throws PanalError: "busy", "not-found" ... */
  serve: (request: RelayedRequest) => Promise<PullAnswer>;
  /** To the relay's URL, with messages of at most MAX_RELAY_MESSAGE_BYTES, and without a deadline. */
  transport: Transport;
  /** Default `fetch`. */
  fetch?: PushFetch;
  onState?: (state: AttachState) => void;
  /** Bytes of answers that have arrived at the relay. */
  onPushed?: (bytes: number) => void;
  clock?: Clock;
  /** 0 to 1. */
  random?: () => number;
  /** So many chance bytes. */
  randomBytes?: (length: number) => Uint8Array;
}

export interface Attachment {
  /** There is a new session, so the relay is likely to be there: tries at once if it waits for the next try. */
  retryNow(): void;
  /** Ends what is under way. */
  close(): Promise<void>;
}

interface OpenPull {
  readonly controller: AbortController;
  /** Raises what may be pushed. */
  grant(bytes: number): void;
}

/**
 * Attaches a peer to the relay and answers what clients ask for there, until it is closed: over and over, when the connection breaks.
 * The protocol is written down in relay.proto.
 */
export function attach(options: AttachOptions): Attachment {
  const { clock = systemClock, random = Math.random, identity, onState } = options;
  const randomBytes = options.randomBytes ?? ((length) => crypto.getRandomValues(new Uint8Array(length)));
  const client: Client<typeof RelayService> = createClient(RelayService, options.transport);
  const session = hexFromBytes(randomBytes(SESSION_BYTES));
  const closing = new AbortController();
  const { signal } = closing;
  const pulls = new Map<string, OpenPull>();
  const running = new Set<Promise<void>>();
  let lease = "";
  let failures = 0;
  let wake = () => {};
  const pusher = createPusher({
    relayUrl: options.relayUrl,
    lease: () => lease,
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    clock,
    random,
    ...(options.onPushed === undefined ? {} : { onPushed: options.onPushed }),
  });

  function open(pull: Extract<AttachResponse["news"], { case: "pull" }>["value"]): void {
    const granted = Number(pull.grantedBytes);
    const known = pulls.get(pull.id);
    if (known !== undefined) return known.grant(granted);
    const controller = new AbortController();
    const answering = answerPull(pull, {
      pusher,
      serve: options.serve,
      granted,
      signal: controller.signal,
      isBusy: pulls.size >= MAX_PULLS,
      clock,
    });
    pulls.set(pull.id, { controller, grant: answering.grant });
    const ended = answering.ended.finally(() => {
      pulls.delete(pull.id);
      running.delete(ended);
    });
    running.add(ended);
  }

  function hear({ news }: AttachResponse): void {
    switch (news.case) {
      case "pull":
        return open(news.value);
      case "grant":
        return pulls.get(news.value.id)?.grant(Number(news.value.grantedBytes));
      case "cancel":
        return pulls.get(news.value.id)?.controller.abort(new PanalError("aborted", "the client has gone"));
      default:
    }
  }

  /** One stream, from its beginning to its end. */
  async function listen(): Promise<void> {
    const known = identity();
    if (known === undefined) throw new PanalError("unauthorized", "not registered at the tracker (yet)");
    ({ lease } = known);
    const ending = new AbortController();
    const stop = () => ending.abort(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    let heartbeatMs = CONNECT_TIMEOUT_MS / SILENT_BEATS;
    let heardAt = clock.now();
    // Whether the stream is dead is looked at, and no timer is set anew for each message.
    const watching = (async () => {
      for (;;) {
        const leftMs = heardAt + heartbeatMs * SILENT_BEATS - clock.now();
        if (leftMs <= 0) return ending.abort(new PanalError("timeout", "the relay is silent"));
        await clock.sleep(leftMs, ending.signal);
      }
    })().catch(() => {});
    try {
      const stream = client.attach(
        { peerId: known.peerId, session },
        { headers: { authorization: `Bearer ${lease}` }, signal: ending.signal },
      );
      for await (const message of stream) {
        heardAt = clock.now();
        if (message.news.case === "attached") {
          const { value } = message.news;
          heartbeatMs = Math.max(1000, value.heartbeatMs);
          pusher.limit({ partBytes: value.maxPartBytes, inFlight: value.maxPartsInFlight });
          failures = 0;
          onState?.({ type: "attached" });
        } else hear(message);
      }
      throw new PanalError("unreachable", "the relay ended the stream");
    } catch (error) {
      if (signal.aborted) throw PanalError.from(signal.reason, "aborted");
      throw ending.signal.aborted ? PanalError.from(ending.signal.reason) : error;
    } finally {
      signal.removeEventListener("abort", stop);
      ending.abort();
      await watching;
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await listen();
      } catch (error) {
        if (signal.aborted) return;
        // Of all codes one that no client makes of a connection that breaks.
        const isFinal = error instanceof ConnectError && error.code === Code.AlreadyExists;
        onState?.({ type: "detached", error: panalErrorFromConnect(error), isFinal });
        if (isFinal) return cancelAll("another process answers as this peer");
        const waitMs = backoffMs(failures++, {
          firstMs: MIN_BACKOFF_MS,
          maxMs: MAX_BACKOFF_MS,
          random: random(),
        });
        const waiting = new AbortController();
        wake = () => waiting.abort();
        await clock.sleep(waitMs, AbortSignal.any([signal, waiting.signal])).catch(() => {});
      }
    }
  }

  function cancelAll(why: string): void {
    for (const { controller } of pulls.values()) controller.abort(new PanalError("aborted", why));
  }

  const ended = run();
  return {
    retryNow() {
      // A try that is under way may still be with the old session.
      failures = 0;
      wake();
    },
    async close() {
      closing.abort(new PanalError("aborted", "stopped"));
      cancelAll("stopped");
      await ended;
      await Promise.all(running);
    },
  };
}
