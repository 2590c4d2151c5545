import { create, toBinary } from "@bufbuild/protobuf";
import { PutPieceRequestSchema } from "../gen/panal/v1/peer_pb.ts";

/** PutPieceRequest.data: field 4, length-delimited. */
const DATA_TAG = 0x22;

/**
 * A PutPieceRequest as it goes over the wire, up to where its data begins. By hand, since the stock writer makes room for file data bit
 * by bit, and so copies it several times.
 */
export function putPieceHead(
  request: { uploadId: string; piece: number; offset: number },
  dataLength: number,
): Uint8Array<ArrayBuffer> {
  const fields = toBinary(PutPieceRequestSchema, create(PutPieceRequestSchema, request));
  return Uint8Array.from([...fields, DATA_TAG, ...varint(dataLength)]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
}
