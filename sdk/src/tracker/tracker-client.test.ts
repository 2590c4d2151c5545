import { describe, expect, it } from "vitest";
import { parseFileId } from "../content/file-id.ts";
import { createVirtualClock } from "../transfer/testing/virtual-clock.ts";
import { TrackerError, createTrackerClient, parseTrackerUrl } from "./tracker-client.ts";

const FILE_ID = parseFileId(`${"ab".repeat(32)}-5`);

interface Seen {
  url: string;
  method: string | undefined;
  headers: Record<string, string>;
  body: unknown;
}

/** A tracker that gives these answers, one after the other, and remembers what it was asked. */
function setUp(...answers: (Response | Error)[]) {
  const seen: Seen[] = [];
  const clock = createVirtualClock();
  const client = createTrackerClient({
    url: "http://tracker.test/",
    clock,
    fetch: async (input, init) => {
      seen.push({
        url: new Request(input).url,
        method: init?.method,
        headers: init?.headers as Record<string, string>,
        body: typeof init?.body === "string" ? JSON.parse(init.body) : undefined,
      });
      const answer = answers.shift();
      if (answer instanceof Response) return answer;
      throw answer ?? new Error("nothing more to answer");
    },
  });
  return { client, seen, clock };
}

describe("createTrackerClient()", () => {
  describe("when the tracker has enough", () => {
    const lease = "secret";
    const alive = { heartbeatSeconds: 10, expiresAt: "2026-01-01T00:00:00Z", webOrigins: [], revision: 3 };
    const list = { revision: 1, fileCount: 0 };
    const tooMany = (seconds: string | undefined, status = 429) =>
      Response.json(
        { title: "Too many requests", status },
        { status, headers: seconds === undefined ? {} : { "retry-after": seconds } },
      );

    it("heartbeats and announcements wait as long as it says, and go on", async () => {
      const { client, seen, clock } = setUp(
        tooMany("3"),
        tooMany("4", 503),
        Response.json(alive),
        tooMany("5"),
        Response.json(list),
        tooMany("6"),
        Response.json(list),
      );
      await client.heartbeat("peer-0001", { lease });
      expect(clock.now()).toBe(7_000);
      await client.putFiles("peer-0001", { revision: 1, files: [] }, { lease });
      expect(clock.now()).toBe(12_000);
      await client.patchFiles("peer-0001", { baseRevision: 0, revision: 1 }, { lease });
      expect(clock.now()).toBe(18_000);
      expect(seen.length).toBe(7);
    });

    it("a part of a long list waits by itself: those before it aren't sent again", async () => {
      const files = Array.from({ length: 10_001 }, (_, n) => ({
        path: `${n}`,
        fileId: FILE_ID,
        mtime: "2026-01-01T00:00:00Z",
      }));
      const { client, seen } = setUp(Response.json(list), tooMany("1"), Response.json(list));
      await client.putFiles("peer-0001", { revision: 1, files }, { lease });
      expect(seen.map(({ body }) => (body as unknown[]).length)).toEqual([10_000, 1, 1]);
      expect(new Set(seen.map(({ url }) => new URL(url).searchParams.get("upload"))).size).toBe(1);
    });

    it.each([
      ["doesn't say for how long", [tooMany(undefined)], 1],
      ["asks for more than half a minute", [tooMany("31")], 1],
      ["asks again and again", Array.from({ length: 9 }, () => tooMany("1")), 5],
    ])("they give up when it %s", async (_what, answers, calls) => {
      const { client, seen } = setUp(...answers);
      await expect(client.heartbeat("peer-0001", { lease })).rejects.toMatchObject({
        code: "busy",
        status: 429,
      });
      expect(seen.length).toBe(calls);
    });

    it("the wait ends with the signal, and searches don't wait", async () => {
      const { client, seen } = setUp(tooMany("30"), tooMany("30"));
      const stop = new AbortController();
      const waiting = client.heartbeat("peer-0001", { lease, signal: stop.signal });
      stop.abort();
      await expect(waiting).rejects.toMatchObject({ code: "aborted" });
      await expect(client.searchFiles({ q: "" })).rejects.toMatchObject({ retryAfterSeconds: 30 });
      expect(seen.length).toBe(2);
    });
  });

  it("searches with all words and filters in the query", async () => {
    const { client, seen } = setUp(Response.json({ files: [] }));
    expect(await client.searchFiles({ q: "bees & winter", kind: "video", minSize: 5 })).toEqual({
      files: [],
    });
    expect(seen[0]!.url).toBe("http://tracker.test/api/v1/files?q=bees+%26+winter&kind=video&minSize=5");
  });

  it("reports a source", async () => {
    const { client, seen } = setUp(Response.json({ corrupt: 2, unreachable: 0 }));
    const report = { peerId: "peer-0001", reason: "corrupt" } as const;
    expect(await client.reportSource(FILE_ID, report)).toEqual({ corrupt: 2, unreachable: 0 });
    expect(seen).toMatchObject([
      { url: `http://tracker.test/api/v1/files/${FILE_ID}/reports`, method: "POST", body: report },
    ]);
  });

  it("gives undefined for a file or peer nobody has", async () => {
    const notFound = () => Response.json({ title: "Not found", status: 404 }, { status: 404 });
    const { client } = setUp(notFound(), notFound());
    expect(await client.getFile(FILE_ID)).toBeUndefined();
    expect(await client.getPeer("12345678")).toBeUndefined();
  });

  it("sends the lease with changes and nowhere else", async () => {
    const heartbeat = {
      heartbeatSeconds: 10,
      expiresAt: "2026-01-01T00:00:00Z",
      webOrigins: [],
      revision: 3,
    };
    const { client, seen } = setUp(
      Response.json(heartbeat),
      new Response(null, { status: 204 }),
      Response.json({ peers: [] }),
    );
    expect(await client.heartbeat("peer/1", { lease: "secret" })).toEqual(heartbeat);
    await client.logout("peer/1", { lease: "secret" });
    await client.listPeers();
    expect(seen.map(({ method, headers }) => [method, headers["authorization"]])).toEqual([
      ["POST", "Bearer secret"],
      ["DELETE", "Bearer secret"],
      ["GET", undefined],
    ]);
    expect(seen[0]!.url).toBe("http://tracker.test/api/v1/peers/peer%2F1/heartbeat");
  });

  it("sends a long file list in parts, the last of which says so", async () => {
    const answers = Array.from({ length: 3 }, () => Response.json({ revision: 7, fileCount: 25_000 }));
    const { client, seen } = setUp(...answers);
    const file = { path: "a", fileId: FILE_ID, mtime: "2026-01-01T00:00:00Z" };
    await client.putFiles(
      "p",
      { revision: 7, files: Array.from({ length: 25_000 }, () => file) },
      { lease: "s" },
    );
    const queries = seen.map(({ url }) => new URL(url).searchParams);
    expect(seen.map(({ body }) => (body as unknown[]).length)).toEqual([10_000, 10_000, 5_000]);
    expect(queries.map((query) => query.get("last"))).toEqual(["false", "false", "true"]);
    expect(new Set(queries.map((query) => query.get("upload"))).size).toBe(1);
  });

  it("sends a short list, and an empty one, at once", async () => {
    const { client, seen } = setUp(Response.json({ revision: 1, fileCount: 0 }));
    await client.putFiles("p", { revision: 1, files: [] }, { lease: "s" });
    expect(seen[0]!.url).toBe("http://tracker.test/api/v1/peers/p/files?revision=1");
    expect(seen[0]!.body).toEqual([]);
  });

  it.each([
    [400, "invalid"],
    [401, "unauthorized"],
    [403, "forbidden"],
    [409, "conflict"],
    [413, "too-large"],
    [421, "forbidden"],
    [429, "busy"],
    [500, "unreachable"],
  ])("turns status %i into %s, with the tracker's words", async (status, code) => {
    const problem = { title: "No", detail: "because", status };
    const { client } = setUp(Response.json(problem, { status, headers: { "retry-after": "3" } }));
    const failure = await client.getStats().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TrackerError);
    expect(failure).toMatchObject({
      code,
      status,
      retryAfterSeconds: 3,
      message: "tracker http://tracker.test: because",
    });
  });

  it("says so when what answers isn't a tracker", async () => {
    const { client } = setUp(new Response("<html>"), Response.json({ peers: "many" }));
    await expect(client.getStats()).rejects.toMatchObject({
      code: "protocol",
      message: /is it a Panal tracker/,
    });
    await expect(client.listPeers()).rejects.toMatchObject({ code: "protocol", message: /peers/ });
  });

  it("gives up an answer that has no end", async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent++;
        controller.enqueue(new Uint8Array(1024 * 1024));
      },
    });
    const { client } = setUp(new Response(endless));
    await expect(client.getStats()).rejects.toMatchObject({ code: "too-large" });
    expect(sent).toBeLessThan(12);
  });

  it("tells no connection from a caller who stopped", async () => {
    const { client } = setUp(new TypeError("fetch failed"), new TypeError("fetch failed"));
    await expect(client.getStats()).rejects.toMatchObject({ code: "unreachable" });
    await expect(client.getStats({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
  });

  it("says when it is the certificate", async () => {
    const cause = Object.assign(new Error("why"), { code: "SELF_SIGNED_CERT_IN_CHAIN" });
    const { client } = setUp(new TypeError("fetch failed", { cause }));
    await expect(client.getStats()).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(/: its certificate isn't trusted here$/),
    });
  });
});

describe("parseTrackerUrl()", () => {
  it.each([
    ["http://localhost:7070", "http://localhost:7070"],
    ["https://t.example/", "https://t.example"],
    ["http://t.example/panal/", "http://t.example/panal"],
  ])("takes %s", (text, url) => expect(parseTrackerUrl(text)).toBe(url));

  it.each(["localhost:7070", "ftp://x", "http://user@x", "http://x?y", "http://x#y", ""])(
    "refuses %j",
    (text) => {
      expect(() => parseTrackerUrl(text)).toThrow(expect.objectContaining({ code: "invalid" }));
    },
  );
});
