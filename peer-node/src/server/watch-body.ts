import type { IncomingMessage, ServerResponse } from "node:http";

/** A request has this long to come, with its body. */
const BODY_MS = 30_000;
/** One with file data may take longer, as long as something comes. */
const IDLE_MS = 30_000;

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
  const limit = () => {
    clearTimeout(timer);
    timer = setTimeout(() => request.complete || request.destroy(), BODY_MS).unref();
  };
  if (isUpload) request.setTimeout(IDLE_MS, () => request.complete || request.destroy());
  else limit();
  response.once("finish", () => {
    if (request.complete) return;
    limit();
    request.resume();
  });
  request.once("close", () => clearTimeout(timer));
}
