import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, type Transport, createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { type Store, pieceRange } from "@panal/sdk";
import { createFileStore, createNodePeerSource } from "@panal/sdk/node";
import { PeerService } from "@panal/sdk/proto";
import { createSampleFile } from "@panal/sdk/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGrowingFile } from "../library/growing-file.ts";
import { serveOnLoopback } from "../testing/test-peer.ts";

const MIB = 1024 * 1024;
const LENGTH = 3 * MIB + 17;
const signal = new AbortController().signal;
const { content, manifest } = await createSampleFile(LENGTH);
const { fileId } = manifest;

let folder: string;
let served: Awaited<ReturnType<typeof serveOnLoopback>>;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "panal-growing-"));
  const file = createGrowingFile({ fileId, name: "bees.bin", mtimeMs: 5_000 });
  store = file.keepIn(createFileStore({ path: join(folder, "saved.bin") }));
  served = await serveOnLoopback(file);
});
afterEach(async () => {
  await served.close();
  await store.close();
  await rm(folder, { recursive: true });
});

/** Pieces 1 and 2 of 4. */
async function haveTheMiddle(): Promise<void> {
  await store.open(manifest, { signal });
  for (const index of [1, 2]) {
    const { start, end } = pieceRange(index, manifest);
    await store.write(index, content.subarray(start, end));
  }
}

const clients: Record<string, (url: string) => Transport> = {
  "Connect, fast": (baseUrl) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: true, acceptCompression: [] }),
  "gRPC, fast": (baseUrl) => createGrpcTransport({ baseUrl, acceptCompression: [] }),
  "gRPC-Web, fast": (baseUrl) =>
    createGrpcWebTransport({ baseUrl, httpVersion: "1.1", acceptCompression: [] }),
  "Connect, stock": (baseUrl) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
};

describe.each(Object.entries(clients))("a file that is being fetched, by %s", (_name, createTransport) => {
  const client = () => createClient(PeerService, createTransport(served.url));

  async function download(offset: number, length: number): Promise<Buffer> {
    const stream = client().downloadFile({ fileId, offset: BigInt(offset), length: BigInt(length) });
    return Buffer.concat(await Array.fromAsync(stream, ({ data }) => data));
  }

  it.each([
    { what: "a piece", offset: MIB, length: MIB },
    { what: "two pieces", offset: MIB, length: 2 * MIB },
    { what: "both sides of an edge", offset: 2 * MIB - 1, length: 2 },
    { what: "the last byte before a missing one", offset: 3 * MIB - 1, length: 1 },
  ])("sends $what that it has", async ({ offset, length }) => {
    await haveTheMiddle();
    expect((await download(offset, length)).equals(content.subarray(offset, offset + length))).toBe(true);
  });

  it.each([
    { what: "the first byte", offset: 0, length: 1 },
    { what: "the whole", offset: 0, length: 0 },
    { what: "one byte too early", offset: MIB - 1, length: 2 },
    { what: "one byte too many", offset: 3 * MIB - 1, length: 2 },
    { what: "the rest", offset: MIB, length: 0 },
  ])("answers UNAVAILABLE for $what, of which a piece is missing", async ({ offset, length }) => {
    await haveTheMiddle();
    await expect(download(offset, length)).rejects.toMatchObject({ code: Code.Unavailable });
  });

  it("still says what is out of range, and what isn't here at all", async () => {
    await haveTheMiddle();
    await expect(download(LENGTH + 1, 0)).rejects.toMatchObject({ code: Code.OutOfRange });
    const other = client().downloadFile({ fileId: `${"ab".repeat(32)}-5` });
    await expect(Array.fromAsync(other)).rejects.toMatchObject({ code: Code.NotFound });
  });

  it("answers UNAVAILABLE to everything before it knows what it has", async () => {
    const unavailable = { code: Code.Unavailable };
    await expect(download(MIB, 1)).rejects.toMatchObject(unavailable);
    await expect(client().getManifest({ fileId })).rejects.toMatchObject(unavailable);
    await expect(client().getAvailability({ fileId })).rejects.toMatchObject(unavailable);
  });
});

describe("a file that is being fetched", () => {
  it("is a source that has some pieces", async () => {
    await haveTheMiddle();
    const endpoints = [{ url: served.url, route: "direct" as const }];
    const source = createNodePeerSource({ id: "a", name: "a", endpoints });
    expect(await source.manifest(fileId, { signal })).toEqual(manifest);
    const have = await source.availability(fileId, { signal });
    expect([0, 1, 2, 3].map((index) => have?.has(index))).toEqual([false, true, true, false]);
    await store.write(0, content.subarray(0, MIB));
    await store.write(3, content.subarray(3 * MIB));
    expect(await source.availability(fileId, { signal })).toBeUndefined();
  });

  it("is listed with what is missing of it", async () => {
    await haveTheMiddle();
    const client = createClient(PeerService, clients["Connect, fast"]!(served.url));
    const value = { fileId, size: BigInt(LENGTH), modifiedMs: 5_000n, missingBytes: BigInt(MIB + 17) };
    expect(await client.listFiles({})).toMatchObject({
      entries: [{ name: "bees.bin", kind: { case: "file", value } }],
    });
    expect(await client.getPeer({})).toMatchObject({ fileCount: 1n, totalSize: BigInt(LENGTH) });
  });

  it.each([
    { range: "bytes=1048576-1048580", status: 206 },
    { range: "bytes=1048576-3145727", status: 206 },
    { range: "bytes=0-0", status: 503 },
    { range: "bytes=1048576-", status: 503 },
    { range: "bytes=-1", status: 503 },
    { range: "bytes=4000000-", status: 416 },
    { range: undefined, status: 503 },
  ])("answers $status at the door to Range: $range", async ({ range, status }) => {
    await haveTheMiddle();
    for (const method of ["GET", "HEAD"]) {
      const response = await fetch(`${served.url}/files/${fileId}/bees.bin`, {
        method,
        headers: range === undefined ? {} : { range },
      });
      const body = Buffer.from(await response.arrayBuffer());
      expect(response.status, method).toBe(status);
      expect(response.headers.has("retry-after"), method).toBe(status === 503);
      expect(response.headers.has("content-range"), method).toBe(status === 206 || status === 416);
      if (status !== 206 || method === "HEAD") continue;
      expect(body.equals(content.subarray(MIB, MIB + body.length))).toBe(true);
      expect(body.length).toBe(Number(response.headers.get("content-length")));
    }
  });

  it("is asked for later at the door before it is known what is here", async () => {
    const response = await fetch(`${served.url}/files/${fileId}`);
    await response.arrayBuffer();
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
  });

  it("has a torrent, whose web seed it is as far as it goes", async () => {
    await haveTheMiddle();
    const response = await fetch(`${served.url}/files/${fileId}/bees.bin.torrent`);
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer()).includes(`${served.url}/files/${fileId}/`)).toBe(true);
  });
});
