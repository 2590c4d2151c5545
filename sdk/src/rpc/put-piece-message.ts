import { create, toBinary } from "@bufbuild/protobuf";
import { PutPieceRequestSchema } from "../gen/panal/v1/peer_pb.ts";

/** PutPieceRequest.data: field 4, length-delimited. */
const DATA_TAG = 0x22;

/**
 * A PutPieceRequest as it goes over the wire. By hand, since the stock writer makes room for file data bit by bit, and so copies it
 * several times.
 */
export function putPieceMessage(
  request: { uploadId: string; piece: number; offset: number },
  data: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const head = toBinary(PutPieceRequestSchema, create(PutPieceRequestSchema, request));
  const length = varint(data.length);
  const message = new Uint8Array(head.length + 1 + length.length + data.length);
  message.set(head);
  message[head.length] = DATA_TAG;
  message.set(length, head.length + 1);
  message.set(data, head.length + 1 + length.length);
  return message;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
}
