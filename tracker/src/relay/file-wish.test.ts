import { create, toBinary } from "@bufbuild/protobuf";
import { DownloadFileRequestSchema } from "@panal/sdk/proto";
import { describe, expect, test } from "vitest";
import { parseFileWish } from "./file-wish.ts";

const FILE_ID = `${"0".repeat(64)}-1000`;
const CALL = "/panal.v1.PeerService/DownloadFile";

type Asked = Parameters<typeof parseFileWish>[0];

const request = (changed: Partial<Asked>): Asked => ({ method: "GET", path: "/", headers: {}, ...changed });

function call(offset: number, length: number, flags = 0): Buffer {
  const message = toBinary(
    DownloadFileRequestSchema,
    create(DownloadFileRequestSchema, { fileId: FILE_ID, offset: BigInt(offset), length: BigInt(length) }),
  );
  const head = Buffer.from([flags, 0, 0, 0, message.length]);
  return Buffer.concat([head, message]);
}

describe("parseFileWish() of a file's path", () => {
  const path = `/files/${FILE_ID}/comb.bin`;
  test.each([
    [{}, { start: 0, end: 1000 }, false],
    [{ range: "bytes=10-19" }, { start: 10, end: 20 }, true],
    [{ range: "bytes=-10", "if-range": `"${FILE_ID}"` }, { start: 990, end: 1000 }, true],
    [{ "user-agent": "curl", accept: "*/*" }, { start: 0, end: 1000 }, false],
  ])("with %o is a range", (headers, range, isPart) => {
    for (const each of [path, `${path}?download`, `/files/${FILE_ID}`]) {
      const wish = parseFileWish(request({ path: each, headers: { ...headers } as {} }), Buffer.alloc(0));
      expect(wish).toEqual({ fileId: FILE_ID, range, isPart, frames: undefined });
    }
  });

  test.each([
    ["another method", { method: "HEAD" }],
    ["a condition", { headers: { "if-none-match": `"${FILE_ID}"` } }],
    ["another content's If-Range", { headers: { "if-range": '"x"', range: "bytes=1-2" } }],
    ["a range past the end", { headers: { range: "bytes=1000-" } }],
    ["a torrent", { path: `/files/${FILE_ID}/comb.bin.torrent` }],
    ["another query", { path: `${path}?x=1` }],
    ["an id that is none", { path: "/files/abc" }],
    ["an empty file", { path: `/files/${"0".repeat(64)}-0` }],
  ])("leaves %s to the peer", (_, changed) => {
    expect(parseFileWish(request({ path, ...(changed as {}) }), Buffer.alloc(0))).toBeUndefined();
  });
});

describe("parseFileWish() of a DownloadFile call", () => {
  const headers = { "content-type": "application/connect+proto", "connect-protocol-version": "1" };
  const download = request({ method: "POST", path: CALL, headers });

  test.each(["application/connect+proto", "application/grpc-web+proto", "application/grpc-web"])(
    "in %s is a range",
    (type) => {
      const wish = parseFileWish({ ...download, headers: { "content-type": type } }, call(100, 0));
      expect(wish).toMatchObject({ fileId: FILE_ID, range: { start: 100, end: 1000 } });
      expect(wish?.frames).toBeDefined();
    },
  );

  test.each([
    ["JSON", { "content-type": "application/connect+json" }, call(0, 1)],
    ["something compressed", headers, call(0, 1, 1)],
    ["a header of another meaning", { ...headers, "connect-content-encoding": "gzip" }, call(0, 1)],
    ["a deadline", { ...headers, "connect-timeout-ms": "5" }, call(0, 1)],
    ["a range past the end", headers, call(0, 1001)],
    ["an empty one", headers, call(1000, 0)],
    ["no message", headers, Buffer.alloc(3)],
    ["garbage", headers, Buffer.from([0, 0, 0, 0, 2, 255, 255])],
  ])("leaves %s to the peer", (_, given, body) => {
    expect(parseFileWish({ ...download, headers: given as {} }, body)).toBeUndefined();
  });
});
