import type { IncomingHttpHeaders } from "node:http";
import { type Caller, FORWARDED_HEADERS, callerOf, callerRules } from "./caller.ts";
import { type Services, bearerLease } from "./context.ts";
import { SAFETY_HEADERS } from "./guards.ts";
import { HEARTBEAT_ROUTE, createRequestNotes } from "./note-requests.ts";
import { requestIdFrom } from "./request-id.ts";
import { presentHeartbeat } from "./routes/presentation.ts";

/** A request, before its body. */
export interface DoorRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly remoteAddress: string | undefined;
  /** The same for all requests that come over it. */
  readonly connection: object;
}

export type DoorAnswer =
  /** 200, with these. */
  | { readonly type: "ready"; readonly headers: readonly string[]; readonly body: string }
  /** Something is the matter with it: the routes say what. `isAdmitted`: it has been counted against the limits. */
  | { readonly type: "for-routes"; readonly isAdmitted: boolean };

export interface HeartbeatDoor {
  /** Whether it is a heartbeat as peers send it, and not one from a page, or with something in it. */
  takes(request: DoorRequest): boolean;
  /** Of a request it takes. */
  answer(request: DoorRequest): Promise<DoorAnswer>;
}

const PATH = /^\/api\/v1\/peers\/([A-Za-z0-9_-]{1,64})\/heartbeat$/;
const FOR_ALL = SAFETY_HEADERS.flat();

/**
 * Most of what a large tracker is asked are heartbeats, and to go through routes and middleware costs four times as much as
 * what they ask for. So those that are in order are answered here, with what the route would say; all others go to the route.
 */
export function createHeartbeatDoor(services: Services): HeartbeatDoor {
  const { config, registry, webOrigins, limits } = services;
  const rules = callerRules(config);
  const note = createRequestNotes(services);
  /** Who is at the other end of a connection. */
  const callers = new WeakMap<object, Caller>();

  function callerAt({ headers, remoteAddress, connection }: DoorRequest): Caller {
    const known = callers.get(connection);
    if (known !== undefined && !isForwarded(headers)) return known;
    const caller = callerOf({ remoteAddress, header: (name) => headers[name]?.toString() }, rules);
    if (!isForwarded(headers)) callers.set(connection, caller);
    return caller;
  }

  return {
    takes({ method, url = "", headers }) {
      if (method !== "POST" || !PATH.test(url)) return false;
      const hasBody =
        (headers["content-length"] ?? "0") !== "0" || headers["transfer-encoding"] !== undefined;
      return !hasBody && headers.origin === undefined && webOrigins.acceptsHost(headers.host ?? "");
    },

    async answer(request) {
      const { url = "", headers } = request;
      const startedAt = performance.now();
      const peerId = PATH.exec(url)![1]!;
      const lease = bearerLease(headers.authorization);
      const caller = callerAt(request);
      let isAdmitted = false;
      try {
        limits.admit("heartbeats", { caller, lease });
        isAdmitted = true;
        const heard = await registry.heartbeat(peerId, { lease, caller });
        const body = JSON.stringify(presentHeartbeat(services, heard));
        const requestId = requestIdFrom(headers["x-request-id"]?.toString());
        note({
          method: "POST",
          path: url,
          route: HEARTBEAT_ROUTE,
          status: 200,
          startedAt,
          requestId,
          from: caller.address,
        });
        const length = String(Buffer.byteLength(body));
        return {
          type: "ready",
          headers: [
            "content-type",
            "application/json",
            "content-length",
            length,
            "x-request-id",
            requestId,
            "vary",
            "origin",
            ...FOR_ALL,
          ],
          body,
        };
      } catch {
        // The route meets the same, and tells of it.
        return { type: "for-routes", isAdmitted };
      }
    },
  };
}

function isForwarded(headers: IncomingHttpHeaders): boolean {
  return FORWARDED_HEADERS.some((name) => headers[name] !== undefined);
}
