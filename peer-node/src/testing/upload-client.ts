import { type Client, Code, ConnectError, type Interceptor, createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { type Manifest, manifestOf } from "@panal/sdk";
import { nodeHashBlocks } from "@panal/sdk/node";
import { PeerService } from "@panal/sdk/proto";
import { sampleBytes } from "./shared-folder.ts";

const MIB = 1024 * 1024;
/** Of the file that is sent when nobody asks for another one: three pieces, the last one short. */
export const UPLOAD_LENGTH = 2 * MIB + 20_000;

export type UploadClient = Client<typeof PeerService>;
export type Protocol = "Connect" | "gRPC-Web" | "gRPC";

/** A stock client of a peer, over one of the protocols. */
export function uploadClient(
  baseUrl: string,
  { protocol = "Connect", code }: { protocol?: Protocol; code?: string } = {},
): UploadClient {
  const common = { baseUrl, interceptors: code === undefined ? [] : [withCode(code)] };
  const transports = {
    Connect: () => createConnectTransport({ ...common, httpVersion: "1.1" as const }),
    "gRPC-Web": () => createGrpcWebTransport({ ...common, httpVersion: "1.1" as const }),
    gRPC: () => createGrpcTransport(common),
  };
  return createClient(PeerService, transports[protocol]());
}

function withCode(code: string): Interceptor {
  return (next) => (request) => {
    request.header.set("panal-upload-code", code);
    return next(request);
  };
}

export interface UploadSample {
  readonly content: Uint8Array;
  readonly manifest: Manifest;
}

export async function uploadSample(length = UPLOAD_LENGTH, seed = 7): Promise<UploadSample> {
  const content = sampleBytes(length, seed);
  return { content, manifest: await manifestOf([content], length, nodeHashBlocks) };
}

export function begin(
  client: UploadClient,
  path: string,
  { manifest: { fileId, pieceLayer }, writer = "w" }: { manifest: Manifest; writer?: string },
) {
  return client.beginUpload({ path, fileId, pieceLayer, writer, modifiedMs: 1_700_000_000_000n });
}

export async function putAll(client: UploadClient, uploadId: string, content: Uint8Array): Promise<void> {
  for (let piece = 0; piece * MIB < content.length; piece++) {
    await client.putPiece({ uploadId, piece, data: content.subarray(piece * MIB, (piece + 1) * MIB) });
  }
}

/** The whole way; gives where the file is. */
export async function upload(client: UploadClient, path: string, file: UploadSample): Promise<string> {
  const { uploadId } = await begin(client, path, file);
  await putAll(client, uploadId, file.content);
  return (await client.commitUpload({ uploadId })).path;
}

/** How a call fails; "none" when it doesn't. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return Code[ConnectError.from(error).code]!;
  }
  return "none";
}
