import { create } from "@bufbuild/protobuf";
import { PanalError } from "../errors.ts";
import { type GetManifestResponse, GetManifestResponseSchema } from "../gen/panal/v1/peer_pb.ts";
import type { FileId } from "./file-id.ts";
import { type Manifest, verifyManifest } from "./manifest.ts";

/** The wire form of a manifest. */
export function manifestToProto(manifest: Manifest): GetManifestResponse {
  return create(GetManifestResponseSchema, {
    fileId: manifest.fileId,
    length: BigInt(manifest.length),
    pieceLength: manifest.pieceLength,
    piecesRoot: manifest.piecesRoot,
    pieceLayer: manifest.pieceLayer,
  });
}

/** A peer's answer, checked against the file id that was asked for; throws "corrupt". */
export function manifestFromProto(fileId: FileId, message: GetManifestResponse): Manifest {
  if (message.fileId !== fileId) {
    throw new PanalError("corrupt", `manifest of ${fileId}: it is for another file`);
  }
  return verifyManifest(fileId, {
    length: Number(message.length),
    pieceLength: message.pieceLength,
    piecesRoot: message.piecesRoot,
    pieceLayer: message.pieceLayer,
  });
}
