import type { Readable } from "node:stream";
import { PanalError } from "@panal/sdk";
import type { PeerRequest } from "./peer-way.ts";

/** What is read as a whole before it is passed on. */
const MAX_SHORT_BODY_BYTES = 64 * 1024;

/** Whether a request has no body, or says that it has a short one. */
export function isShort({ body, headers }: Pick<PeerRequest, "body" | "headers">): boolean {
  const length = headers["content-length"];
  return body === undefined || (length !== undefined && Number(length) <= MAX_SHORT_BODY_BYTES);
}

export async function readShort(body: Readable | undefined): Promise<Uint8Array<ArrayBuffer>> {
  if (body === undefined) return new Uint8Array();
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Longer than its header said: no server of Node's gives that on, but memory isn't to depend on it.
    if (length > MAX_SHORT_BODY_BYTES) throw new PanalError("protocol", "a request longer than it said");
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
