import type { IncomingMessage, ServerResponse } from "node:http";

/** A request has this long to come, with its body. */
const BODY_MS = 30_000;
/** One with file data may take longer, as long as something comes. */
const IDLE_MS = 30_000;
/** And it is at least as fast as this where its length is known: a byte now and then would keep a place from others for ever. */
const SLOWEST_BYTES_PER_SECOND = 8 * 1024;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Ends requests over HTTP/1.1 that come too slowly: the server's own limit of time would be one for files of any size. What comes
 * after the answer is thrown away, for as long, so that the connection can be used again. HTTP/2 has its own limit for what is idle.
 */
export function watchBody(
  request: IncomingMessage,
  response: ServerResponse,
  { isUpload }: { isUpload: boolean },
): void {
  if (request.httpVersionMajor >= 2 || request.method !== "POST") return;
  let timer: NodeJS.Timeout | undefined;
  const end = () => request.complete || request.destroy();
  const limit = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(end, Math.min(ms, LONGEST_TIMER_MS)).unref();
  };
  const length = Number(request.headers["content-length"]);
  if (!isUpload) limit(BODY_MS);
  else {
    request.setTimeout(IDLE_MS, end);
    if (Number.isSafeInteger(length)) limit(BODY_MS + (length / SLOWEST_BYTES_PER_SECOND) * 1000);
  }
  response.once("finish", () => {
    if (request.complete) return;
    limit(BODY_MS);
    request.resume();
  });
  request.once("close", () => clearTimeout(timer));
}
