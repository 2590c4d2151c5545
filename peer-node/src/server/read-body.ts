import type { IncomingMessage } from "node:http";
import { PanalError } from "@panal/sdk";

/** The largest request a peer takes; none of them is near. */
export const MAX_REQUEST_BYTES = 64 * 1024;
/** A request has this long to arrive. Over HTTP/1.1 the server's own limit comes first. */
const BODY_TIMEOUT_MS = 20_000;

/** The whole body of a request. Throws "too-large", "timeout", and "aborted" when the client has gone. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let total = 0;
    const timer = setTimeout(
      () => reject(new PanalError("timeout", "the request did not arrive in time")),
      BODY_TIMEOUT_MS,
    );
    timer.unref();
    request.on("data", (chunk: Buffer) => {
      total += chunk.length;
      if (total > maxBytes) {
        // What still comes is thrown away; the server's limits end it if it doesn't.
        chunks.length = 0;
        reject(new PanalError("too-large", `a request of more than ${maxBytes} bytes`));
      } else {
        chunks.push(chunk);
      }
    });
    request.on("end", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    const gone = () => {
      clearTimeout(timer);
      reject(new PanalError("aborted", "the client has gone"));
    };
    request.on("error", gone);
    request.on("close", gone);
  });
}
