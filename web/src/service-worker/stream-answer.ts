import { type PanalErrorCode, PanalError } from "@panal/sdk";
import {
  type ByteRange,
  type FileId,
  contentDisposition,
  contentRange,
  fileIdLength,
  isFileId,
  mediaTypeOf,
  parseRange,
} from "@panal/sdk/content";
import { MAX_READ_BYTES, STREAM_PREFIX } from "../engine/engine-api.ts";

/** Bytes of a file, verified: from the beginning of the range at least one, as many as there are by then. */
export type ReadBytes = (range: ByteRange, signal: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>;

/** What of a request decides the answer. */
export type StreamRequest = Pick<Request, "url" | "method" | "headers" | "destination" | "signal">;

export interface StreamTarget {
  readonly fileId: FileId;
  /** From outside. */
  readonly name: string;
  /** To be saved, whatever it is. */
  readonly isDownload: boolean;
  /** Only looked into. */
  readonly isPeek?: boolean;
}

/** What only shows or plays bytes, or hands them to our own page. Never what runs them: pages, scripts, workers, styles. */
const HARMLESS_DESTINATIONS: ReadonlySet<RequestDestination> = new Set([
  "",
  "audio",
  "image",
  "track",
  "video",
]);
/** How a browser asks for what it is to save. */
const SAVING_DESTINATIONS: ReadonlySet<RequestDestination> = new Set(["", "document", "iframe"]);
/** For a browser that shows it all the same: nothing in it may do anything. */
const SANDBOX = "default-src 'none'; sandbox";
/** For everything that peers sent. */
export const SAFETY_HEADERS = {
  // What is kept is in the page's own storage, verified.
  "cache-control": "no-store",
  "content-security-policy": SANDBOX,
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
} as const;
const RETRY_AFTER_SECONDS = "5";

/** `/stream/{fileId}/{name}`; undefined when it is something else. */
export function parseStreamUrl(url: string): StreamTarget | undefined {
  const { pathname, searchParams } = new URL(url);
  if (!pathname.startsWith(STREAM_PREFIX)) return undefined;
  const [fileId = "", name = "", ...rest] = pathname.slice(STREAM_PREFIX.length).split("/");
  if (!isFileId(fileId) || rest.length > 0) return undefined;
  try {
    const target = { fileId, name: decodeURIComponent(name), isDownload: searchParams.has("download") };
    return searchParams.has("peek") ? { ...target, isPeek: true } : target;
  } catch {
    return undefined;
  }
}

/**
 * Answers a range with at most MAX_READ_BYTES, and with less when less is there: players ask for the next part
 * themselves, so that none is ever in memory as a whole. Without a range the whole file comes, pulled part by part.
 */
export async function answerStream(request: StreamRequest, read: ReadBytes): Promise<Response> {
  const target = parseStreamUrl(request.url);
  if (target === undefined) return refuse(404, "expected /stream/{fileId}/{name}");
  const { fileId, isDownload } = target;
  const allowed = isDownload ? SAVING_DESTINATIONS : HARMLESS_DESTINATIONS;
  if (!allowed.has(request.destination)) {
    return refuse(403, `what a peer sent is no ${request.destination} of this app`);
  }
  if (request.method !== "GET" && request.method !== "HEAD") return refuse(405, "GET or HEAD");
  const length = fileIdLength(fileId);
  const headers = headersOf(target);
  const range = parseRange(request.headers.get("range") ?? undefined, length);
  if (range === "unsatisfiable") {
    return refuse(416, `the file has ${length} bytes`, { "content-range": `bytes */${length}` });
  }
  if (range === undefined || request.method === "HEAD") {
    headers.set("content-length", String(length));
    const body = request.method === "HEAD" || length === 0 ? null : wholeFile(length, read, request.signal);
    return new Response(body, { status: 200, headers });
  }
  try {
    const end = Math.min(range.end, range.start + MAX_READ_BYTES);
    const bytes = await read({ start: range.start, end }, request.signal);
    headers.set(
      "content-range",
      contentRange({ start: range.start, end: range.start + bytes.length }, length),
    );
    headers.set("content-length", String(bytes.length));
    return new Response(streamOf(bytes), { status: 206, headers });
  } catch (error) {
    return refuseFor(error);
  }
}

/** As a stream: of an array a response makes a copy of its own, which stays until the garbage collector finds it. */
function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}

/** One part is read when there is room for it: the browser decides how fast that is. */
function wholeFile(length: number, read: ReadBytes, signal: AbortSignal): ReadableStream<Uint8Array> {
  let position = 0;
  const cancelled = new AbortController();
  const ended = AbortSignal.any([cancelled.signal, signal]);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const end = Math.min(length, position + MAX_READ_BYTES);
        const bytes = await read({ start: position, end }, ended);
        position += bytes.length;
        controller.enqueue(bytes);
        if (position === length) controller.close();
      },
      cancel: () => cancelled.abort(),
    },
    { highWaterMark: 0 },
  );
}

/** The type is ours, by the name's extension: what isn't known to be harmless is bytes to be saved. */
function headersOf({ fileId, name, isDownload }: StreamTarget): Headers {
  const { inline, mime } = mediaTypeOf(name);
  const isShown = inline && !isDownload;
  return new Headers({
    ...SAFETY_HEADERS,
    "accept-ranges": "bytes",
    etag: `"${fileId}"`,
    "content-type": isShown ? mime : "application/octet-stream",
    "content-disposition": contentDisposition(isShown ? "inline" : "attachment", name),
  });
}

function refuse(status: number, text: string, more: Record<string, string> = {}): Response {
  return new Response(text, {
    status,
    headers: { ...SAFETY_HEADERS, "content-type": "text/plain; charset=utf-8", ...more },
  });
}

function refuseFor(error: unknown): Response {
  const { code, message } = PanalError.from(error);
  return refuse(statusOf(code), message, {
    "retry-after": RETRY_AFTER_SECONDS,
    "x-panal-code": code,
  });
}

function statusOf(code: PanalErrorCode): number {
  switch (code) {
    case "no-space":
      return 507;
    case "conflict":
      return 409;
    default:
      return 503;
  }
}
