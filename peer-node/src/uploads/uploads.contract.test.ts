import { lstat, mkdir, readFile, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { Agent, request as httpRequest } from "node:http";
import { join } from "node:path";
import { PieceSet, manifestOf } from "@panal/sdk";
import { nodeHashBlocks } from "@panal/sdk/node";
import { afterEach, describe, expect, it } from "vitest";
import { type TestPeer, startTestPeer } from "../testing/test-peer.ts";
import {
  UPLOAD_LENGTH,
  type UploadClient,
  begin,
  codeOf,
  putAll,
  upload,
  uploadClient,
  uploadSample,
} from "../testing/upload-client.ts";

const MIB = 1024 * 1024;

let peer: TestPeer;
let nowMs = Date.UTC(2026, 0, 1);
afterEach(() => peer.close());

type Takes = NonNullable<NonNullable<Parameters<typeof startTestPeer>[1]>["takes"]>;

async function start(takes: Partial<Takes> = {}, files: Record<string, string> = {}): Promise<UploadClient> {
  peer = await startTestPeer(files, {
    takes: { settings: { isOpen: true }, now: () => nowMs, ...takes },
  });
  return uploadClient(peer.url);
}

const inShare = (path: string) => join(peer.root, path);
const partsLeft = () => readdir(inShare("inbox/.panal-uploads"));

describe.each(["Connect", "gRPC-Web", "gRPC"] as const)("over %s", (protocol) => {
  it("a file comes in pieces, is published with its time, and is served at once", async () => {
    await start();
    const client = uploadClient(peer.url, { protocol });
    const file = await uploadSample();
    const begun = await begin(client, "a/film.bin", file);
    expect(PieceSet.fromBitmap(begun.missing, 3).size).toBe(3);
    const { missingCount } = await client.putPiece({
      uploadId: begun.uploadId,
      piece: 1,
      data: file.content.subarray(MIB),
    });
    // What goes on into the next piece counts, too.
    expect(missingCount).toBe(1);
    await client.putPiece({
      uploadId: begun.uploadId,
      piece: 0,
      offset: MIB / 2,
      data: file.content.subarray(MIB / 2, MIB),
    });
    expect(await codeOf(client.commitUpload({ uploadId: begun.uploadId }))).toBe("InvalidArgument");
    await client.putPiece({ uploadId: begun.uploadId, piece: 0, data: file.content.subarray(0, MIB / 2) });
    const { path } = await client.commitUpload({ uploadId: begun.uploadId });
    expect(path).toBe("inbox/a/film.bin");
    // An answer that was lost comes again.
    expect((await client.commitUpload({ uploadId: begun.uploadId })).path).toBe(path);
    expect(Buffer.compare(await readFile(inShare(path)), file.content)).toBe(0);
    expect((await stat(inShare(path))).mtimeMs).toBe(1_700_000_000_000);
    expect(peer.library.availability(file.manifest.fileId)).toBe("all");
    await peer.library.settled();
    expect(peer.hashed).toEqual([]);
    expect(await partsLeft()).toEqual([]);
  });

  it("a file comes in one stream", async () => {
    await start();
    const client = uploadClient(peer.url, { protocol });
    const { content, manifest } = await uploadSample();
    async function* messages(data: Uint8Array, length = data.length) {
      yield {
        part: {
          case: "header" as const,
          value: { path: "s.bin", length: BigInt(length), modifiedMs: 1000n },
        },
      };
      for (let at = 0; at < data.length; at += 100_000) {
        yield { part: { case: "data" as const, value: data.subarray(at, at + 100_000) } };
      }
    }
    const answer = await client.uploadFile(messages(content));
    expect(answer).toMatchObject({ fileId: manifest.fileId, path: "inbox/s.bin" });
    expect(Buffer.compare(await readFile(inShare("inbox/s.bin")), content)).toBe(0);
    expect(await codeOf(client.uploadFile(messages(content, UPLOAD_LENGTH - 1)))).toBe("OutOfRange");
    expect(await codeOf(client.uploadFile(messages(content, UPLOAD_LENGTH + 1)))).toBe("InvalidArgument");
    expect(await codeOf(client.uploadFile(messages(content, 2 ** 50)))).toBe("ResourceExhausted");
    expect((await client.uploadFile(messages(new Uint8Array(0)))).path).toBe("inbox/s (1).bin");
    expect(await partsLeft()).toEqual([]);
  });

  it("without the code nothing is taken, and guessing it is slowed down", async () => {
    await start({ settings: {} });
    const { manifest } = await uploadSample();
    const code = (await readFile(join(peer.outside, "upload-code"), "utf8")).trim();
    expect(code).toMatch(/^(?:[a-z2-9]{4}-){3}[a-z2-9]{4}$/);
    expect((await stat(join(peer.outside, "upload-code"))).mode & 0o777).toBe(0o600);
    const withoutCode = uploadClient(peer.url, { protocol });
    expect((await withoutCode.getPeer({})).uploadNeedsCode).toBe(true);
    expect(await codeOf(begin(withoutCode, "a", { manifest }))).toBe("Unauthenticated");
    const right = uploadClient(peer.url, { protocol, code: code.toUpperCase().replaceAll("-", " ") });
    expect(await codeOf(begin(right, "a", { manifest }))).toBe("none");
    const wrong = uploadClient(peer.url, { protocol, code: "abcd-efgh-jkmn-pqrs" });
    for (let count = 0; count < 10; count++) {
      expect(await codeOf(begin(wrong, "a", { manifest }))).toBe("Unauthenticated");
    }
    expect(await codeOf(begin(wrong, "a", { manifest }))).toBe("ResourceExhausted");
    expect(await codeOf(begin(right, "a", { manifest }))).toBe("ResourceExhausted");
    nowMs += 6_000;
    expect(await codeOf(begin(right, "a", { manifest }))).toBe("none");
  });
});

it("an unauthorised call is answered before its body has come", async () => {
  await start({ settings: {} });
  const call = httpRequest(`${peer.url}/panal.v1.PeerService/PutPiece`, {
    method: "POST",
    headers: { "content-type": "application/proto", "content-length": 4 * MIB },
  });
  const status = new Promise((resolve) => call.once("response", ({ statusCode }) => resolve(statusCode)));
  call.on("error", () => {});
  call.flushHeaders();
  expect(await status).toBe(401);
  call.destroy();
});

it("a message that is too long is refused as proxies refuse it, and the connection can be used again", async () => {
  await start();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const send = (bytes: number) =>
    new Promise((resolve, reject) => {
      const headers = { "content-type": "application/proto" };
      const url = `${peer.url}/panal.v1.PeerService/PutPiece`;
      httpRequest(url, { method: "POST", headers, agent }, (answer) => {
        answer.resume().once("end", () => resolve(answer.statusCode));
      })
        .once("error", reject)
        .end(new Uint8Array(bytes));
    });
  expect(await send(5 * MIB)).toBe(413);
  // The empty message names no upload.
  expect(await send(0)).toBe(404);
  agent.destroy();
});

it("a peer that takes no uploads says so", async () => {
  peer = await startTestPeer({});
  const client = uploadClient(peer.url);
  expect(await codeOf(begin(client, "a", await uploadSample()))).toBe("PermissionDenied");
  expect((await client.getPeer({})).acceptsUploads).toBe(false);
});

it("content that is there is not sent again", async () => {
  const client = await start({}, { "old name.txt": "honey" });
  const file = await manifestOf([new TextEncoder().encode("honey")], 5, nodeHashBlocks);
  expect(await begin(client, "new name.txt", { manifest: file })).toMatchObject({
    uploadId: "",
    path: "old name.txt",
  });
});

it("a name that is taken gets a number: by a file, by a folder, by a link", async () => {
  const client = await start();
  await mkdir(inShare("inbox/b.txt"), { recursive: true });
  await symlink("/nowhere", inShare("inbox/c.txt"));
  await writeFile(inShare("inbox/a.txt"), "there");
  const paths: string[] = [];
  for (const [seed, name] of ["a.txt", "a.txt", "b.txt", "c.txt"].entries()) {
    paths.push(await upload(client, name, await uploadSample(100, seed + 1)));
  }
  expect(paths).toEqual(["inbox/a (1).txt", "inbox/a (2).txt", "inbox/b (1).txt", "inbox/c (1).txt"]);
  expect(await readFile(inShare("inbox/a.txt"), "utf8")).toBe("there");
  expect((await lstat(inShare("inbox/c.txt"))).isSymbolicLink()).toBe(true);
});

it.each([
  ["../out.txt", "InvalidArgument"],
  ["/etc/passwd", "InvalidArgument"],
  ["a/../../b", "InvalidArgument"],
  ["a//b", "InvalidArgument"],
  ["", "InvalidArgument"],
  ["a\0b", "InvalidArgument"],
  ["x".repeat(256), "InvalidArgument"],
  ["link/b.txt", "AlreadyExists"],
  ["file/b.txt", "AlreadyExists"],
])("begin() refuses %j", async (path, code) => {
  const client = await start();
  await symlink(peer.outside, inShare("inbox/link"));
  await writeFile(inShare("inbox/file"), "");
  expect(await codeOf(begin(client, path, await uploadSample()))).toBe(code);
});

it.each([
  ["..\\..\\evil.exe", "inbox/evil.exe"],
  [".ssh/authorized_keys", "inbox/_ssh/authorized_keys"],
  [".panal-uploads/x.part", "inbox/_panal-uploads/x.part_"],
  ["con.txt", "inbox/_con.txt"],
  ["gpj.\u202eexe", "inbox/gpj.exe"],
  ["a\nb", "inbox/ab"],
])("a hostile name %j becomes %j", async (path, expected) => {
  const client = await start();
  expect(await upload(client, path, await uploadSample(100))).toBe(expected);
});

it("a folder that becomes a link before the end leads nowhere else", async () => {
  const client = await start();
  const file = await uploadSample(100);
  const { uploadId } = await begin(client, "a/b.txt", file);
  await putAll(client, uploadId, file.content);
  await symlink(peer.outside, inShare("inbox/a"));
  expect(await codeOf(client.commitUpload({ uploadId }))).toBe("AlreadyExists");
  expect(await readdir(peer.outside)).not.toContain("b.txt");
});

it("a wrong piece is refused, changes nothing, and the right one is taken afterwards", async () => {
  const client = await start();
  const file = await uploadSample();
  const { uploadId } = await begin(client, "a.bin", file);
  const wrong = file.content.slice(0, 2 * MIB);
  wrong[MIB + 5]! ^= 1;
  expect(await codeOf(client.putPiece({ uploadId, piece: 0, data: wrong }))).toBe("DataLoss");
  const { missing } = await begin(client, "a.bin", file);
  // The one beside it was right.
  expect(PieceSet.fromBitmap(missing, 3).has(0)).toBe(false);
  expect(PieceSet.fromBitmap(missing, 3).has(1)).toBe(true);
  await putAll(client, uploadId, file.content);
  const { path } = await client.commitUpload({ uploadId });
  expect(Buffer.compare(await readFile(inShare(path)), file.content)).toBe(0);
});

it("parts that can't be are refused", async () => {
  const client = await start();
  const { manifest, content } = await uploadSample();
  const { uploadId } = await begin(client, "a.bin", { manifest });
  const put = (piece: number, offset: number, length: number) =>
    codeOf(client.putPiece({ uploadId, piece, offset, data: content.subarray(0, length) }));
  expect(await put(2, 0, 20_001)).toBe("OutOfRange");
  expect(await put(3, 0, 10)).toBe("OutOfRange");
  expect(await put(0, 2 ** 31, 16_384)).toBe("OutOfRange");
  expect(await put(0, 1, 16_384)).toBe("InvalidArgument");
  expect(await put(0, 0, 100)).toBe("InvalidArgument");
  expect(await put(0, 0, 0)).toBe("InvalidArgument");
  expect(await codeOf(client.putPiece({ uploadId: "nobody's", data: content.subarray(0, MIB) }))).toBe(
    "NotFound",
  );
  const { fileId, pieceLayer } = manifest;
  expect(await codeOf(client.beginUpload({ path: "a", fileId: `${fileId}0`, pieceLayer }))).toBe("DataLoss");
  expect(await codeOf(client.beginUpload({ path: "a", fileId, pieceLayer: pieceLayer.subarray(32) }))).toBe(
    "DataLoss",
  );
});

it("the same parts sent twice at once, and overlapping ones, make the file they are", async () => {
  const client = await start();
  const file = await uploadSample();
  const { uploadId } = await begin(client, "a.bin", file);
  await Promise.all(
    [0, 16_384, 0, 32_768, 65_536].map((offset) =>
      client.putPiece({ uploadId, piece: 0, offset, data: file.content.subarray(offset, offset + MIB) }),
    ),
  );
  await putAll(client, uploadId, file.content);
  expect(
    Buffer.compare(await readFile(inShare((await client.commitUpload({ uploadId })).path)), file.content),
  ).toBe(0);
});

it("an empty file comes, and another one of another name, too", async () => {
  const client = await start();
  const empty = await uploadSample(0);
  expect(await upload(client, "a/__init__.py", empty)).toBe("inbox/a/__init__.py");
  expect(await upload(client, "b/__init__.py", empty)).toBe("inbox/b/__init__.py");
  expect((await begin(client, "b/__init__.py", empty)).uploadId).toBe("");
});

it("an aborted upload leaves nothing", async () => {
  const client = await start();
  const { manifest, content } = await uploadSample();
  const { uploadId } = await begin(client, "a.bin", { manifest });
  await client.putPiece({ uploadId, data: content.subarray(0, MIB) });
  await client.abortUpload({ uploadId });
  expect(await partsLeft()).toEqual([]);
  expect(await codeOf(client.commitUpload({ uploadId }))).toBe("NotFound");
});
