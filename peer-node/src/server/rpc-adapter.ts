import { createRpcAdapter as createAdapter } from "@panal/sdk/node";
import { MAX_REQUEST_BYTES } from "./read-body.ts";

/** A manifest of 131 072 pieces is 4 MiB, and something around it. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024 + 4096;

export { CLIENT } from "@panal/sdk/node";

/** With the limits of a peer. */
export function createRpcAdapter(
  routes: Parameters<typeof createAdapter>[0],
): ReturnType<typeof createAdapter> {
  return createAdapter(routes, { maxRequestBytes: MAX_REQUEST_BYTES, maxAnswerBytes: MAX_ANSWER_BYTES });
}
