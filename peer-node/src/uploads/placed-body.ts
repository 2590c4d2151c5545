import type { IncomingMessage } from "node:http";

/**
 * Receives the body straight into `memory`, which is as long as that. Throws "aborted" when the client has gone; nothing is written to it
 * afterwards.
 */
export type ReceiveBody = (memory: Uint8Array) => Promise<void>;

const bodies = new WeakMap<IncomingMessage, ReceiveBody>();

/** For a request that came over a connection that can do that. */
export function offerPlacedBody(request: IncomingMessage, receive: ReceiveBody): void {
  bodies.set(request, receive);
}

/** To be asked at once, before anything else is done with the request, and once. */
export function placedBody(request: IncomingMessage): ReceiveBody | undefined {
  return bodies.get(request);
}
