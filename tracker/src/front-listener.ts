import type { IncomingMessage, RequestListener } from "node:http";
import type { DoorRequest, HeartbeatDoor } from "./heartbeat-door.ts";

export interface FrontListenerOptions {
  /** Undefined as long as the tracker isn't ready. */
  readonly door: () => HeartbeatDoor | undefined;
  /** Takes all that the door doesn't answer. */
  readonly routes: RequestListener;
  /** Told of requests that are counted against the limits before the routes get them. */
  readonly onAdmitted: (incoming: IncomingMessage) => void;
}

/** Hands each request to the door or to the routes. */
export function createFrontListener({ door, routes, onAdmitted }: FrontListenerOptions): RequestListener {
  return (incoming, outgoing) => {
    const heartbeats = door();
    const request = requestOf(incoming);
    if (heartbeats?.takes(request) !== true) {
      routes(incoming, outgoing);
      return;
    }
    // Never fails.
    void heartbeats.answer(request).then((answer) => {
      if (answer.type === "ready") {
        outgoing.writeHead(200, answer.headers as string[]).end(answer.body);
        return;
      }
      if (answer.isAdmitted) onAdmitted(incoming);
      routes(incoming, outgoing);
    });
  };
}

function requestOf({ method, url, headers, socket }: IncomingMessage): DoorRequest {
  return { method, url, headers, remoteAddress: socket.remoteAddress, connection: socket };
}
