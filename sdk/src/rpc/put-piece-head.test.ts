import { fromBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { PutPieceRequestSchema } from "../gen/panal/v1/peer_pb.ts";
import { putPieceHead } from "./put-piece-head.ts";

it.each([1, 127, 128, 16_384, 1_000_000])(
  "putPieceHead() in front of %d bytes is the message they are of",
  (length) => {
    const data = Uint8Array.from({ length }, (_, index) => index);
    const request = { uploadId: "ab".repeat(16), piece: 70_000, offset: 16_384 };
    const {
      uploadId,
      piece,
      offset,
      data: read,
    } = fromBinary(PutPieceRequestSchema, Buffer.concat([putPieceHead(request, length), data]));
    expect({ uploadId, piece, offset }).toEqual(request);
    expect(Buffer.compare(read, data)).toBe(0);
  },
);
