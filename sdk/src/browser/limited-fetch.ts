import { PanalError } from "../errors.ts";
import { PEER_REQUEST } from "./fetch-transport.ts";

/** In front of each gRPC-Web message: one byte of flags, four of length. */
const FRAME_HEADER_BYTES = 5;

/**
 * `fetch` for connect-web's calls to peers, which allocates whatever length a frame announces, up to 4 GiB: here a
 * frame longer than `maxFrameBytes` ends the answer with "protocol" before its length gets that far.
 */
export function createLimitedFetch(maxFrameBytes: number, fetch = globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, ...PEER_REQUEST });
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(limitFrames(maxFrameBytes)), {
      status,
      statusText,
      headers,
    });
  };
}

/** Passes on what comes, unchanged, as long as no frame announces more than `maxFrameBytes`. */
export function limitFrames(
  maxFrameBytes: number,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  let headerFilled = 0;
  /** Of the current frame's content, still to come. */
  let contentLeft = 0;
  return new TransformStream({
    transform(chunk, controller) {
      for (let at = 0; at < chunk.length;) {
        if (contentLeft > 0) {
          const length = Math.min(contentLeft, chunk.length - at);
          contentLeft -= length;
          at += length;
          continue;
        }
        header[headerFilled++] = chunk[at++]!;
        if (headerFilled < FRAME_HEADER_BYTES) continue;
        headerFilled = 0;
        contentLeft = new DataView(header.buffer).getUint32(1);
        if (contentLeft > maxFrameBytes) {
          throw new PanalError(
            "protocol",
            `a message of ${contentLeft} bytes is announced, ${maxFrameBytes} are allowed`,
          );
        }
      }
      controller.enqueue(chunk);
    },
  });
}
