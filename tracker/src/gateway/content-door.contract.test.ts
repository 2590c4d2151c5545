import { type IncomingMessage, request } from "node:http";
import { once } from "node:events";
import { type SampleFile, createFakeSource, createSampleFile } from "@panal/sdk/testing";
import type { Source } from "@panal/sdk/transfer";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "@panal/sdk";
import type { FileHolder } from "../store/store.ts";
import { type TestGateway, startTestGateway } from "../testing/test-gateway.ts";
import { createContentDoor, parseContentTarget } from "./content-door.ts";

const MIB = 1024 * 1024;
const LENGTH = 5 * MIB + 17;

let gateway: TestGateway | undefined;
afterEach(() => gateway?.close());

type Misbehaviour = Partial<Parameters<typeof createFakeSource>[0]>;

async function start(...peers: Misbehaviour[]) {
  const file: SampleFile = await createSampleFile(LENGTH);
  const passedBytes: number[] = [];
  const sources = new Map<string, Source & { readonly requests: { start: number; end: number }[] }>(
    peers.map((misbehaviour, at) => {
      const id = `peer-${at}`;
      const { content, manifest } = file;
      return [
        id,
        createFakeSource({
          id,
          content,
          manifest,
          clock: systemClock,
          bytesPerSecond: Infinity,
          ...misbehaviour,
        }),
      ];
    }),
  );
  const content = createContentDoor({
    index: {
      async file(_view, fileId) {
        if (fileId !== file.manifest.fileId) return undefined;
        const holders = [...sources.keys()].map(
          (peerId) => ({ peer: { peerId, name: peerId } }) as FileHolder,
        );
        return { names: [], holders };
      },
    },
    live: { viewFor: () => ({ aliveSince: 0, includeLocalOnly: false }) },
    createSource: ({ id }) => sources.get(id)!,
    limits: { spendBytes: () => 0 },
    metrics: {
      countPass() {},
      countPassedBytes: (_route, _direction, bytes) => void passedBytes.push(bytes),
    },
  });
  gateway = await startTestGateway((_request, response) => response.end(), content);
  const url = `${gateway.url}/content/${file.manifest.fileId}/honey.webm`;
  return { url, file, sources, passedBytes };
}

test("a file comes from all who have it, whoever lies or breaks off, and is the file", async () => {
  const { url, file, passedBytes } = await start(
    { corruptPieces: [1, 4] },
    {},
    {
      beforeChunk: ({ sentBytes }) => {
        if (sentBytes > 0) throw new Error("broke off");
      },
    },
  );
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-length")).toBe(String(LENGTH));
  expect(answer.headers.get("etag")).toBe(`"${file.manifest.fileId}"`);
  expect(answer.headers.get("content-disposition")).toBe('attachment; filename="honey.webm"');
  expect(answer.headers.get("content-type")).toBe("video/webm");
  expect(answer.headers.get("content-security-policy")).toMatch(/sandbox$/);
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(bytes.equals(file.content)).toBe(true);
  expect(passedBytes.reduce((sum, each) => sum + each, 0)).toBe(LENGTH);
});

describe("a range", () => {
  test.each([
    { range: "bytes=0-0", start: 0, end: 1 },
    { range: `bytes=${MIB - 5}-${2 * MIB + 5}`, start: MIB - 5, end: 2 * MIB + 6 },
    { range: `bytes=${4 * MIB}-`, start: 4 * MIB, end: LENGTH },
    { range: "bytes=-7", start: LENGTH - 7, end: LENGTH },
  ])("$range gives its bytes, and fetches no piece beside it", async ({ range, start: first, end }) => {
    const { url, file, sources } = await start({});
    const answer = await fetch(url, { headers: { range } });
    expect(answer.status).toBe(206);
    expect(answer.headers.get("content-range")).toBe(`bytes ${first}-${end - 1}/${LENGTH}`);
    expect(Buffer.from(await answer.arrayBuffer()).equals(file.content.subarray(first, end))).toBe(true);
    for (const asked of sources.get("peer-0")!.requests) {
      expect(asked.start).toBeGreaterThanOrEqual(Math.floor(first / MIB) * MIB);
      expect(asked.end).toBeLessThanOrEqual(Math.ceil(end / MIB) * MIB);
    }
  });

  test("past the end is none, and one of another content is the whole file", async () => {
    const { url } = await start({});
    const past = await fetch(url, { headers: { range: `bytes=${LENGTH}-` } });
    expect([past.status, past.headers.get("content-range")]).toEqual([416, `bytes */${LENGTH}`]);
    const other = await fetch(url, { headers: { range: "bytes=0-0", "if-range": '"another"' } });
    expect([other.status, (await other.arrayBuffer()).byteLength]).toEqual([200, LENGTH]);
  });

  test("goes on where a download broke off", async () => {
    const { url, file } = await start({});
    const call = request(url);
    call.end();
    const [answer] = (await once(call, "response")) as [IncomingMessage];
    const [begun] = (await once(answer, "data")) as [Buffer];
    answer.on("error", () => {});
    call.destroy();
    const rest = await fetch(url, {
      headers: { range: `bytes=${begun.length}-`, "if-range": `"${file.manifest.fileId}"` },
    });
    expect(rest.status).toBe(206);
    const whole = Buffer.concat([begun, Buffer.from(await rest.arrayBuffer())]);
    expect(whole.equals(file.content)).toBe(true);
  });
});

test("a client that leaves ends what its peers send", async () => {
  const stopped = Promise.withResolvers<void>();
  const { url } = await start({
    beforeChunk: ({ position, signal }) =>
      position < MIB
        ? undefined
        : new Promise((_, reject) => {
            signal.addEventListener("abort", () => {
              stopped.resolve();
              reject(new Error("stopped"));
            });
          }),
  });
  const call = request(url, { headers: { range: `bytes=0-${LENGTH - 1}` } });
  call.on("error", () => {});
  call.end();
  const [answer] = (await once(call, "response")) as [IncomingMessage];
  answer.on("error", () => {});
  await once(answer, "data");
  call.destroy();
  await stopped.promise;
});

test("what nobody has, or nobody gives, is told before any of it", async () => {
  const { url } = await start({ corruptPieces: [0] });
  expect((await fetch(url.replace(/\/\w{4}/, "/0000"))).status).toBe(404);
  const answer = await fetch(url);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([502, "application/problem+json"]);
});

test("what is known already, or only asked about, costs no peer anything", async () => {
  const { url, file, sources } = await start({});
  const known = await fetch(url, { headers: { "if-none-match": `W/"x", "${file.manifest.fileId}"` } });
  expect(known.status).toBe(304);
  const head = await fetch(url, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length")]).toEqual([200, String(LENGTH)]);
  expect(sources.get("peer-0")!.requests).toEqual([]);
  expect((await fetch(url, { method: "POST" })).status).toBe(405);
});

test("parseContentTarget() takes an id and one name, and nothing else", () => {
  const fileId = `${"0".repeat(64)}-5`;
  expect(parseContentTarget(`/content/${fileId}/a%20b.txt`)).toEqual({ fileId, name: "a b.txt" });
  expect(parseContentTarget(`/content/${fileId}`)).toEqual({ fileId, name: undefined });
  for (const target of [
    "/content/",
    `/content/${fileId}/a/b`,
    `/content/${fileId}/..%2f`,
    `/content/x/${fileId}`,
  ])
    expect(parseContentTarget(target)).toBeUndefined();
});
