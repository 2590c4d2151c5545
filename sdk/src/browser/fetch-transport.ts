import { PanalError } from "../errors.ts";
import { type BodyReader, type ByteRequest, type ByteTransport, feed } from "../rpc/byte-transport.ts";

/** What a BYOB read may fill at once: large enough that reads don't cost, small enough for dozens of requests. */
const READ_BUFFER_BYTES = 512 * 1024;

/** What every request to a peer has: it is somebody else's machine, so nothing of ours goes there but the call. */
export const PEER_REQUEST = {
  redirect: "error",
  cache: "no-store",
  credentials: "omit",
  referrerPolicy: "no-referrer",
} as const satisfies RequestInit;

/**
 * For calls: with "no-store" Chromium also asks anew, before each of them, whether the page may send it, which takes a round trip.
 * An answer to a POST it doesn't keep.
 */
const CACHE_OF_CALLS = "default";

/** `fetch`, read into one buffer that is used again and again where the browser can (BYOB). */
export const fetchByteTransport: ByteTransport = async (request) => {
  const { url, method, headers, signal } = request;
  const cache = method === "POST" ? CACHE_OF_CALLS : PEER_REQUEST.cache;
  let response: Response;
  try {
    response = await fetch(url, { ...PEER_REQUEST, cache, method, headers, signal, body: bodyOf(request) });
  } catch (error) {
    throw connectionError(error, { url, signal });
  }
  return {
    status: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    read: (reader) => readBody(response.body, reader, { url, signal }),
    async cancel() {
      // A body that is being read is ended by leaving its loop.
      if (response.body?.locked === false) await response.body.cancel().catch(() => {});
    },
  };
};

/**
 * `fetch` takes one body only. Of a file that the browser reads by itself nothing comes here: its process reads it while it sends it.
 * A Blob of bytes that are here would be stored before it is sent.
 */
function bodyOf({ body, fileData }: ByteRequest): Uint8Array<ArrayBuffer> | Blob | null {
  if (body === undefined || fileData === undefined) return body ?? fileData ?? null;
  if (fileData instanceof Blob) return new Blob([body, fileData]);
  const whole = new Uint8Array(body.length + fileData.length);
  whole.set(body);
  whole.set(fileData, body.length);
  return whole;
}

async function readBody(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  reader: BodyReader,
  request: { url: string; signal: AbortSignal },
): Promise<void> {
  if (body === null) return reader.end();
  const chunks = byobReaderOf(body) ?? defaultReaderOf(body);
  try {
    while (!reader.isDone) {
      const chunk = await nextOf(chunks, request);
      if (chunk === undefined) return reader.end();
      await feed(chunk, reader);
    }
  } finally {
    // Also when it ended early; a stream that failed has nothing to be cancelled.
    await chunks.cancel().catch(() => {});
  }
}

async function nextOf(
  chunks: ChunkReader,
  request: { url: string; signal: AbortSignal },
): Promise<Uint8Array | undefined> {
  try {
    return await chunks.next();
  } catch (error) {
    throw connectionError(error, request);
  }
}

interface ChunkReader {
  next(): Promise<Uint8Array | undefined>;
  cancel(): Promise<void>;
}

function byobReaderOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): ChunkReader | undefined {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = body.getReader({ mode: "byob" });
  } catch {
    // Older browsers: the body of a response isn't a byte stream there.
    return undefined;
  }
  let buffer = new ArrayBuffer(READ_BUFFER_BYTES);
  return {
    async next() {
      const { value, done } = await reader.read(new Uint8Array(buffer));
      // The buffer comes back in the view it was filled through.
      if (value !== undefined) buffer = value.buffer;
      return done ? undefined : value;
    },
    cancel: () => reader.cancel(),
  };
}

function defaultReaderOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): ChunkReader {
  const reader = body.getReader();
  return {
    async next() {
      const { value, done } = await reader.read();
      return done ? undefined : value;
    },
    cancel: () => reader.cancel(),
  };
}

/** `fetch` says TypeError for everything that isn't an abort: no connection, no permission (CORS), broken off. */
function connectionError(error: unknown, { url, signal }: { url: string; signal: AbortSignal }): PanalError {
  if (signal.aborted) return PanalError.from(signal.reason, "aborted");
  const known = PanalError.from(error, "unreachable");
  if (known === error || known.code === "aborted") return known;
  return new PanalError("unreachable", `${new URL(url).host}: no connection, or it broke`, { cause: error });
}
