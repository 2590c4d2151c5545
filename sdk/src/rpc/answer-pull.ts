import { PanalError } from "../errors.ts";
import type { Pull } from "../gen/panal/v1/relay_pb.ts";
import type { Clock } from "../transfer/clock.ts";
import { createBlobReader, createPartReader } from "./part-reader.ts";
import { type FailureWord, type Part, type Pusher, sizeOf } from "./push-parts.ts";

/** A client's request that came over the relay, to be answered as if it had come to a port of the peer's own. */
export interface RelayedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Who asks, as the relay says it: the same for the same client, and no address. Undefined when it doesn't say. */
  readonly client: string | undefined;
  /** Undefined for GET and HEAD. */
  readonly body: AsyncIterable<Uint8Array> | undefined;
  /** The client is gone. */
  readonly signal: AbortSignal;
}

/** What a peer answers, over the relay as at a port of its own. */
export interface PullAnswer {
  readonly status: number;
  /** Names in lower case; with `content-length`, the body has exactly that. */
  readonly headers: Readonly<Record<string, string>>;
  /** Each chunk may be reused once the next one is asked for. Its iterator is ended when the client has gone. */
  readonly body: AsyncIterable<Uint8Array> | FileBody;
}

/** An answer whose bytes come through here. */
export interface StreamedAnswer extends PullAnswer {
  readonly body: AsyncIterable<Uint8Array>;
}

/** A body that lies in a file: the browser sends its parts from there, and none of their bytes comes through here. */
export interface FileBody {
  readonly blob: Blob;
  /** So many bytes more are on their way. */
  onTaken(bytes: number): void;
  /** Once, at the end. With an error when not all of it arrived: "changed" when the file can't be read as it was. */
  onEnd(error?: PanalError): void;
}

export interface AnswerPullOptions {
  pusher: Pusher;
  serve: (request: RelayedRequest) => Promise<PullAnswer>;
  /** What may be pushed from the beginning. */
  granted: number;
  /** The client has gone. */
  signal: AbortSignal;
  /** Too much is under way already. */
  isBusy: boolean;
  clock: Clock;
}

export interface Answering {
  /** So many bytes may be pushed by now. */
  grant(bytes: number): void;
  /** Never rejects. */
  readonly ended: Promise<void>;
}

/** Answers one pull: as fast as the relay grants room, several parts under way at once. */
export function answerPull(pull: Pull, options: AnswerPullOptions): Answering {
  const { pusher, serve, clock, isBusy } = options;
  const credit = { bytes: options.granted };
  let onGrant = () => {};
  // What one part meets ends the others.
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  const pushes = new Set<Promise<void>>();

  async function whenGranted(offset: number): Promise<void> {
    while (credit.bytes <= offset) {
      const more = Promise.withResolvers<void>();
      onGrant = more.resolve;
      await abortable(more.promise, signal);
    }
  }

  function start(part: Part, leave: () => void): void {
    const push = pusher
      .push(part, signal)
      .catch((error: unknown) => broken.abort(error))
      .finally(() => {
        pushes.delete(push);
        leave();
      });
    pushes.add(push);
  }

  async function send({ status, headers, body }: PullAnswer): Promise<void> {
    const announced = headers["content-length"];
    const hasBody = pull.method !== "HEAD" && status !== 204 && status !== 304;
    const length = hasBody && announced !== undefined ? Number(announced) : undefined;
    const given = hasBody ? body : empty();
    const reader = "blob" in given ? createBlobReader(given) : createPartReader(given, clock);
    let failure: PanalError | undefined;
    try {
      let isOver = false;
      for (let offset = 0; !isOver;) {
        // A slow disk takes nobody's turn.
        const hasMore = await abortable(reader.hasMore(), signal);
        if (hasMore) await whenGranted(offset);
        const leave = await pusher.turn(signal);
        let part: Part;
        try {
          const room = Math.min(pusher.partBytes, credit.bytes - offset);
          const bytes = await reader.take(room);
          isOver = reader.isDone || (length !== undefined && offset + sizeOf(bytes) >= length);
          const head = offset === 0 ? { head: { status, headers } } : {};
          part = { pullId: pull.id, offset, bytes, isEnd: isOver, ...head };
        } catch (error) {
          leave();
          throw error;
        }
        offset += sizeOf(part.bytes);
        start(part, leave);
      }
      await Promise.all(pushes);
      if (signal.aborted) throw signal.reason;
    } catch (error) {
      failure = PanalError.from(error);
      throw error;
    } finally {
      await reader.close(failure);
    }
  }

  async function answer(): Promise<void> {
    try {
      if (isBusy) throw new PanalError("busy", "too many clients are being served");
      await send(await serve(requestOf(pull, { pusher, signal })));
    } catch (error) {
      broken.abort(error);
      await Promise.all(pushes);
      const { code } = PanalError.from(error);
      // Nobody waits for it, or who waits has gone.
      if (!options.signal.aborted && code !== "aborted") await pusher.fail(pull.id, wordOf(code));
    }
  }

  return {
    grant(bytes) {
      credit.bytes = Math.max(credit.bytes, bytes);
      onGrant();
    },
    ended: answer(),
  };
}

function requestOf(pull: Pull, { pusher, signal }: { pusher: Pusher; signal: AbortSignal }): RelayedRequest {
  const { id, method, path, headers, body, hasLongBody } = pull;
  const hasBody = method !== "GET" && method !== "HEAD";
  const given = hasLongBody ? pusher.fetchBody(id, signal) : only(body);
  const client = /^[\w-]{1,64}$/.test(pull.client) ? pull.client : undefined;
  return { method, path, headers, client, body: hasBody ? given : undefined, signal };
}

function wordOf(code: PanalError["code"]): FailureWord {
  switch (code) {
    case "busy":
    case "not-found":
    case "unreachable":
    case "timeout":
      return code;
    default:
      return "internal";
  }
}

async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = () => reject(PanalError.from(signal.reason, "aborted"));
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* empty(): AsyncGenerator<Uint8Array> {}
