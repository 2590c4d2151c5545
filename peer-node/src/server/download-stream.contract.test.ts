import { open } from "node:fs/promises";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { Code, type Transport, createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { createNodePeerSource } from "@panal/sdk/node";
import { PeerService } from "@panal/sdk/proto";
import { describeSource } from "@panal/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleBytes } from "../testing/shared-folder.ts";
import { TEST_CERTIFICATE } from "../testing/test-certificate.ts";
import { type TestPeer, startTestPeer } from "../testing/test-peer.ts";

const MIB = 1024 * 1024;
const LENGTH = 3 * MIB + 12_345;
const content = sampleBytes(LENGTH);

let peer: TestPeer;
beforeAll(async () => {
  peer = await startTestPeer({ "films/bees.bin": content, "empty.txt": "", "one.txt": "1" });
});
afterAll(() => peer.close());

/** JSON and compression are what the fast way leaves to the stock adapter: the same table holds for both. */
const clients: Record<string, (url: string) => Transport> = {
  "Connect, fast": (baseUrl) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: true, acceptCompression: [] }),
  "Connect over HTTP/2, fast": (baseUrl) =>
    createConnectTransport({ baseUrl, httpVersion: "2", useBinaryFormat: true, acceptCompression: [] }),
  "gRPC, fast": (baseUrl) => createGrpcTransport({ baseUrl, acceptCompression: [] }),
  "gRPC-Web, fast": (baseUrl) =>
    createGrpcWebTransport({ baseUrl, httpVersion: "1.1", acceptCompression: [] }),
  "Connect, stock": (baseUrl) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
  "gRPC, stock": (baseUrl) => createGrpcTransport({ baseUrl, useBinaryFormat: false }),
  "gRPC-Web, stock": (baseUrl) =>
    createGrpcWebTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
};

describe.each(Object.entries(clients))("DownloadFile by %s", (_name, createTransport) => {
  const client = () => createClient(PeerService, createTransport(peer.url));
  const idOf = (path: string) => [...peer.library.all()].find((file) => file.path === path)!.fileId;

  async function download(request: { fileId: string; offset?: number; length?: number }, timeoutMs?: number) {
    const parts: Uint8Array[] = [];
    const { fileId, offset = 0, length = 0 } = request;
    const stream = client().downloadFile(
      { fileId, offset: BigInt(offset), length: BigInt(length) },
      timeoutMs === undefined ? {} : { timeoutMs },
    );
    for await (const { data } of stream) {
      expect(data.length).toBeGreaterThan(0);
      expect(data.length).toBeLessThanOrEqual(MIB);
      parts.push(data);
    }
    return Buffer.concat(parts);
  }

  it.each([
    { what: "the whole file", offset: 0, length: 0, start: 0, end: LENGTH },
    { what: "the whole file by its length", offset: 0, length: LENGTH, start: 0, end: LENGTH },
    { what: "the first byte", offset: 0, length: 1, start: 0, end: 1 },
    { what: "the last byte", offset: LENGTH - 1, length: 0, start: LENGTH - 1, end: LENGTH },
    { what: "both sides of a message's edge", offset: MIB - 1, length: 2, start: MIB - 1, end: MIB + 1 },
    { what: "lengths with short varints", offset: 7, length: 127, start: 7, end: 134 },
    { what: "lengths with longer varints", offset: 7, length: 16_384, start: 7, end: 16_391 },
    { what: "nothing, at the end", offset: LENGTH, length: 0, start: LENGTH, end: LENGTH },
  ])("sends $what", async ({ offset, length, start, end }) => {
    const bytes = await download({ fileId: idOf("films/bees.bin"), offset, length });
    expect(bytes.equals(content.subarray(start, end))).toBe(true);
  });

  it("says that nobody is to store it, lest browsers hold it in memory", async () => {
    const headers = Promise.withResolvers<Headers>();
    const stream = client().downloadFile({ fileId: idOf("one.txt") }, { onHeader: headers.resolve });
    for await (const { data } of stream) expect(data).toHaveLength(1);
    expect((await headers.promise).get("cache-control")).toBe("no-store");
  });

  it("sends nothing of an empty file", async () => {
    expect(await download({ fileId: idOf("empty.txt") })).toHaveLength(0);
  });

  it.each([
    { what: "no file id", request: { fileId: "../../etc/passwd" }, code: Code.InvalidArgument },
    { what: "an empty one", request: { fileId: "" }, code: Code.InvalidArgument },
    { what: "a file it doesn't have", request: { fileId: `${"ab".repeat(32)}-5` }, code: Code.NotFound },
  ])("refuses $what", async ({ request, code }) => {
    await expect(download(request)).rejects.toMatchObject({ code });
  });

  it.each([
    { offset: LENGTH + 1, length: 0 },
    { offset: LENGTH, length: 1 },
    { offset: 1, length: LENGTH },
    { offset: Number.MAX_SAFE_INTEGER, length: Number.MAX_SAFE_INTEGER },
  ])("refuses $length bytes from $offset on", async ({ offset, length }) => {
    await expect(download({ fileId: idOf("films/bees.bin"), offset, length })).rejects.toMatchObject({
      code: Code.OutOfRange,
    });
  });

  it("names what it is about in its errors, in any script", async () => {
    await expect(download({ fileId: "ñandú 🐝" })).rejects.toMatchObject({
      rawMessage: expect.stringContaining("ñandú 🐝"),
    });
  });

  it("serves the next caller after one that left early", async () => {
    for (let round = 0; round < 3; round++) {
      const leaving = new AbortController();
      const reading = async () => {
        const request = { fileId: idOf("films/bees.bin") };
        for await (const _ of client().downloadFile(request, { signal: leaving.signal })) leaving.abort();
      };
      await expect(reading()).rejects.toMatchObject({ code: Code.Canceled });
    }
    expect(await download({ fileId: idOf("one.txt") })).toEqual(Buffer.from("1"));
  });

  it("takes a deadline that is far enough", async () => {
    expect(await download({ fileId: idOf("one.txt") }, 60_000)).toEqual(Buffer.from("1"));
  });
});

describe("a file that changes while it is sent", () => {
  // Far more than all buffers on the way hold.
  const size = 32 * MIB;

  it.each(Object.entries(clients))(
    "ends the stream with ABORTED (%s)",
    { timeout: 30_000 },
    async (_name, createTransport) => {
      const own = await startTestPeer({ "large.bin": new Uint8Array(size) });
      try {
        const [file] = own.library.all();
        const client = createClient(PeerService, createTransport(own.url));
        let total = 0;
        const reading = async () => {
          for await (const { data } of client.downloadFile({ fileId: file!.fileId })) {
            if (total === 0) {
              const handle = await open(join(own.root, "large.bin"), "r+");
              await handle.write(Buffer.from("other"), 0, 5, size - 5);
              await handle.close();
            }
            total += data.length;
          }
        };
        await expect(reading()).rejects.toMatchObject({ code: Code.Aborted });
        expect(total).toBeLessThan(size);
      } finally {
        await own.close();
      }
    },
  );
});

describe("too many clients", () => {
  it.each(Object.entries(clients))(
    "are told RESOURCE_EXHAUSTED, and served when one has left (%s)",
    async (_name, createTransport) => {
      const own = await startTestPeer(
        { "large.bin": new Uint8Array(32 * MIB), "a.txt": "a" },
        { maxClients: 1 },
      );
      try {
        const idOf = (path: string) => [...own.library.all()].find((file) => file.path === path)!.fileId;
        const client = createClient(PeerService, createTransport(own.url));
        const small = async () => {
          let text = "";
          for await (const { data } of client.downloadFile({ fileId: idOf("a.txt") })) text += String(data);
          return text;
        };
        // Leaving the loop alone ends nothing in stock clients.
        const leaving = new AbortController();
        const large = client.downloadFile({ fileId: idOf("large.bin") }, { signal: leaving.signal });
        const reading = async () => {
          for await (const _ of large) {
            await expect(small()).rejects.toMatchObject({ code: Code.ResourceExhausted });
            leaving.abort();
          }
        };
        await expect(reading()).rejects.toMatchObject({ code: Code.Canceled });
        // The server learns of it in its own time.
        await expect.poll(() => small().catch(() => "busy")).toBe(String(Buffer.from("a").at(0)));
      } finally {
        await own.close();
      }
    },
  );
});

describe.each(["http", "https"])("over %s", (scheme) => {
  beforeAll(() => {
    // As NODE_EXTRA_CA_CERTS does for a process.
    setDefaultCACertificates([...getCACertificates("default"), TEST_CERTIFICATE.cert]);
  });
  describeSource("a peer-node", async (files) => {
    const own = await startTestPeer(
      Object.fromEntries(files.map((file, index) => [`${index}.bin`, file.content])),
      { tls: TEST_CERTIFICATE },
    );
    const url = `${scheme}://localhost:${own.port}`;
    return {
      source: createNodePeerSource({ id: "peer", name: "peer", endpoints: [{ url, route: "direct" }] }),
      close: () => own.close(),
    };
  });
});
