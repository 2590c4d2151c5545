import { fromBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { PutPieceRequestSchema } from "../gen/panal/v1/peer_pb.ts";
import { putPieceMessage } from "./put-piece-message.ts";

it.each([1, 127, 128, 16_384, 1_000_000])("putPieceMessage() of %d bytes is what it says", (length) => {
  const data = Uint8Array.from({ length }, (_, index) => index);
  const request = { uploadId: "ab".repeat(16), piece: 70_000, offset: 16_384 };
  const {
    uploadId,
    piece,
    offset,
    data: read,
  } = fromBinary(PutPieceRequestSchema, putPieceMessage(request, data));
  expect({ uploadId, piece, offset }).toEqual(request);
  expect(Buffer.compare(read, data)).toBe(0);
});
