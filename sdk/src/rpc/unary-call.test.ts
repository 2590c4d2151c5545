import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import {
  CommitUploadRequestSchema,
  CommitUploadResponseSchema,
  PeerService,
} from "../gen/panal/v1/peer_pb.ts";
import { type ByteRequest, type ByteTransport, feed } from "./byte-transport.ts";
import { callUnary } from "./unary-call.ts";

/** Answers with one body, in chunks whose memory is used again. */
function answering(status: number, body: Uint8Array | string, contentType = "application/json") {
  const requests: ByteRequest[] = [];
  const transport: ByteTransport = async (request) => {
    requests.push(request);
    return {
      status,
      header: (name) => (name === "content-type" ? contentType : undefined),
      async read(reader) {
        const bytes = typeof body === "string" ? Buffer.from(body) : Buffer.from(body);
        const scratch = Buffer.alloc(7);
        for (let at = 0; at < bytes.length; at += scratch.length) {
          const length = bytes.copy(scratch, 0, at);
          await feed(scratch.subarray(0, length), reader);
        }
        reader.end();
      },
      cancel: async () => {},
    };
  };
  return { transport, requests };
}

const call = (transport: ByteTransport) =>
  callUnary(
    PeerService.method.commitUpload,
    { uploadId: "u" },
    {
      url: "http://peer",
      transport,
      headers: { "panal-upload-code": "c" },
      signal: new AbortController().signal,
    },
  );

it("callUnary() sends a message over Connect, and gives the answer", async () => {
  const path = "inbox/a name longer than a chunk.bin";
  const answer = toBinary(CommitUploadResponseSchema, create(CommitUploadResponseSchema, { path }));
  const { transport, requests } = answering(200, answer, "application/proto");
  expect((await call(transport)).path).toBe(path);
  expect(requests[0]).toMatchObject({
    url: "http://peer/panal.v1.PeerService/CommitUpload",
    method: "POST",
    headers: {
      "content-type": "application/proto",
      "connect-protocol-version": "1",
      "panal-upload-code": "c",
    },
  });
  expect(fromBinary(CommitUploadRequestSchema, requests[0]!.body!).uploadId).toBe("u");
});

it.each([
  [401, '{"code":"unauthenticated","message":"the code, please"}', "unauthorized", "the code, please"],
  [429, '{"code":"resource_exhausted","message":"quota"}', "busy", "quota"],
  [404, '{"code":"not_found"}', "not-found", "not_found"],
  [413, "<html>Request Entity Too Large</html>", "too-large", "too much"],
  [502, "<html>Bad Gateway</html>", "unreachable", "HTTP 502"],
  [403, "no page of that origin", "protocol", "HTTP 403"],
  [400, '{"code":"constructor"}', "protocol", "HTTP 400"],
  [200, "a captive portal", "protocol", "application/json"],
] as const)("callUnary() of an answer %i %s is %s", async (status, body, code, message) => {
  await expect(call(answering(status, body).transport)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
});

it("callUnary() refuses answers that are no message, or too long for one", async () => {
  const { transport } = answering(200, "not protobuf", "application/proto");
  await expect(call(transport)).rejects.toMatchObject({ code: "protocol" });
  const long = answering(200, new Uint8Array(65 * 1024), "application/proto");
  await expect(call(long.transport)).rejects.toMatchObject({ code: "protocol" });
});
