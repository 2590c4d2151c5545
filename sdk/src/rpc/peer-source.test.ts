import { fromBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { manifestToProto } from "../content/manifest-codec.ts";
import { type PanalError, throwIfAborted } from "../errors.ts";
import { DownloadFileRequestSchema, PeerService } from "../gen/panal/v1/peer_pb.ts";
import type { Endpoint } from "../tracker/api.ts";
import { createVirtualClock } from "../transfer/testing/virtual-clock.ts";
import { type SampleFile, createSampleFile, describeSource, readAll } from "../transfer/testing/index.ts";
import { type ByteResponse, type ByteTransport, feed } from "./byte-transport.ts";
import { createEndpointMemory } from "./endpoint-memory.ts";
import { createPeerClient } from "./peer-client.ts";
import { type PeerConnector, createPeerSource } from "./peer-source.ts";
import { type StreamProtocol, connectStream, grpcWebStream } from "./stream-formats.ts";

const encoder = new TextEncoder();
const signal = new AbortController().signal;
const DIRECT: Endpoint[] = [{ url: "http://peer.test/", route: "direct" }];

function frame(flags: number, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + content.length);
  bytes[0] = flags;
  new DataView(bytes.buffer).setUint32(1, content.length);
  bytes.set(content, 5);
  return bytes;
}

function dataFrame(content: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let rest = content.length; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      length.push(rest);
      break;
    }
    length.push((rest & 127) | 128);
  }
  return frame(0, Uint8Array.from([0x0a, ...length, ...content]));
}

function answer(
  body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: Partial<ByteResponse> & { contentType: string },
): ByteResponse {
  return {
    status: 200,
    header: (name) => (name === "content-type" ? options.contentType : undefined),
    async read(reader) {
      for await (const chunk of body) await feed(chunk, reader);
      if (!reader.isDone) reader.end();
    },
    cancel: async () => {},
    ...options,
  };
}

/** A peer in memory: unary calls through Connect's own router, file data as frames of 100 kB. */
function createConnector(files: readonly SampleFile[], protocol: StreamProtocol): PeerConnector {
  const find = (fileId: string) => files.find(({ manifest }) => manifest.fileId === fileId);
  const mustFind = (fileId: string) => {
    const file = find(fileId);
    if (file === undefined) throw new ConnectError(`no file ${fileId}`, Code.NotFound);
    return file;
  };
  const end = (error?: string) =>
    protocol === connectStream
      ? frame(
          2,
          encoder.encode(error === undefined ? "{}" : `{"error":{"code":"not_found","message":"${error}"}}`),
        )
      : frame(
          0x80,
          encoder.encode(`grpc-status: ${error === undefined ? 0 : 5}\r\ngrpc-message: ${error ?? ""}\r\n`),
        );
  const byteTransport: ByteTransport = async (request) => {
    throwIfAborted(request.signal);
    const { fileId, offset, length } = fromBinary(DownloadFileRequestSchema, request.body!.subarray(5));
    const file = find(fileId);
    const parts: Uint8Array[] = [];
    if (file !== undefined) {
      const wanted = file.content.subarray(Number(offset), Number(offset + length));
      for (let start = 0; start < wanted.length; start += 100_000) {
        parts.push(dataFrame(wanted.subarray(start, start + 100_000)));
      }
    }
    parts.push(end(file === undefined ? "no such file" : undefined));
    async function* body() {
      for (const part of parts) {
        throwIfAborted(request.signal);
        yield part;
      }
    }
    return answer(body(), { contentType: protocol.contentType });
  };
  return {
    protocol,
    byteTransport,
    createClient: () =>
      createPeerClient(
        createRouterTransport(({ service }) => {
          service(PeerService, {
            getManifest: ({ fileId }) => manifestToProto(mustFind(fileId).manifest),
            getAvailability: ({ fileId }) => {
              mustFind(fileId);
              return { availability: { case: "all", value: {} } };
            },
          });
        }),
      ),
  };
}

for (const [name, protocol] of Object.entries({ Connect: connectStream, "gRPC-Web": grpcWebStream })) {
  describeSource(`createPeerSource() over ${name}`, async (files) => ({
    source: createPeerSource({ id: "p", name: "P", endpoints: DIRECT }, createConnector(files, protocol)),
    close: async () => {},
  }));
}

describe("createPeerSource()", () => {
  async function readWith(response: ByteResponse): Promise<void> {
    const file = await createSampleFile(10);
    const connector = { ...createConnector([file], grpcWebStream), byteTransport: async () => response };
    const source = createPeerSource({ id: "p", name: "P", endpoints: DIRECT }, connector);
    await readAll(source, { fileId: file.manifest.fileId, range: { start: 0, end: 10 } });
  }

  it.each<[number, PanalError["code"]]>([
    [301, "protocol"],
    [403, "forbidden"],
    [404, "protocol"],
    [421, "forbidden"],
    [429, "busy"],
    [500, "unreachable"],
    [503, "busy"],
  ])("says what HTTP status %i means, and ends the request", async (status, code) => {
    let cancelled = false;
    const response = answer([], {
      status,
      contentType: "text/html",
      cancel: async () => {
        cancelled = true;
      },
    });
    await expect(readWith(response)).rejects.toMatchObject({ code });
    expect(cancelled).toBe(true);
  });

  it("refuses an answer that isn't a stream", async () => {
    await expect(readWith(answer([], { contentType: "text/html" }))).rejects.toMatchObject({
      code: "protocol",
    });
  });

  it("takes an error that comes in the headers alone", async () => {
    const headers: Record<string, string> = {
      "content-type": "application/grpc-web+proto",
      "grpc-status": "8",
      "grpc-message": "too many",
    };
    const response = answer([], { contentType: "", header: (name) => headers[name] });
    await expect(readWith(response)).rejects.toMatchObject({ code: "busy", message: "too many" });
  });

  it("tells the way it goes, and prefers the direct one", async () => {
    const file = await createSampleFile(10);
    const endpoints: Endpoint[] = [
      { url: "http://relay.test", route: "relay" },
      { url: "http://10.0.0.7:7071", route: "direct" },
    ];
    const source = createPeerSource(
      { id: "p", name: "P", endpoints },
      createConnector([file], connectStream),
    );
    await source.manifest(file.manifest.fileId, { signal });
    expect(source.route).toBe("direct");
  });
});

describe("createPeerSource() with a way through the tracker", () => {
  const [THERE, VIA] = ["http://peer.test", "http://via.test/via/peer"];
  const ENDPOINTS: Endpoint[] = [
    { url: THERE, route: "direct" },
    { url: VIA, route: "gateway" },
  ];

  async function setUp() {
    const file = await createSampleFile(100_000);
    const clock = createVirtualClock();
    const honest = createConnector([file], connectStream);
    const state: { direct: "answers" | "fails" | "hangs" } = { direct: "fails" };
    const asked: string[] = [];
    const connector: PeerConnector = {
      ...honest,
      createClient(url) {
        const client = honest.createClient(url);
        return {
          ...client,
          async getAvailability(request, options) {
            asked.push(url);
            if (url === THERE && state.direct === "fails")
              throw new ConnectError("refused", Code.Unavailable);
            if (url === THERE && state.direct === "hangs") await clock.sleep(60_000, options?.signal);
            return client.getAvailability(request, options);
          },
        };
      },
      byteTransport(request) {
        asked.push(new URL(request.url).origin);
        return honest.byteTransport(request);
      },
    };
    const memory = createEndpointMemory({ clock });
    const createSource = () =>
      createPeerSource({ id: "peer", name: "Peer", endpoints: ENDPOINTS, clock, memory }, connector);
    const routes: string[] = [];
    const read = (source: ReturnType<typeof createSource>) =>
      readAll(source, {
        fileId: file.manifest.fileId,
        range: { start: 0, end: 1_000 },
        onRoute: (route) => routes.push(route),
      });
    return { state, asked, routes, clock, createSource, read };
  }

  it("reads that way when the peer itself can't be reached, and says so", async () => {
    const { asked, createSource, read } = await setUp();
    const source = createSource();
    await read(source);
    expect(asked).toEqual([THERE, VIA, "http://via.test"]);
    expect(source.route).toBe("gateway");
  });

  it("waits 300 ms for a peer that keeps silent, and the next time not at all", async () => {
    const { state, asked, clock, createSource, read } = await setUp();
    state.direct = "hangs";
    await read(createSource());
    expect(clock.now()).toBe(300);
    asked.length = 0;
    await read(createSource());
    expect(clock.now()).toBe(300);
    expect(asked).toEqual([VIA, "http://via.test"]);
  });

  it("goes straight again once that works", async () => {
    const { state, routes, clock, createSource, read } = await setUp();
    const source = createSource();
    await read(source);
    state.direct = "answers";
    await read(source);
    expect(source.route).toBe("gateway");
    await clock.sleep(30_001);
    await read(source);
    expect(source.route).toBe("direct");
    expect(routes).toEqual(["gateway", "gateway", "direct"]);
  });
});
