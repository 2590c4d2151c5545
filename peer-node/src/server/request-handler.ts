import type { IncomingMessage, ServerResponse } from "node:http";
import { Health } from "@panal/sdk/gen/grpc/health/v1/health_pb";
import { connectErrorFromPanal } from "@panal/sdk";
import { PEER_CROSS_ORIGIN, createCrossOrigin } from "@panal/sdk/node";
import { PeerService } from "@panal/sdk/proto";
import type { ServedFiles } from "../library/served-files.ts";
import { isAllowedHost } from "./allowed-host.ts";
import type { BlockPool } from "./block-pool.ts";
import type { AllowedOrigins } from "./allowed-origins.ts";
import { createDownloadStream } from "./download-stream.ts";
import { answerDoorFailure, createFilesDoor } from "./files-door.ts";
import type { HealthState } from "./health.ts";
import { type PeerProfile, createPeerService } from "./peer-service.ts";
import { answerText } from "./plain-answer.ts";
import { addReflection } from "./reflection.ts";
import { createRpcAdapter } from "./rpc-adapter.ts";
import { pathOf } from "./service-path.ts";
import { STALL_MS } from "./send-file.ts";
import type { ServingPlaces } from "./serving-places.ts";
import type { PeerUploads } from "../uploads/peer-uploads.ts";
import { refuseCall } from "../uploads/refuse-call.ts";
import { MAX_UPLOAD_MESSAGE_BYTES } from "../uploads/message-memory.ts";
import { createPutPieceDoor } from "../uploads/put-piece-door.ts";
import { createUploadService } from "../uploads/upload-service.ts";
import { watchBody } from "./watch-body.ts";

const DOWNLOAD_PATH = pathOf(PeerService.method.downloadFile);
const UPLOAD_METHODS = [
  PeerService.method.beginUpload,
  PeerService.method.putPiece,
  PeerService.method.commitUpload,
  PeerService.method.abortUpload,
  PeerService.method.uploadFile,
] as const;
const STREAM_PATH = pathOf(PeerService.method.uploadFile);
const PUT_PATH = pathOf(PeerService.method.putPiece);
const UPLOAD_PATHS: ReadonlySet<string> = new Set(UPLOAD_METHODS.map(pathOf));

export interface RequestHandlerOptions {
  files: ServedFiles;
  profile: PeerProfile;
  places: ServingPlaces;
  pool: BlockPool;
  health: HealthState;
  origins: AllowedOrigins;
  /** Host names under which the peer may be reached, lower case; IP literals and localhost always are. */
  allowedHosts: ReadonlySet<string>;
  /** What the tracker gave us to prove the address with. */
  nonce: () => string;
  /** What takes uploads; undefined: none are taken. */
  uploads?: PeerUploads | undefined;
}

const crossOrigin = createCrossOrigin(PEER_CROSS_ORIGIN);

/** Everything a peer answers, on whichever connection it comes. */
export function createRequestHandler(
  options: RequestHandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { files, profile, places, pool, origins } = options;
  const shared = { files, places, pool };
  const streamDownload = createDownloadStream(shared);
  const filesDoor = createFilesDoor(shared);
  const { uploads } = options;
  const peerService = createPeerService({ files, profile, places });
  const uploadService = createUploadService(uploads);
  const putPiece = uploads === undefined ? undefined : createPutPieceDoor(uploads);
  const rpc = createRpcAdapter((router) => {
    router.service(PeerService, { ...peerService, ...uploadService });
    // Once more, since only these may be so long.
    const limit = { readMaxBytes: MAX_UPLOAD_MESSAGE_BYTES };
    router.rpc(PeerService.method.beginUpload, uploadService.beginUpload, limit);
    router.rpc(PeerService.method.putPiece, uploadService.putPiece, limit);
    router.rpc(PeerService.method.uploadFile, uploadService.uploadFile, limit);
    router.service(Health, options.health.service);
    addReflection(router, [PeerService, Health]);
  });

  return (request, response) => {
    // Clients that break off must not end the process.
    request.on("error", () => {});
    response.on("error", () => {});
    response.setHeader("x-content-type-options", "nosniff");
    const authority = request.headers[":authority"] ?? request.headers.host;
    if (!isAllowedHost(typeof authority === "string" ? authority : undefined, options.allowedHosts)) {
      return answerText(response, 421, "this peer was not told of that host name (--allow-host)");
    }
    const { path, query } = splitTarget(request.url ?? "");
    const isUpload = UPLOAD_PATHS.has(path);
    watchBody(request, response, { isUpload });
    const origin = crossOrigin.apply(request, response, origins);
    if (request.method === "OPTIONS") {
      if (origin === "allowed") return crossOrigin.answerPreflight(request, response);
      return answerText(response, 403, "no page of that origin may read from this peer (--allow-origin)");
    }
    if (path === "/.well-known/panal") return answerText(response, 200, options.nonce());
    if (path === "/healthz") return answerText(response, 200, "ok");
    if (path.startsWith("/files/")) {
      filesDoor(request, response, { path, query }).catch((error: unknown) =>
        answerDoorFailure(response, error),
      );
      return;
    }
    if (origin === "refused") {
      return answerText(response, 403, "no page of that origin may call this peer (--allow-origin)");
    }
    if (isUpload && uploads !== undefined && request.method === "POST") {
      try {
        uploads.gate.enter(request, response, path === STREAM_PATH ? undefined : MAX_UPLOAD_MESSAGE_BYTES);
      } catch (error) {
        return refuseCall(request, response, connectErrorFromPanal(error));
      }
      if (path === PUT_PATH && putPiece?.(request, response) === true) return;
    }
    if (path === DOWNLOAD_PATH) {
      if (streamDownload(request, response)) return;
      // The stock way would wait for ever for a client that takes nothing.
      response.setTimeout(STALL_MS, () => response.destroy());
    }
    if (!rpc(request, response, path)) answerText(response, 404, "nothing here");
  };
}

/** The path and query of a request target; whatever isn't a path (proxies' requests) leads nowhere. */
function splitTarget(url: string): { path: string; query: string } {
  const [path = "", query = ""] = url.split("?", 2);
  return { path: path.startsWith("/") ? path : "", query };
}
