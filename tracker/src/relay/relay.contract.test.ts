import { once } from "node:events";
import { request as requestHttp } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PeerRecord } from "../store/store.ts";
import {
  OTHER,
  PEER,
  type TestRelay,
  chunksOf,
  fileOf,
  sampleBytes as bytes,
  sharedFile,
  startTestRelay,
} from "../testing/test-relay.ts";

const KIB = 1024;
let relay: TestRelay;

beforeEach(async () => {
  relay = await startTestRelay();
});
afterEach(() => relay.close());

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield bytes(KIB);
}

/** A peer that answers nothing by itself: the test pushes what it wants. */
async function attachSilentPeer(): Promise<void> {
  const stream = await relay.attachRaw(
    { peerId: PEER.peerId, session: "session-of-the-tests" },
    { authorization: `Bearer ${PEER.lease}` },
  );
  const reader = stream.body!.getReader();
  closers.push(() => reader.cancel().catch(() => {}));
  let text = "";
  const { value } = await reader.read();
  text += Buffer.from(value!).toString("latin1");
  void (async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      text += Buffer.from(next.value).toString("latin1");
      heard();
    }
  })().catch(() => {});
  lastPull = async () => {
    while (!/"pull":\{"id":"/.test(text)) await new Promise<void>((resolve) => (heard = resolve));
    return /.*"pull":\{"id":"([^"]+)"/s.exec(text)![1]!;
  };
}
let heard = () => {};
let lastPull: () => Promise<string> = () => Promise.reject(new Error("nobody is attached"));
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function push(
  headers: Record<string, string>,
  body: Uint8Array = new Uint8Array(),
  lease: string | undefined = PEER.lease,
): Promise<number> {
  const response = await fetch(`${relay.url}/push`, {
    method: "POST",
    headers: { ...(lease === undefined ? {} : { authorization: `Bearer ${lease}` }), ...headers },
    body: new Uint8Array(body),
  });
  if (response.status !== 204) {
    const problem = (await response.json()) as { status: number; detail: string };
    expect(problem).toMatchObject({ status: response.status, detail: expect.stringMatching(/\w/) });
  }
  return response.status;
}

/** A part of this length, whose bytes the test writes. */
function startPart(headers: Record<string, string>, length: number) {
  const outgoing = requestHttp(`${relay.url}/push`, {
    method: "POST",
    headers: { authorization: `Bearer ${PEER.lease}`, "content-length": String(length), ...headers },
  });
  outgoing.on("error", () => {});
  return outgoing;
}

const head = (headers: Record<string, string> = {}, status = 200) => ({
  "panal-head": JSON.stringify({ status, headers }),
});

describe("a client asks an attached peer", () => {
  test("for a file that is longer than any window, and gets it byte by byte in order", async () => {
    const file = bytes(3 * 1024 * KIB + 17);
    await relay.attach(fileOf(file));
    const answer = await relay.ask({ headers: { range: "bytes=0-" } });
    expect(answer).toMatchObject({ status: 200, headers: { "content-length": String(file.length) } });
    expect(Buffer.compare(await buffer(answer.body), file)).toBe(0);
  });

  test("with nine others for the same file, and it is sent once", async () => {
    const file = bytes(4 * 1024 * KIB + 17);
    const fileId = `${"0".repeat(64)}-${file.length}`;
    await relay.attach(sharedFile(fileId, file));
    const read = async (range: { start: number; end: number }) => {
      const answer = await relay.ask({
        path: `/files/${fileId}/comb.bin`,
        headers: { range: `bytes=${range.start}-${range.end - 1}` },
      });
      expect(answer.status).toBe(206);
      const got = await buffer(answer.body);
      expect(Buffer.compare(got, file.subarray(range.start, range.end))).toBe(0);
    };
    // As downloads do: a few pieces at a time, cut differently by each.
    await Promise.all(
      Array.from({ length: 10 }, async (_, reader) => {
        const step = (reader + 4) * 128 * KIB;
        for (let start = 0; start < file.length; start += step) {
          await read({ start, end: Math.min(start + step, file.length) });
        }
      }),
    );
    expect(relay.pushedBytes).toBeGreaterThanOrEqual(file.length);
    expect(relay.pushedBytes).toBeLessThanOrEqual(1.3 * file.length);
  });

  test("for something without a length, and is told its end", async () => {
    await relay.attach(async () => ({ status: 200, headers: {}, body: chunksOf(bytes(10), bytes(5)) }));
    expect(await buffer((await relay.ask()).body)).toHaveLength(15);
  });

  test("with HEAD, for which there is no body", async () => {
    await relay.attach(fileOf(bytes(1000)));
    const answer = await relay.ask({ method: "HEAD" });
    expect(answer.headers["content-length"]).toBe("1000");
    expect(await buffer(answer.body)).toHaveLength(0);
  });

  test.each([
    ["short", 1000, { "content-length": "1000" }],
    ["long", 200 * KIB, { "content-length": String(200 * KIB) }],
    ["of no known length", 1000, {}],
  ])("with a body that is %s", async (_, length, headers) => {
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    await relay.attach(async ({ body }) => {
      resolve(Buffer.concat(await Array.fromAsync(body!)));
      return { status: 200, headers: {}, body: chunksOf() };
    });
    const sent = bytes(length);
    const answer = await relay.ask({ method: "POST", headers, body: Readable.from([sent]) });
    expect(await buffer(answer.body)).toHaveLength(0);
    expect(Buffer.compare(await promise, sent)).toBe(0);
  });

  test("and stalls: the peer pushes no more than a window, and others get theirs", async () => {
    let pushed = 0;
    const file = bytes(2 * 1024 * KIB);
    await relay.attach(async ({ path }) => ({
      status: 200,
      headers: { "content-length": String(file.length) },
      body: (async function* () {
        for (let at = 0; at < file.length; at += 64 * KIB) {
          if (path === "/files/stalled") pushed = at;
          yield file.subarray(at, at + 64 * KIB);
        }
      })(),
    }));
    const stalled = await relay.ask({ path: "/files/stalled" });
    for (let reader = 0; reader < 8; reader++) {
      expect(await buffer((await relay.ask()).body)).toHaveLength(file.length);
    }
    // What was granted, and one chunk that was read ahead.
    expect(pushed).toBeLessThanOrEqual(320 * KIB);
    stalled.body.destroy();
  });

  test("and goes: the peer is told", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await relay.attach(async ({ signal }) => {
      signal.addEventListener("abort", () => resolve());
      return { status: 200, headers: {}, body: endless() };
    });
    const gone = new AbortController();
    const answer = await relay.ask({ signal: gone.signal });
    gone.abort();
    await promise;
    await expect(buffer(answer.body)).rejects.toThrow();
  });

  test("and the peer can't answer: the word says why", async () => {
    await attachSilentPeer();
    for (const [word, code] of [
      ["busy", "busy"],
      ["not-found", "unreachable"],
      ["constructor", "protocol"],
    ] as const) {
      const rejected = expect(relay.ask()).rejects.toMatchObject({ code });
      expect(await push({ "panal-pull": await nextPull(), "panal-error": word })).toBe(204);
      await rejected;
    }
  });

  test("who isn't attached", async () => {
    await expect(relay.ask()).rejects.toMatchObject({ code: "unreachable" });
    expect(await relay.peers.way.leadsTo({ peerId: PEER.peerId } as PeerRecord)).toBe(false);
  });

  test("who says nothing: it is over after ten seconds, or half a minute in the middle", async () => {
    await attachSilentPeer();
    const asked = relay.ask();
    const rejected = expect(asked).rejects.toMatchObject({ code: "timeout" });
    await nextPull();
    relay.elapse(10_000);
    await rejected;
    const second = relay.ask();
    await push({ "panal-pull": await nextPull(), "panal-offset": "0", ...head() }, bytes(5));
    const reading = buffer((await second).body);
    const cut = expect(reading).rejects.toThrow("nothing came");
    await new Promise((resolve) => setImmediate(resolve));
    relay.elapse(30_000);
    await cut;
  });
});

/** The newest pull that hasn't been given yet. */
let given = "";
async function nextPull(): Promise<string> {
  for (;;) {
    const id = await lastPull();
    if (id !== given) {
      given = id;
      return id;
    }
    await new Promise<void>((resolve) => (heard = resolve));
  }
}

describe("a push", () => {
  test("arrives in any order, and twice", async () => {
    await attachSilentPeer();
    const asked = relay.ask();
    const pull = { "panal-pull": await nextPull() };
    const file = bytes(300);
    expect(await push({ ...pull, "panal-offset": "200", "panal-end": "1" }, file.subarray(200))).toBe(204);
    expect(await push({ ...pull, "panal-offset": "100" }, file.subarray(100, 200))).toBe(204);
    expect(await push({ ...pull, "panal-offset": "100" }, file.subarray(100, 200))).toBe(204);
    expect(await push({ ...pull, "panal-offset": "0", ...head() }, file.subarray(0, 100))).toBe(204);
    const answer = await asked;
    expect(await buffer(answer.body)).toEqual(file);
    expect(await push({ ...pull, "panal-offset": "0", ...head() }, file.subarray(0, 100))).toBe(409);
  });

  test("without a lease, with nobody's, with another's, for a pull that isn't one", async () => {
    await attachSilentPeer();
    await relay.attach(fileOf(bytes(1)), { identity: OTHER });
    const asked = relay.ask();
    const part = { "panal-pull": await nextPull(), "panal-offset": "0", "panal-end": "1", ...head() };
    const none = await fetch(`${relay.url}/push`, { method: "POST", headers: part, body: "x" });
    expect(none.status).toBe(401);
    expect(await push(part, bytes(3), "nobodys-lease")).toBe(401);
    // To the owner of another lease, the pull doesn't exist: ids tell nothing.
    expect(await push(part, bytes(3), OTHER.lease)).toBe(409);
    expect(await push({ ...part, "panal-pull": "forged-pull-id" }, bytes(3))).toBe(409);
    expect(await push({ "panal-offset": "0", ...head() }, bytes(3))).toBe(409);
    expect(await push(part, bytes(3))).toBe(204);
    expect(await buffer((await asked).body)).toEqual(bytes(3));
  });

  test.each([
    ["longer than the head said", { "content-length": "2" }, "0", {}],
    ["shorter than the head said", { "content-length": "4" }, "0", { "panal-end": "1" }],
  ])("is refused when it is %s, and the reader is cut off", async (_, headers, offset, more) => {
    await attachSilentPeer();
    const asked = relay.ask();
    const rejected = expect(asked).rejects.toMatchObject({ code: "protocol" });
    const pull = { "panal-pull": await nextPull() };
    expect(await push({ ...pull, "panal-offset": offset, ...head(headers), ...more }, bytes(3))).toBe(400);
    await rejected;
    expect(await push({ ...pull, "panal-offset": offset, ...head() }, bytes(2))).toBe(409);
  });

  test.each([
    ["no offset", {}],
    ["an offset that is no number", { "panal-offset": "-1" }],
    ["a head that isn't JSON", { "panal-offset": "0", "panal-head": "{" }],
    ["a head with a header that isn't one", { "panal-offset": "0", ...head({ "a b": "c" }) }],
    ["a head with a status that isn't one", { "panal-offset": "0", ...head({}, 101) }],
    ["a head with a length that isn't one", { "panal-offset": "0", ...head({ "content-length": "x" }) }],
    ["an end that isn't one", { "panal-offset": "0", "panal-end": "yes", ...head() }],
  ])("is malformed with %s, which harms nothing", async (_, headers) => {
    await attachSilentPeer();
    const asked = relay.ask();
    const pull = { "panal-pull": await nextPull() };
    expect(await push({ ...pull, ...headers }, bytes(3))).toBe(400);
    expect(await push({ ...pull, "panal-offset": "0", "panal-end": "1", ...head() }, bytes(3))).toBe(204);
    expect(await buffer((await asked).body)).toHaveLength(3);
  });

  test("past what was granted, or longer than a part may be, isn't read", async () => {
    await attachSilentPeer();
    void relay.ask().catch(() => {});
    const pull = { "panal-pull": await nextPull() };
    expect(await push({ ...pull, "panal-offset": String(256 * KIB) }, bytes(1))).toBe(416);
    expect(await push({ ...pull, "panal-offset": "0", ...head() }, new Uint8Array(4 * 1024 * KIB + 1))).toBe(
      413,
    );
  });

  test("needs a length", async () => {
    await attachSilentPeer();
    void relay.ask().catch(() => {});
    const outgoing = requestHttp(`${relay.url}/push`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${PEER.lease}`,
        "panal-pull": await nextPull(),
        "panal-offset": "0",
        "transfer-encoding": "chunked",
      },
    });
    outgoing.end("abc");
    const [response] = await once(outgoing, "response");
    expect(response.statusCode).toBe(411);
    response.resume();
  });

  test("that breaks off counts for nothing, and may come again", async () => {
    await attachSilentPeer();
    const asked = relay.ask();
    const pull = { "panal-pull": await nextPull(), "panal-offset": "0" };
    const outgoing = startPart({ ...pull, ...head() }, 300);
    outgoing.write(bytes(100));
    while ((await push({ ...pull, ...head() }, bytes(300))) !== 429);
    outgoing.destroy();
    let status = 429;
    while (status === 429) status = await push({ ...pull, "panal-end": "1", ...head() }, bytes(300));
    expect(status).toBe(204);
    expect(await buffer((await asked).body)).toEqual(bytes(300));
  });

  test("that trickles is given up, however often something comes", async () => {
    await attachSilentPeer();
    const asked = relay.ask();
    const pull = { "panal-pull": await nextPull(), "panal-offset": "0" };
    const outgoing = startPart({ ...pull, ...head() }, 8 * KIB);
    const response = once(outgoing, "response");
    for (let sent = 0; sent < 10; sent++) outgoing.write(bytes(1));
    while ((await push({ ...pull, ...head() }, bytes(300))) !== 429);
    // 15 s, and one for its length.
    relay.elapse(16_000);
    expect((await response)[0].statusCode).toBe(408);
    expect(await push({ ...pull, "panal-end": "1", ...head() }, bytes(300))).toBe(204);
    expect(await buffer((await asked).body)).toEqual(bytes(300));
  });

  test("too many of them are refused, with when there may be more", async () => {
    await relay.close();
    relay = await startTestRelay({ limitsFactor: 1 / 500_000 });
    await attachSilentPeer();
    void relay.ask().catch(() => {});
    const part = { "panal-pull": await nextPull(), "panal-offset": "0", ...head() };
    const send = () =>
      fetch(`${relay.url}/push`, {
        method: "POST",
        headers: { ...part, authorization: `Bearer ${PEER.lease}` },
        body: "x",
      });
    let answer = await send();
    for (let sent = 0; answer.status === 204 && sent < 100; sent++) answer = await send();
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({ type: "urn:panal:problem:too-many-requests" });
    expect(relay.refused).toEqual(["pushes"]);
  });

  test("that stands still is given up, and may come again", async () => {
    await attachSilentPeer();
    const asked = relay.ask();
    const pull = { "panal-pull": await nextPull() };
    const outgoing = startPart({ ...pull, "panal-offset": "0", ...head() }, 300);
    outgoing.write(bytes(100));
    // Once it is being read, the same part by another connection is refused.
    while ((await push({ ...pull, "panal-offset": "0", ...head() }, bytes(300))) !== 429);
    const response = once(outgoing, "response");
    relay.elapse(15_000);
    expect((await response)[0].statusCode).toBe(408);
    expect(await push({ ...pull, "panal-offset": "0", "panal-end": "1", ...head() }, bytes(300))).toBe(204);
    expect(await buffer((await asked).body)).toEqual(bytes(300));
  });
});
