import { create } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { PanalError, PieceSet, connectErrorFromPanal, manifestOfLayer, parseFileId } from "@panal/sdk";
import {
  AbortUploadResponseSchema,
  type BeginUploadRequest,
  BeginUploadResponseSchema,
  CommitUploadResponseSchema,
  type PeerService,
  PutPieceResponseSchema,
  UploadFileResponseSchema,
} from "@panal/sdk/proto";
import { CLIENT } from "../server/rpc-adapter.ts";
import { inboxPathOf } from "./inbox-path.ts";
import { parseModifiedMs } from "./modified-time.ts";
import { receiveStream } from "./receive-stream.ts";
import type { PeerUploads } from "./peer-uploads.ts";
import type { BeginRequest } from "./uploads.ts";

const MAX_WRITER_LENGTH = 64;

export type UploadMethods = Pick<
  ServiceImpl<typeof PeerService>,
  "beginUpload" | "putPiece" | "commitUpload" | "abortUpload" | "uploadFile"
>;

/** The part of PeerService that takes files; without `peerUploads` none are taken. Errors are ConnectErrors. */
export function createUploadService(peerUploads: PeerUploads | undefined): UploadMethods {
  const taken = () => {
    if (peerUploads === undefined) throw new PanalError("forbidden", "this peer takes no uploads");
    return peerUploads;
  };
  return {
    beginUpload: (request, context) =>
      translated(async () => {
        const begin = parseBegin(request, clientOfCall(context));
        const begun = await taken().uploads.begin(begin);
        if (begun.type === "there") return create(BeginUploadResponseSchema, { path: begun.path });
        return create(BeginUploadResponseSchema, {
          uploadId: begun.uploadId,
          missing: missingOf(begun.have),
        });
      }),
    putPiece: ({ uploadId, piece, offset, data }) =>
      translated(async () =>
        create(PutPieceResponseSchema, {
          missingCount: await taken().uploads.put(uploadId, { piece, offset, data }),
        }),
      ),
    commitUpload: ({ uploadId }) =>
      translated(async () =>
        create(CommitUploadResponseSchema, { path: await taken().uploads.commit(uploadId) }),
      ),
    abortUpload: ({ uploadId }) =>
      translated(async () => {
        await taken().uploads.abort(uploadId);
        return create(AbortUploadResponseSchema);
      }),
    uploadFile: (messages, context) =>
      translated(async () => {
        const received = await receiveStream(messages, { ...taken(), client: clientOfCall(context) });
        return create(UploadFileResponseSchema, received);
      }),
  };
}

function parseBegin(
  { path, fileId, pieceLayer, modifiedMs, writer }: BeginUploadRequest,
  client: string,
): BeginRequest {
  const id = parseFileId(fileId, "file_id");
  if (writer.length > MAX_WRITER_LENGTH) {
    throw new PanalError("invalid", `writer: at most ${MAX_WRITER_LENGTH} characters`);
  }
  return {
    path: inboxPathOf(path),
    manifest: manifestOfLayer(id, pieceLayer),
    modifiedMs: parseModifiedMs(modifiedMs),
    writer,
    client,
  };
}

function missingOf(have: PieceSet): Uint8Array {
  const missing = PieceSet.full(have.pieceCount);
  for (let index = 0; index < have.pieceCount; index++) if (have.has(index)) missing.delete(index);
  return missing.size === 0 ? new Uint8Array(0) : missing.toBitmap();
}

function clientOfCall({ values }: HandlerContext): string {
  return values.get(CLIENT);
}

async function translated<T>(answer: () => Promise<T>): Promise<T> {
  try {
    return await answer();
  } catch (error) {
    throw connectErrorFromPanal(error);
  }
}
