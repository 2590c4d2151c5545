import { PanalError, type PullAnswer, type RelayedRequest, manifestOf, readBlob } from "@panal/sdk";
import { Code } from "@connectrpc/connect";
import { PieceSet, equalBytes, hashBlocksPortably } from "@panal/sdk/content";
import { createBrowserPeerClient, createBrowserPeerSource } from "@panal/sdk/browser";
import { type SampleFile, createFakeSource, createSampleFile, describeSource } from "@panal/sdk/testing";
import { createMemoryStore, download, systemClock } from "@panal/sdk/transfer";
import { type Endpoint, expose } from "comlink";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { createSeedSource } from "../engine/seed-source.ts";
import { createAnswerer } from "./answer-request.ts";
import { createGrowingContent } from "./growing-content.ts";
import { type Readers, createReaders } from "./readers.ts";
import { type SharedFile, type SharedFiles, createSharedFiles } from "./shared-files.ts";

const TAB_URL = "http://tab.test";
let now = 0;
let readers: Readers;
let answer: (request: RelayedRequest) => Promise<PullAnswer>;

// What browsers use, with nothing but memory in between. Before the SDK is loaded, which remembers `fetch`.
vi.hoisted(() => {
  vi.stubGlobal("fetch", async (url: string | URL, init: RequestInit = {}) => {
    const { pathname, search } = new URL(url);
    const request = new Request(url, { ...init, duplex: "half" } as RequestInit);
    request.signal.throwIfAborted();
    const { status, headers, body } = await answer({
      method: request.method,
      path: pathname + search,
      headers: Object.fromEntries(request.headers),
      client: undefined,
      body: request.body === null ? undefined : (request.body as unknown as AsyncIterable<Uint8Array>),
      signal: request.signal,
    });
    const stream = "blob" in body ? body.blob.stream() : bytesFrom(body, request.signal);
    return new Response(stream, { status, headers });
  });
  function bytesFrom(body: AsyncIterable<Uint8Array>, signal: AbortSignal): ReadableStream {
    const iterator = body[Symbol.asyncIterator]();
    return new ReadableStream({
      type: "bytes",
      async pull(controller) {
        signal.throwIfAborted();
        const { done, value } = await iterator.next();
        if (done === true) {
          controller.close();
          controller.byobRequest?.respond(0);
        } else controller.enqueue(new Uint8Array(value));
      },
      async cancel() {
        await iterator.return?.();
      },
    });
  }
});

function serve(shared: SharedFiles): SharedFile[] {
  const changed: SharedFile[] = [];
  readers = createReaders(() => now);
  answer = createAnswerer({
    shared,
    profile: { name: "Tab", version: "panal-tab/test", peerId: () => "peer-of-the-tab" },
    readers,
    onChanged: (file) => void changed.push(file),
  });
  return changed;
}

function sharedFile(path: string, { content, manifest }: SampleFile): SharedFile {
  return { path, file: new Blob([content.slice()]), manifest, mtimeMs: 1_000 };
}

describeSource("a tab", async (files) => {
  const shared = createSharedFiles();
  for (const [index, file] of files.entries()) shared.add(sharedFile(`${index}.bin`, file));
  serve(shared);
  return {
    source: createBrowserPeerSource({
      id: "tab",
      name: "Tab",
      endpoints: [{ url: TAB_URL, route: "direct" }],
    }),
    async close() {},
  };
});

describe("what a tab serves", () => {
  let shared: SharedFiles;
  let changed: SharedFile[];
  let rose: SampleFile;
  beforeEach(async () => {
    shared = createSharedFiles();
    rose = await createSampleFile(100_000);
    shared.add(sharedFile("garden/rose.txt", rose));
    changed = serve(shared);
  });

  async function ask(path: string, given: Partial<RelayedRequest> = {}) {
    const { signal } = new AbortController();
    const request = {
      method: "GET",
      path,
      headers: {},
      client: undefined,
      body: undefined,
      signal,
      ...given,
    };
    const { status, headers, body } = await answer(request);
    return { status, headers, bytes: await bytesOf(body) };
  }

  test("PeerService says who it is, and lists its folders", async () => {
    const client = createBrowserPeerClient(TAB_URL);
    expect(await client.getPeer({})).toMatchObject({
      peerId: "peer-of-the-tab",
      name: "Tab",
      fileCount: 1n,
      totalSize: 100_000n,
      acceptsUploads: false,
    });
    const top = await client.listFiles({ folder: "" });
    expect(top.entries).toMatchObject([{ name: "garden", kind: { case: "folder" } }]);
    const garden = await client.listFiles({ folder: "garden" });
    const { fileId } = rose.manifest;
    expect(garden.entries).toMatchObject([{ name: "rose.txt", kind: { case: "file", value: { fileId } } }]);
    await expect(client.listFiles({ folder: "../etc" })).rejects.toThrow(/name "\.\."/);
    await expect(client.listFiles({ folder: "nowhere" })).rejects.toThrow(/no folder/);
    await expect(client.listFiles({ pageToken: "x" })).rejects.toThrow(/page_token/);
  });

  test("a range past the end, and a malformed id, are refused", async () => {
    const client = createBrowserPeerClient(TAB_URL);
    const { fileId } = rose.manifest;
    const read = async (request: { fileId: string; offset?: bigint; length?: bigint }) => {
      for await (const _ of client.downloadFile(request)) continue;
    };
    await expect(read({ fileId, offset: 100_001n })).rejects.toThrow(/of 100000/);
    await expect(read({ fileId, offset: 1n, length: 2n ** 63n })).rejects.toThrow(/of 100000/);
    await expect(read({ fileId: "nonsense" })).rejects.toThrow(/file_id/);
  });

  test("/files/ gives the file, its ranges and its tag", async () => {
    const { fileId } = rose.manifest;
    const whole = await ask(`/files/${fileId}/rose.txt`);
    expect(whole).toMatchObject({
      status: 200,
      headers: { etag: `"${fileId}"`, "content-length": "100000" },
    });
    expect(whole.bytes).toEqual(rose.content);
    const part = await ask(`/files/${fileId}`, { headers: { range: "bytes=10-19" } });
    expect(part).toMatchObject({ status: 206, headers: { "content-range": "bytes 10-19/100000" } });
    expect(part.bytes).toEqual(rose.content.slice(10, 20));
    const head = await ask(`/files/${fileId}`, { method: "HEAD" });
    expect(head).toMatchObject({ status: 200, headers: { "content-length": "100000" } });
    expect(head.bytes).toHaveLength(0);
  });

  test.each<[string, number, Partial<RelayedRequest>]>([
    ["ID", 416, { headers: { range: "bytes=100000-" } }],
    ["ID", 304, { headers: { "if-none-match": 'W/"ID"' } }],
    ["ID", 412, { headers: { "if-match": '"another"' } }],
    ["ID", 200, { headers: { "if-range": '"another"', range: "bytes=0-1" } }],
    ["ID", 405, { method: "POST" }],
    ["ID/%zz", 400, {}],
    ["ID/a/b", 400, {}],
    ["../secret", 400, {}],
    [`${"ab".repeat(32)}-12345`, 404, {}],
  ])("/files/%s is answered with %i", async (path, status, request) => {
    const { fileId } = rose.manifest;
    const filled = JSON.parse(JSON.stringify(request).replaceAll("ID", fileId)) as Partial<RelayedRequest>;
    expect((await ask(`/files/${path.replace("ID", fileId)}`, filled)).status).toBe(status);
  });

  test("nothing else is answered", async () => {
    for (const path of ["/", "/panal.v1.PeerService/Nonsense", "/filesystem", "/.well-known/panal"]) {
      expect((await ask(path)).status).toBe(404);
    }
  });

  test("a file that can't be read as it was breaks off, and is said to have changed: at /files/", async () => {
    const { fileId } = rose.manifest;
    const [file] = [...shared.all()];
    const broken = { ...file!, file: unreadableBlob(rose.content.length) };
    shared.add(broken);
    await expect(ask(`/files/${fileId}`)).rejects.toMatchObject({ code: "changed" });
    expect(changed).toEqual([broken]);
  });

  test("a file that can't be read as it was breaks off, and is said to have changed: in a call", async () => {
    const { fileId } = rose.manifest;
    const [file] = [...shared.all()];
    const broken = { ...file!, file: unreadableBlob(rose.content.length) };
    shared.add(broken);
    const read = async () => {
      for await (const _ of createBrowserPeerClient(TAB_URL).downloadFile({ fileId })) continue;
    };
    await expect(read()).rejects.toThrow(/isn't what it was/);
    expect(changed).toEqual([broken]);
  });

  describe("of a file that is being downloaded", () => {
    let comb: SampleFile;
    let pieces: PieceSet | undefined;
    beforeEach(async () => {
      comb = await createSampleFile(3 * 1024 * 1024 + 17);
      pieces = new PieceSet(4);
      for (const index of [0, 3]) pieces.add(index);
      const { port1, port2 } = new MessageChannel();
      const source = createSeedSource({
        pieces: () => pieces,
        read: async ({ start, end }) => comb.content.slice(start, end),
      });
      expose(source, port1 as Endpoint);
      const { manifest } = comb;
      const file = createGrowingContent(port2, manifest);
      shared.add({ path: "comb.bin", file, manifest, mtimeMs: 1_000 });
      return () => {
        port1.close();
        port2.close();
      };
    });
    const source = () =>
      createBrowserPeerSource({ id: "tab", name: "Tab", endpoints: [{ url: TAB_URL, route: "direct" }] });
    const { signal } = new AbortController();

    test("others get to know which pieces there are, and get those", async () => {
      const { fileId } = comb.manifest;
      const have = await source().availability(fileId, { signal });
      expect([0, 1, 2, 3].filter((index) => have?.has(index))).toEqual([0, 3]);
      const { entries } = await createBrowserPeerClient(TAB_URL).listFiles({ folder: "" });
      expect(entries.at(-1)).toMatchObject({ kind: { value: { missingBytes: BigInt(2 * 1024 * 1024) } } });
      const start = 3 * 1024 * 1024;
      const part = await ask(`/files/${fileId}`, { headers: { range: `bytes=${start}-` } });
      expect(part).toMatchObject({ status: 206, headers: { "content-length": "17" } });
      expect(part.bytes).toEqual(comb.content.slice(start));
      // All of it, with whoever has the rest.
      const store = createMemoryStore();
      const rest = sourceOfPieces(comb, [1, 2]);
      await download({ fileId, sources: [source(), rest], store, hashBlocks: hashBlocksPortably });
      expect(store.bytes !== undefined && equalBytes(store.bytes, comb.content)).toBe(true);
      expect(changed).toEqual([]);
    });

    test("who asks for a piece that isn't there is told so at once, and asks again later", async () => {
      const { fileId } = comb.manifest;
      const early = await ask(`/files/${fileId}`, { headers: { range: "bytes=1048575-1048576" } });
      expect(early).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
      const call = async () => {
        for await (const _ of createBrowserPeerClient(TAB_URL).downloadFile({ fileId })) continue;
      };
      await expect(call()).rejects.toMatchObject({ code: Code.Unavailable });
      pieces!.add(1);
      expect((await ask(`/files/${fileId}`, { headers: { range: "bytes=1048575-1048576" } })).status).toBe(
        206,
      );
      expect(changed).toEqual([]);
    });

    test("nothing of it is here once it has ended without being whole", async () => {
      pieces = undefined;
      const { fileId } = comb.manifest;
      await expect(source().availability(fileId, { signal })).rejects.toMatchObject({ code: "not-found" });
      const broken = ask(`/files/${fileId}`, { headers: { range: "bytes=0-1" } });
      await expect(broken).rejects.toMatchObject({ code: "not-found" });
    });
  });

  test("what was sent of a file is counted, and that it ended", async () => {
    await ask(`/files/${rose.manifest.fileId}`, {
      headers: { range: "bytes=0-9", "user-agent": "curl/8.5.0" },
    });
    expect(readers.sample()).toMatchObject([{ client: "curl", path: "garden/rose.txt", sentBytes: 10 }]);
    now += 60_000;
    expect(readers.sample()).toEqual([]);
  });

  test("a file shorter than it was is said to have changed", async () => {
    const [file] = [...shared.all()];
    shared.add({ ...file!, file: new Blob(["short"]) });
    await expect(ask(`/files/${rose.manifest.fileId}`)).rejects.toBeInstanceOf(PanalError);
    expect(changed).toHaveLength(1);
  });

  test("an empty file is a whole answer", async () => {
    const manifest = await manifestOf([], 0, hashBlocksPortably);
    shared.add({ path: "empty", file: new Blob([]), manifest, mtimeMs: 0 });
    expect(await ask(`/files/${manifest.fileId}`)).toMatchObject({ status: 200, bytes: new Uint8Array() });
  });
});

/** Somebody who has these pieces only. */
function sourceOfPieces({ content, manifest }: SampleFile, indexes: readonly number[]) {
  const have = new PieceSet(manifest.pieceCount);
  for (const index of indexes) have.add(index);
  return createFakeSource({ id: "rest", content, manifest, clock: systemClock, have });
}

/** As browsers do once the file on the disk is another. */
function unreadableBlob(size: number): Blob {
  const blob = new Blob([new Uint8Array(size)]);
  vi.spyOn(blob, "slice").mockReturnValue(blob);
  vi.spyOn(blob, "arrayBuffer").mockRejectedValue(new DOMException("changed", "NotReadableError"));
  return blob;
}

/** What the attached side of the relay does with a body, in one part. */
async function bytesOf(body: PullAnswer["body"]): Promise<Uint8Array> {
  if ("blob" in body) {
    const { blob, onTaken, onEnd } = body;
    onTaken(blob.size);
    try {
      const bytes = await readBlob(blob, { start: 0, end: blob.size });
      onEnd();
      return bytes;
    } catch (error) {
      onEnd(PanalError.from(error));
      throw error;
    }
  }
  const bytes: number[] = [];
  for await (const chunk of body) bytes.push(...chunk);
  return Uint8Array.from(bytes);
}
