import { type ServiceImpl, createConnectRouter } from "@connectrpc/connect";
import { PeerService } from "../gen/panal/v1/peer_pb.ts";
import type { RelayedRequest, StreamedAnswer } from "./answer-pull.ts";
import { MAX_PEER_MESSAGE_BYTES } from "./peer-client.ts";

/** Longest message of a client's, as peer.proto has it. */
const MAX_CLIENT_MESSAGE_BYTES = 64 * 1024;
/** Only its path counts. */
const ANY_ORIGIN = "http://peer";

/** What it leaves out is answered with UNIMPLEMENTED. */
export type PeerServiceImpl = Partial<ServiceImpl<typeof PeerService>>;

/**
 * PeerService over Connect and gRPC-Web, for a peer without a server of its own: answers what came over the relay. Gives undefined
 * when the path is none of its methods'.
 */
export function createCallServer(
  service: PeerServiceImpl,
): (request: RelayedRequest) => Promise<StreamedAnswer> | undefined {
  const router = createConnectRouter({
    // Its trailers are HTTP's, which no relay has.
    grpc: false,
    // File data doesn't get smaller, and what a client compresses may get very large.
    acceptCompression: [],
    readMaxBytes: MAX_CLIENT_MESSAGE_BYTES,
    writeMaxBytes: MAX_PEER_MESSAGE_BYTES,
  });
  router.service(PeerService, service);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));

  return ({ method, path, headers, body, signal }) => {
    const handler = handlers.get(pathOf(path));
    if (handler === undefined) return undefined;
    const call = { httpVersion: "1.1", method, url: ANY_ORIGIN + path, header: headersOf(headers), signal };
    return handler({ ...call, body: body ?? empty() }).then((answer) => ({
      status: answer.status,
      headers: Object.fromEntries(answer.header ?? []),
      body: answer.body ?? empty(),
    }));
  };
}

/** Without the query. */
function pathOf(target: string): string {
  const end = target.indexOf("?");
  return end < 0 ? target : target.slice(0, end);
}

/** What no header may be called or hold isn't one. */
function headersOf(given: Readonly<Record<string, string>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    try {
      headers.set(name, value);
    } catch {
      continue;
    }
  }
  return headers;
}

async function* empty(): AsyncGenerator<Uint8Array> {}
