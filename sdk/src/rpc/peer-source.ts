import { create, toBinary } from "@bufbuild/protobuf";
import { type ByteRange, pieceCountFor } from "../content/blocks.ts";
import { type FileId, fileIdLength } from "../content/file-id.ts";
import { manifestFromProto } from "../content/manifest-codec.ts";
import { PieceSet } from "../content/piece-set.ts";
import { PanalError } from "../errors.ts";
import { DownloadFileRequestSchema, type GetAvailabilityResponse } from "../gen/panal/v1/peer_pb.ts";
import type { Endpoint } from "../tracker/api.ts";
import type { ByteSink } from "../transfer/byte-sink.ts";
import { type Clock, systemClock } from "../transfer/clock.ts";
import type { Source } from "../transfer/source.ts";
import type { ByteResponse, ByteTransport } from "./byte-transport.ts";
import { createDownloadReader } from "./download-stream.ts";
import { type EndpointMemory, endpointMemory } from "./endpoint-memory.ts";
import { callAtBest } from "./endpoint-race.ts";
import { PEER_CALL_TIMEOUT_MS, type PeerClient } from "./peer-client.ts";
import { type RankedEndpoint, rankEndpoints } from "./rank-endpoints.ts";
import type { StreamProtocol } from "./stream-formats.ts";

/** While bytes come through the tracker, whether they could come straight is found out so often. */
const LOOK_AGAIN_MS = 30_000;

/** How a runtime talks to a peer. */
export interface PeerConnector {
  /** For everything but file data. */
  createClient(url: string): PeerClient;
  /** For file data. */
  readonly byteTransport: ByteTransport;
  readonly protocol: StreamProtocol;
}

export interface PeerSourceOptions {
  /** The peer id, or any name that is unique in the download. */
  id: string;
  name: string;
  /** At least one; in order of preference within each route. */
  endpoints: readonly Endpoint[];
  clock?: Clock;
  /** Default: what all sources here have found out. */
  memory?: EndpointMemory;
}

/** A peer as a source of the engine, at whichever of its endpoints answers first. */
export function createPeerSource(options: PeerSourceOptions, connector: PeerConnector): Source {
  const { memory = endpointMemory, clock = systemClock } = options;
  const ranked = () => rankEndpoints(options.endpoints, memory);
  const clients = new Map(ranked().map(({ url }) => [url, connector.createClient(url)]));
  let winner: RankedEndpoint | undefined;
  let wonAtMs = 0;

  /** A call at the endpoint that answered before, else at all of them in a race. */
  async function ask<T>(
    signal: AbortSignal,
    call: (client: PeerClient, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    try {
      const { endpoint, value } = await callAtBest(
        winner === undefined ? ranked() : [{ ...winner, startMs: 0 }],
        (url, raceSignal) => call(clients.get(url)!, raceSignal),
        { signal, clock, memory },
      );
      if (winner === undefined) wonAtMs = clock.now();
      winner = endpoint;
      return value;
    } catch (error) {
      // Perhaps it moved, or another way to it works now.
      winner = undefined;
      throw error;
    }
  }

  return {
    id: options.id,
    name: options.name,
    get route() {
      return (winner ?? ranked()[0])?.route ?? "direct";
    },
    manifest: (fileId, { signal }) =>
      ask(signal, async (client, callSignal) =>
        manifestFromProto(
          fileId,
          await client.getManifest({ fileId }, { signal: callSignal, timeoutMs: PEER_CALL_TIMEOUT_MS }),
        ),
      ),
    availability: (fileId, { signal }) =>
      ask(signal, async (client, callSignal) =>
        availabilityFromProto(
          fileId,
          await client.getAvailability({ fileId }, { signal: callSignal, timeoutMs: PEER_CALL_TIMEOUT_MS }),
        ),
      ),
    async read(fileId, range, { signal, sink, onRoute }) {
      // A peer that was only away for a moment is asked straight again.
      if (winner?.route !== "direct" && clock.now() - wonAtMs > LOOK_AGAIN_MS) winner = undefined;
      if (winner === undefined) await this.availability(fileId, { signal });
      const { url, route } = winner ?? ranked()[0]!;
      // Other requests may change `route` before the first byte is here.
      onRoute?.(route);
      try {
        await readRange({ fileId, range, url, signal, sink }, connector);
      } catch (error) {
        // Perhaps only this way to it is broken.
        if (PanalError.from(error).code === "unreachable") winner = undefined;
        throw error;
      }
    },
  };
}

function availabilityFromProto(fileId: FileId, message: GetAvailabilityResponse): PieceSet | undefined {
  switch (message.availability.case) {
    case "all":
      return undefined;
    case "bitmap":
      return PieceSet.fromBitmap(message.availability.value, pieceCountFor(fileIdLength(fileId)));
    default:
      throw new PanalError("protocol", `availability of ${fileId}: no answer in it`);
  }
}

async function readRange(
  request: { fileId: FileId; range: ByteRange; url: string; signal: AbortSignal; sink: ByteSink },
  { byteTransport, protocol }: PeerConnector,
): Promise<void> {
  const { range, fileId } = request;
  if (range.end > fileIdLength(fileId)) {
    throw new PanalError("out-of-range", `bytes ${range.start} to ${range.end} of ${fileId}`);
  }
  const expectedBytes = range.end - range.start;
  if (expectedBytes <= 0) return;
  const message = toBinary(
    DownloadFileRequestSchema,
    create(DownloadFileRequestSchema, {
      fileId,
      offset: BigInt(range.start),
      length: BigInt(expectedBytes),
    }),
  );
  const body = new Uint8Array(5 + message.length);
  new DataView(body.buffer).setUint32(1, message.length);
  body.set(message, 5);
  const response = await byteTransport({
    url: `${request.url}/panal.v1.PeerService/DownloadFile`,
    method: "POST",
    headers: { "content-type": protocol.contentType, ...protocol.headers },
    body,
    signal: request.signal,
  });
  const refusal = refusalOf(response, protocol);
  if (refusal !== undefined) {
    await response.cancel();
    throw refusal;
  }
  await response.read(createDownloadReader({ format: protocol, expectedBytes, sink: request.sink }));
}

/** Why an answer isn't a stream of file data, if it isn't. */
function refusalOf(response: ByteResponse, protocol: StreamProtocol): PanalError | undefined {
  const { status } = response;
  switch (status) {
    case 200:
      break;
    case 403:
    case 421:
      return new PanalError("forbidden", `the peer refuses (HTTP ${status})`);
    case 429:
    case 503:
      return new PanalError("busy", `the peer is busy (HTTP ${status})`);
    default:
      return status >= 500
        ? new PanalError("unreachable", `HTTP ${status}`)
        : new PanalError("protocol", `HTTP ${status} instead of a stream`);
  }
  const contentType = response.header("content-type") ?? "";
  if (!contentType.startsWith(protocol.contentType)) {
    // gRPC-Web servers may leave the "+proto" out.
    if (contentType !== protocol.contentType.replace("+proto", "")) {
      return new PanalError(
        "protocol",
        `content type ${JSON.stringify(contentType.slice(0, 60))} instead of a stream`,
      );
    }
  }
  return protocol.parseHeaders((name) => response.header(name));
}
