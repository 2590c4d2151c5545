import { PanalError } from "@panal/sdk";
import { type ByteRange, fileIdOf } from "@panal/sdk/content";
import { describe, expect, it } from "vitest";
import { MAX_READ_BYTES } from "../engine/engine-api.ts";
import { answerStream, parseStreamUrl, type StreamRequest } from "./stream-answer.ts";

const MIB = 1024 * 1024;
const LENGTH = 10 * MIB + 7;
const fileId = fileIdOf(new Uint8Array(32).fill(9), LENGTH);

function ask(name: string, options: Partial<StreamRequest> & { range?: string } = {}): StreamRequest {
  const { range, ...more } = options;
  return {
    url: `https://panal.example/stream/${fileId}/${name}`,
    method: "GET",
    headers: new Headers(range === undefined ? {} : { range }),
    destination: "video",
    signal: new AbortController().signal,
    ...more,
  };
}

/** Gives at most so many bytes at a time, and remembers what it was asked for. */
function reader(mostBytes = Number.MAX_SAFE_INTEGER) {
  const asked: ByteRange[] = [];
  const read = async (range: ByteRange) => {
    asked.push(range);
    return new Uint8Array(Math.min(mostBytes, range.end - range.start));
  };
  return { asked, read };
}

const header = (response: Response, name: string) => response.headers.get(name);

describe("answerStream()", () => {
  it.each([
    ["bytes=0-", { start: 0, end: MAX_READ_BYTES }],
    ["bytes=5-", { start: 5, end: 5 + MAX_READ_BYTES }],
    ["bytes=100-199", { start: 100, end: 200 }],
    [`bytes=0-${LENGTH}`, { start: 0, end: MAX_READ_BYTES }],
    ["bytes=-7", { start: LENGTH - 7, end: LENGTH }],
    [`bytes=${LENGTH - 3}-`, { start: LENGTH - 3, end: LENGTH }],
    ["bytes=0-1", { start: 0, end: 2 }],
  ])("answers %s with at most so many bytes", async (range, read) => {
    const source = reader();
    const answer = await answerStream(ask("film.webm", { range }), source.read);
    expect(source.asked).toEqual([read]);
    expect(answer.status).toBe(206);
    expect(header(answer, "content-range")).toBe(`bytes ${read.start}-${read.end - 1}/${LENGTH}`);
    expect(header(answer, "content-length")).toBe(String(read.end - read.start));
    expect((await answer.arrayBuffer()).byteLength).toBe(read.end - read.start);
  });

  it("says exactly what it gives when less is there", async () => {
    const answer = await answerStream(ask("film.webm", { range: "bytes=1000-" }), reader(17).read);
    expect(header(answer, "content-range")).toBe(`bytes 1000-1016/${LENGTH}`);
    expect(header(answer, "content-length")).toBe("17");
  });

  it("refuses a range past the end, and says how long the file is", async () => {
    const answer = await answerStream(ask("film.webm", { range: `bytes=${LENGTH}-` }), reader().read);
    expect(answer.status).toBe(416);
    expect(header(answer, "content-range")).toBe(`bytes */${LENGTH}`);
  });

  it("gives the whole file without a range, part by part, only as it is read", async () => {
    const source = reader(MIB + 1);
    const answer = await answerStream(ask("bee.png", { destination: "image" }), source.read);
    expect(answer.status).toBe(200);
    expect(header(answer, "content-length")).toBe(String(LENGTH));
    expect(source.asked).toEqual([]);
    const body = answer.body!.getReader();
    expect((await body.read()).value?.length).toBe(MIB + 1);
    expect(source.asked).toHaveLength(1);
    let bytes = MIB + 1;
    for (let part = await body.read(); !part.done; part = await body.read()) bytes += part.value.length;
    expect(bytes).toBe(LENGTH);
    expect(source.asked.at(-1)).toEqual({ start: 9 * (MIB + 1), end: LENGTH });
  });

  it("ends what it reads when nobody wants the rest", async () => {
    const ended = Promise.withResolvers<void>();
    const answer = await answerStream(ask("bee.png", { destination: "image" }), (_range, signal) => {
      signal.addEventListener("abort", () => ended.resolve());
      return Promise.withResolvers<Uint8Array<ArrayBuffer>>().promise;
    });
    const body = answer.body!.getReader();
    void body.read();
    await body.cancel();
    await ended.promise;
  });

  it.each([
    "document",
    "iframe",
    "frame",
    "embed",
    "object",
    "script",
    "worker",
    "sharedworker",
    "style",
    "font",
    "manifest",
  ])("is no %s of ours", async (destination) => {
    const source = reader();
    const request = ask("page.html", { destination: destination as RequestDestination });
    const answer = await answerStream(request, source.read);
    expect(answer.status).toBe(403);
    expect(header(answer, "content-type")).toMatch(/^text\/plain/);
    expect(source.asked).toEqual([]);
  });

  it.each([
    ["film.webm", "video/webm", "inline"],
    ["notes.txt", "text/plain; charset=utf-8", "inline"],
    ["page.html", "application/octet-stream", "attachment"],
    ["bee.svg", "application/octet-stream", "attachment"],
    ["code.js", "application/octet-stream", "attachment"],
    ["noextension", "application/octet-stream", "attachment"],
  ])("gives %s as %s", async (name, type, disposition) => {
    const answer = await answerStream(ask(name, { range: "bytes=0-", destination: "" }), reader().read);
    expect(header(answer, "content-type")).toBe(type);
    expect(header(answer, "content-disposition")).toMatch(new RegExp(`^${disposition};`));
    expect(header(answer, "x-content-type-options")).toBe("nosniff");
    expect(header(answer, "content-security-policy")).toBe("default-src 'none'; sandbox");
    expect(header(answer, "cross-origin-resource-policy")).toBe("same-origin");
  });

  it("lets a browser save it, and nothing else, when it is asked to", async () => {
    const answer = await answerStream(ask("film.webm?download", { destination: "document" }), reader().read);
    expect(header(answer, "content-type")).toBe("application/octet-stream");
    expect(header(answer, "content-disposition")).toMatch(/^attachment; filename="film.webm"/);
    const video = await answerStream(ask("film.webm?download", { destination: "script" }), reader().read);
    expect(video.status).toBe(403);
  });

  it.each([
    ["unreachable", 503],
    ["no-space", 507],
    ["conflict", 409],
  ] as const)("says %s with %d", async (code, status) => {
    const answer = await answerStream(ask("film.webm", { range: "bytes=0-" }), async () => {
      throw new PanalError(code, "no");
    });
    expect(answer.status).toBe(status);
    expect(header(answer, "x-panal-code")).toBe(code);
  });

  it("tells the length to who asks for the head only, and takes no other method", async () => {
    const source = reader();
    const head = await answerStream(ask("film.webm", { method: "HEAD" }), source.read);
    expect([head.status, header(head, "content-length"), head.body]).toEqual([200, String(LENGTH), null]);
    expect((await answerStream(ask("film.webm", { method: "POST" }), source.read)).status).toBe(405);
    expect(source.asked).toEqual([]);
  });
});

describe("parseStreamUrl()", () => {
  it.each([
    [`/stream/${fileId}/a%20b.webm`, { fileId, name: "a b.webm", isDownload: false }],
    [`/stream/${fileId}/a.webm?download`, { fileId, name: "a.webm", isDownload: true }],
    [`/stream/${fileId}/a.webm?peek`, { fileId, name: "a.webm", isDownload: false, isPeek: true }],
    [`/stream/${fileId}`, { fileId, name: "", isDownload: false }],
    [`/stream/${fileId}/a/b`, undefined],
    [`/stream/${fileId}/%E0%A4%A`, undefined],
    ["/stream/nonsense/a.webm", undefined],
    [`/f/${fileId}`, undefined],
  ])("reads %s", (path, target) => {
    expect(parseStreamUrl(`https://panal.example${path}`)).toEqual(target);
  });
});
