import { PanalError } from "../errors.ts";
import { type Clock, systemClock } from "../transfer/clock.ts";
import { type EventsQuery, type TrackerEvent, trackerEventSchema } from "./api.ts";
import { type EventStreamMessage, createEventStreamParser } from "./event-stream.ts";
import { TrackerError, parseTrackerUrl } from "./tracker-client.ts";

/** The tracker sends at least a comment every 15 s: after three missed ones it, or the way there, is gone. */
const MAX_SILENCE_MS = 45_000;
/** Wait after the first failure, at most; doubled by each further one. */
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;
/** A tracker may ask for more patience than that, but not for any. */
const MAX_RETRY_AFTER_MS = 300_000;
/** A connection that lived so long was a good one: what comes after it is a first failure. */
const GOOD_MS = 30_000;

export interface TrackerEventsOptions extends EventsQuery {
  /** The tracker's. */
  url: string;
  /** Ends the events. */
  signal: AbortSignal;
  /** The stream is there (again), or has broken off and is tried again later. */
  onConnection?: ((state: { type: "open" } | { type: "closed"; error: PanalError }) => void) | undefined;
  fetch?: typeof fetch;
  clock?: Clock;
  random?: () => number;
}

/**
 * What happens at a tracker, as it does, until the signal fires. A connection that breaks is made again, later and later,
 * and goes on where it was; where that can't be, there is a "resync": look at everything anew. Throws a TrackerError when
 * the tracker refuses (an old one answers with 404), "protocol" when what answers isn't a stream of events.
 */
export async function* trackerEvents(options: TrackerEventsOptions): AsyncGenerator<TrackerEvent, void> {
  const { signal, clock = systemClock, random = Math.random } = options;
  const target = targetOf(options);
  let lastEventId = "";
  let failures = 0;
  while (!signal.aborted) {
    const openedAt = clock.now();
    let error: PanalError;
    try {
      for await (const message of connect({ ...options, target, lastEventId })) {
        ({ lastEventId } = message);
        const event = message.event === undefined ? undefined : eventOf(message);
        if (event !== undefined) yield event;
        if (signal.aborted) return;
      }
      error = new PanalError("unreachable", `tracker ${options.url}: the events ended`);
    } catch (caught) {
      if (signal.aborted) return;
      error = PanalError.from(caught, "unreachable");
      if (isFinal(error)) throw error;
    }
    failures = clock.now() - openedAt >= GOOD_MS ? 1 : failures + 1;
    options.onConnection?.({ type: "closed", error });
    try {
      await clock.sleep(retryInMs(error, failures, random()), signal);
    } catch {
      return;
    }
  }
}

function targetOf({ url, q, fileId }: TrackerEventsOptions): URL {
  const target = new URL(`${parseTrackerUrl(url)}/api/v1/events`);
  if (q !== undefined) target.searchParams.set("q", q);
  if (fileId !== undefined) target.searchParams.set("fileId", fileId);
  return target;
}

type Message = EventStreamMessage | { readonly event: undefined; readonly lastEventId: string };

/** The messages of one connection, and whenever something came that is none, what to come back with. */
async function* connect(
  options: TrackerEventsOptions & { target: URL; lastEventId: string },
): AsyncGenerator<Message, void> {
  const {
    url,
    lastEventId,
    clock = systemClock,
    fetch: fetchFn = (input, init) => fetch(input, init),
  } = options;
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  let heardAt = clock.now();
  watchSilence(() => heardAt, { clock, signal }).then(
    () => ended.abort(),
    // The connection ended first.
    () => {},
  );
  try {
    const response = await fetchFn(options.target, {
      headers: {
        accept: "text/event-stream",
        ...(lastEventId === "" ? {} : { "last-event-id": lastEventId }),
      },
      cache: "no-store",
      redirect: "error",
      signal,
    });
    const reader = bodyOf(response, url).getReader();
    options.onConnection?.({ type: "open" });
    const parser = createEventStreamParser(lastEventId);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heardAt = clock.now();
      yield* parser.push(value);
      yield { event: undefined, lastEventId: parser.lastEventId };
    }
  } catch (error) {
    if (options.signal.aborted) throw new PanalError("aborted", "stopped", { cause: error });
    if (error instanceof PanalError) throw error;
    const [code, what] = ended.signal.aborted
      ? (["timeout", "silent for too long"] as const)
      : (["unreachable", "no connection"] as const);
    throw new PanalError(code, `tracker ${url}: ${what}`, { cause: error });
  } finally {
    // Also when nobody wants any more: it ends the connection.
    ended.abort();
  }
}

/** Settles when nothing was heard for too long. */
async function watchSilence(
  heardAt: () => number,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  for (;;) {
    const leftMs = heardAt() + MAX_SILENCE_MS - clock.now();
    if (leftMs <= 0) return;
    await clock.sleep(leftMs, signal);
  }
}

function bodyOf(response: Response, url: string): ReadableStream<Uint8Array> {
  const isEvents = /^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "");
  if (response.status === 200 && isEvents && response.body !== null) return response.body;
  // Nobody reads it.
  response.body?.cancel().catch(() => {});
  if (response.status < 400) {
    throw new PanalError("protocol", `tracker ${url}: answered ${response.status} and no events`);
  }
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  throw new TrackerError({
    status: response.status,
    message: `tracker ${url}: HTTP ${response.status}`,
    ...(Number.isFinite(seconds) && seconds >= 0 ? { retryAfterSeconds: seconds } : {}),
  });
}

/** Undefined for what a later tracker may tell. An event that can't be read is one that was lost. */
function eventOf({ event: type, data }: EventStreamMessage): TrackerEvent | undefined {
  if (!KNOWN_TYPES.has(type)) return undefined;
  try {
    return trackerEventSchema.parse({ ...(JSON.parse(data) as object), type });
  } catch {
    return { type: "resync" };
  }
}

const KNOWN_TYPES = new Set<string>([
  "peer-joined",
  "peer-changed",
  "peer-left",
  "files-changed",
  "resync",
] satisfies TrackerEvent["type"][]);

/** Whether asking again would be answered in the same way. */
function isFinal(error: PanalError): boolean {
  if (!(error instanceof TrackerError)) return error.code === "protocol";
  return error.status < 500 && error.code !== "busy" && error.status !== 408;
}

/** Spread, so that thousands whose tracker was started again don't come at once. */
function retryInMs(error: PanalError, failures: number, luck: number): number {
  const longestMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
  const wantedMs = error instanceof TrackerError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
  return Math.min(MAX_RETRY_AFTER_MS, wantedMs) + longestMs * (0.25 + 0.75 * luck);
}
