import { PieceSet } from "../content/piece-set.ts";
import { PanalError } from "../errors.ts";
import { PeerService } from "../gen/panal/v1/peer_pb.ts";
import type { Endpoint } from "../tracker/api.ts";
import { type Clock, systemClock } from "../transfer/clock.ts";
import type { UploadTarget } from "../transfer/upload-target.ts";
import { askPeer } from "./ask-peer.ts";
import type { ByteTransport } from "./byte-transport.ts";
import { type EndpointMemory, endpointMemory } from "./endpoint-memory.ts";
import type { PeerClient } from "./peer-client.ts";
import { rankEndpoints } from "./rank-endpoints.ts";
import { putPieceHead } from "./put-piece-head.ts";
import { type UnaryCallOptions, callUnary, callWithBytes } from "./unary-call.ts";

/** The header an upload brings its code in. */
export const UPLOAD_CODE_HEADER = "panal-upload-code";

/** A call with file data is given up after this: on a slow line the next one brings less. */
const CALL_TIMEOUT_MS = 60_000;

export interface PeerUploadOptions {
  /** The peer id, or any name that is unique among the targets. */
  id: string;
  name: string;
  /** At least one; in order of preference within each route. */
  endpoints: readonly Pick<Endpoint, "url" | "route">[];
  /** What the peer needs to take files; whoever runs it hands it out. */
  code?: string | undefined;
  clock?: Clock;
  memory?: EndpointMemory;
}

/** How a runtime sends to a peer. */
export interface UploadConnector {
  readonly createClient: (url: string) => PeerClient;
  readonly byteTransport: ByteTransport;
}

/** A peer as a target of `upload`, at whichever of its endpoints answers first. */
export function createPeerUploadTarget(options: PeerUploadOptions, connector: UploadConnector): UploadTarget {
  const { memory = endpointMemory, clock = systemClock, code } = options;
  const ranked = () => rankEndpoints(options.endpoints, memory);
  const headers = code === undefined ? {} : { [UPLOAD_CODE_HEADER]: code };
  let winner: Pick<Endpoint, "url" | "route"> | undefined;

  async function reach(signal: AbortSignal): Promise<string> {
    if (winner !== undefined) return winner.url;
    const { createClient } = connector;
    const { url, route, peer } = await askPeer(options.endpoints, { createClient, signal, clock, memory });
    if (!peer.acceptsUploads) {
      throw new PanalError("forbidden", `${options.name} takes no uploads (share --allow-uploads)`);
    }
    winner = { url, route };
    return url;
  }

  async function during<T>(signal: AbortSignal, call: (options: UnaryCallOptions) => Promise<T>): Promise<T> {
    const url = await reach(signal);
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
      return await call({ url, transport: connector.byteTransport, headers, signal: limited });
    } catch (error) {
      const known = PanalError.from(error);
      // Perhaps it moved, or only this way to it is broken.
      if (known.code === "unreachable" || known.code === "protocol") winner = undefined;
      if (known.code !== "aborted" || signal.aborted) throw known;
      throw new PanalError("timeout", `${options.name} did not answer in time`, { cause: error });
    }
  }

  return {
    id: options.id,
    name: options.name,
    get route() {
      return (winner ?? ranked()[0])?.route ?? "direct";
    },
    begin: ({ path, manifest, modifiedMs, writer }, { signal }) =>
      during(signal, async (call) => {
        const { fileId, pieceLayer, pieceCount } = manifest;
        const request = { path, fileId, pieceLayer, modifiedMs: BigInt(Math.floor(modifiedMs)), writer };
        const answer = await callUnary(PeerService.method.beginUpload, request, call);
        if (answer.uploadId === "") return { type: "there", path: answer.path };
        const missing =
          answer.missing.length === 0
            ? new PieceSet(pieceCount)
            : PieceSet.fromBitmap(answer.missing, pieceCount);
        return { type: "open", uploadId: answer.uploadId, missing };
      }),
    put: (uploadId, { start, end, pieceLength, data }, { signal }) =>
      during(signal, async (call) => {
        const where = { uploadId, piece: Math.floor(start / pieceLength), offset: start % pieceLength };
        const message = { body: putPieceHead(where, end - start), fileData: data };
        await callWithBytes(PeerService.method.putPiece, message, call);
      }),
    commit: (uploadId, { signal }) =>
      during(
        signal,
        async (call) => (await callUnary(PeerService.method.commitUpload, { uploadId }, call)).path,
      ),
    abort: (uploadId, { signal }) =>
      during(signal, async (call) => {
        await callUnary(PeerService.method.abortUpload, { uploadId }, call);
      }),
  };
}
