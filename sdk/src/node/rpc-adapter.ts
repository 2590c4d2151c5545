import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type ConnectRouter,
  createConnectRouter,
  createContextKey,
  createContextValues,
} from "@connectrpc/connect";
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";
import { clientOf } from "./client-of.ts";
import { plainGrpcMessage } from "./grpc-message.ts";

/** Whose call it is (`clientOf`). */
export const CLIENT = createContextKey("");

/**
 * Connect's services on Node's requests; gives false when none has this path. What `connectNodeAdapter` does, except that
 * clients which break off are no news (it writes each to the console) and leave nothing behind.
 */
export function createRpcAdapter(
  routes: (router: ConnectRouter) => void,
  { maxRequestBytes, maxAnswerBytes }: { maxRequestBytes: number; maxAnswerBytes: number },
): (request: IncomingMessage, response: ServerResponse, path: string) => boolean {
  const router = createConnectRouter({
    // File data doesn't get smaller, and what a client compresses may get very large.
    acceptCompression: [],
    readMaxBytes: maxRequestBytes,
    writeMaxBytes: maxAnswerBytes,
  });
  routes(router);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  return (request, response, path) => {
    const handler = handlers.get(path);
    if (handler === undefined) return false;
    // A client that vanishes while a write waits for "drain" would keep the handler's generator waiting for ever.
    response.once("close", () => {
      if (!response.writableFinished) response.emit("drain");
    });
    const answer = async () => {
      const context = createContextValues().set(CLIENT, clientOf(request.socket.remoteAddress));
      const call = universalRequestFromNodeRequest(request, response, undefined, context);
      const { trailer = new Headers(), ...head } = await handler(call);
      await universalResponseToNodeResponse(
        {
          ...head,
          // Asked for when the body is out: only then the trailers are what they will be.
          get trailer() {
            return plainGrpcMessage(trailer);
          },
        },
        response,
      );
    };
    // What a handler throws is in its answer; this is the connection, which is of no use any more.
    answer().catch(() => response.destroy());
    return true;
  };
}
