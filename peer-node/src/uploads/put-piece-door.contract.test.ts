import { once } from "node:events";
import { connect } from "node:net";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { PutPieceRequestSchema, PutPieceResponseSchema } from "@panal/sdk/proto";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type TestPeer, startTestPeer } from "../testing/test-peer.ts";
import { type UploadSample, begin, uploadClient, uploadSample } from "../testing/upload-client.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const PATH = "/panal.v1.PeerService/PutPiece";

let peer: TestPeer;
let file: UploadSample;
let uploadId: string;
beforeEach(async () => {
  peer = await startTestPeer({}, { takes: { settings: { isOpen: true } } });
  file = await uploadSample();
  ({ uploadId } = await begin(uploadClient(peer.url), "a.bin", file));
});
afterEach(() => peer.close());

function message(start: number, end: number, more: { uploadId?: string } = {}): Uint8Array<ArrayBuffer> {
  const [piece, offset] = [Math.floor(start / MIB), start % MIB];
  const data = file.content.subarray(start, end);
  return toBinary(
    PutPieceRequestSchema,
    create(PutPieceRequestSchema, { uploadId, piece, offset, data, ...more }),
  );
}

/** As our clients send it: of a length that is known, over Connect. */
async function put(body: Uint8Array<ArrayBuffer>) {
  const response = await fetch(peer.url + PATH, {
    method: "POST",
    headers: { "content-type": "application/proto", "connect-protocol-version": "1" },
    body,
  });
  const answer = new Uint8Array(await response.arrayBuffer());
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    missing: () => fromBinary(PutPieceResponseSchema, answer).missingCount,
    error: () => JSON.parse(Buffer.from(answer).toString()) as { code: string; message: string },
  };
}

it("takes parts long and short, several at once and in memory that held others before", async () => {
  const first = await put(message(0, MIB));
  expect([first.status, first.type, first.missing()]).toEqual([200, "application/proto", 2]);
  const rest = await Promise.all([
    put(message(MIB, MIB + 512 * KIB)),
    put(message(MIB + 512 * KIB, 2 * MIB)),
    put(message(2 * MIB, file.content.length)),
  ]);
  expect(Math.min(...rest.map((each) => each.missing()))).toBe(0);
  const { path } = await uploadClient(peer.url).commitUpload({ uploadId });
  const { fileId } = file.manifest;
  const served = await fetch(`${peer.url}/files/${fileId}/x`);
  expect(path).toBe("inbox/a.bin");
  expect(Buffer.compare(new Uint8Array(await served.arrayBuffer()), file.content)).toBe(0);
});

it("says in Connect's words what is wrong, and takes what is right afterwards", async () => {
  const wrong = message(0, MIB);
  wrong[wrong.length - 1]! ^= 1;
  const refused = await put(wrong);
  expect([refused.status, refused.type]).toEqual([500, "application/json"]);
  expect(refused.error()).toEqual({ code: "data_loss", message: expect.stringContaining("piece 0") });
  expect((await put(message(0, MIB))).missing()).toBe(2);
});

it.each([
  ["for an upload nobody began", () => message(0, MIB, { uploadId: "f".repeat(32) }), 404, "not_found"],
  ["of another place than it can have", () => message(100, 100 + 16 * KIB), 400, "invalid_argument"],
  ["without data", () => message(0, 0), 400, "invalid_argument"],
  ["that is no message", () => new Uint8Array(300 * KIB).fill(255), 400, "invalid_argument"],
])("refuses a part %s", async (_, body, status, code) => {
  const answer = await put(body());
  expect([answer.status, answer.error().code]).toEqual([status, code]);
});

it("forgets a part that breaks off, and takes it when it comes again", async () => {
  const body = message(0, MIB);
  const head = `POST ${PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/proto\r\ncontent-length: ${body.length}\r\n\r\n`;
  const socket = connect(peer.port, "127.0.0.1");
  socket.write(head);
  await new Promise((resolve) => socket.write(body.subarray(0, 700 * KIB), resolve));
  socket.destroy();
  await once(socket, "close");
  expect((await put(body)).missing()).toBe(2);
});
