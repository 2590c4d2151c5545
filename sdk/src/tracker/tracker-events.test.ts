import { describe, expect, it } from "vitest";
import { parseFileId } from "../content/file-id.ts";
import type { PanalError } from "../errors.ts";
import { createVirtualClock } from "../transfer/testing/index.ts";
import type { TrackerEvent } from "./api.ts";
import { type TrackerEventsOptions, trackerEvents } from "./tracker-events.ts";

const FILE_ID = parseFileId(`${"ab".repeat(32)}-5`);
const encoder = new TextEncoder();

const peerEvent = (id: number, type = "peer-joined") =>
  `id: run.${id}\nevent: ${type}\ndata: {"peerId":"peer-${id}-x","name":"n"}\n\n`;

/** What a tracker answers with: these texts, and then the end; "silence" instead of the end never ends. */
function answer(...texts: string[]) {
  return (signal: AbortSignal) =>
    new Response(
      new ReadableStream<Uint8Array>({
        start(controller) {
          for (const text of texts) if (text !== "silence") controller.enqueue(encoder.encode(text));
          if (texts.at(-1) !== "silence") controller.close();
          else signal.addEventListener("abort", () => controller.error(signal.reason), { once: true });
        },
      }),
      { headers: { "content-type": "text/event-stream; charset=utf-8" } },
    );
}

const refusal =
  (status: number, headers: Record<string, string> = {}) =>
  () =>
    Response.json({ title: "No", status }, { status, headers });

interface Asked {
  readonly url: string;
  readonly lastEventId: string | undefined;
  readonly atMs: number;
}

/** Watches a tracker that answers so, one time after the other, and stops when it has nothing more to answer. */
async function follow(
  answers: ((signal: AbortSignal) => Response)[],
  options: Partial<TrackerEventsOptions> = {},
) {
  const clock = createVirtualClock();
  const stop = new AbortController();
  const asked: Asked[] = [];
  const states: string[] = [];
  const events: string[] = [];
  let error: PanalError | undefined;
  try {
    const stream = trackerEvents({
      url: "http://tracker.test/",
      signal: stop.signal,
      clock,
      random: () => 1,
      onConnection: (state) => states.push(state.type === "open" ? "open" : state.error.code),
      fetch: async (input, init) => {
        const next = answers.shift();
        if (next === undefined) {
          stop.abort();
          throw new DOMException("stopped", "AbortError");
        }
        const headers = init?.headers as Record<string, string>;
        asked.push({ url: new Request(input).url, lastEventId: headers["last-event-id"], atMs: clock.now() });
        return next(init!.signal!);
      },
      ...options,
    });
    for await (const event of stream) events.push(nameOf(event));
  } catch (caught) {
    error = caught as PanalError;
  }
  return { asked, states, events, error };
}

function nameOf(event: TrackerEvent): string {
  return event.type === "resync" ? event.type : `${event.type} ${event.peerId}`;
}

describe("trackerEvents()", () => {
  it("gives what happens, of what was asked for", async () => {
    const { asked, events, states } = await follow(
      [answer(": hello\n\n", peerEvent(1), peerEvent(2, "peer-left"))],
      {
        q: "bees & wasps",
        fileId: FILE_ID,
      },
    );
    expect(asked[0]!.url).toBe(`http://tracker.test/api/v1/events?q=bees+%26+wasps&fileId=${FILE_ID}`);
    expect(events).toEqual(["peer-joined peer-1-x", "peer-left peer-2-x"]);
    expect(states).toEqual(["open", "unreachable"]);
  });

  it("gives the files of a change", async () => {
    const data = { peerId: "12345678", name: "n", revision: 2, fileCount: 1 };
    const change = { added: [{ path: "a", fileId: FILE_ID }], removed: ["b"] };
    const text = `event: files-changed\ndata: ${JSON.stringify({ ...data, ...change, later: 1 })}\n\n`;
    const stop = new AbortController();
    const stream = trackerEvents({
      url: "http://tracker.test",
      signal: stop.signal,
      fetch: async (_input, init) => answer(text, "silence")(init!.signal!),
    });
    expect((await stream.next()).value).toEqual({ type: "files-changed", ...data, ...change });
    const next = stream.next();
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it("comes back after a break with the last event it has seen", async () => {
    const { asked, events } = await follow([
      answer(peerEvent(1)),
      answer(": hello\nid: run.5\n\n"),
      answer(peerEvent(6)),
      answer("id: other.1\nevent: resync\ndata: {}\n\n"),
    ]);
    expect(asked.map(({ lastEventId }) => lastEventId)).toEqual([undefined, "run.1", "run.5", "run.6"]);
    expect(events).toEqual(["peer-joined peer-1-x", "peer-joined peer-6-x", "resync"]);
  });

  it("waits longer after each failure, up to half a minute, and spreads it", async () => {
    const gaps = async (luck: number) => {
      const answers = Array.from({ length: 8 }, () => refusal(500));
      const { asked } = await follow(answers, { random: () => luck });
      return asked.slice(1).map(({ atMs }, index) => atMs - asked[index]!.atMs);
    };
    expect(await gaps(1)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(await gaps(0)).toEqual([250, 500, 1_000, 2_000, 4_000, 7_500, 7_500]);
  });

  it("waits as long as the tracker wants, within reason", async () => {
    const { asked } = await follow([
      refusal(503, { "retry-after": "20" }),
      refusal(429, { "retry-after": "99999999" }),
      refusal(503, { "retry-after": "soon" }),
      answer(),
    ]);
    expect(asked.map(({ atMs }) => atMs)).toEqual([0, 21_000, 323_000, 327_000]);
  });

  it("gives a connection up that is silent for three signs of life, and counts anew after a good one", async () => {
    const { asked, states } = await follow([
      refusal(500),
      refusal(500),
      answer(": hello\n\n", "silence"),
      answer(),
    ]);
    expect(asked.map(({ atMs }) => atMs)).toEqual([0, 1_000, 3_000, 49_000]);
    expect(states.slice(0, 4)).toEqual(["unreachable", "unreachable", "open", "timeout"]);
  });

  it.each([400, 401, 403, 404, 405, 421])("ends when the tracker refuses with %i", async (status) => {
    const { asked, error } = await follow([refusal(status), answer()]);
    expect(error).toMatchObject({ status });
    expect(asked).toHaveLength(1);
  });

  it("ends when what answers is no stream of events", async () => {
    const { error } = await follow([
      () => new Response("<html>", { headers: { "content-type": "text/html" } }),
    ]);
    expect(error).toMatchObject({
      code: "protocol",
      message: "tracker http://tracker.test/: answered 200 and no events",
    });
  });

  it("passes over what it doesn't know, and takes what it can't read for lost", async () => {
    const { events } = await follow([
      answer("event: new-thing\ndata: {}\n\n", "data: plain\n\n", "event: peer-left\ndata: {oops\n\n"),
      answer('event: peer-left\ndata: {"peerId":"../../x","name":1}\n\n', "event: peer-left\ndata: null\n\n"),
    ]);
    expect(events).toEqual(["resync", "resync", "resync"]);
  });

  it("gives up a connection on which an event has no end", async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent++;
        controller.enqueue(encoder.encode("x".repeat(256 * 1024)));
      },
    });
    const headers = { "content-type": "text/event-stream" };
    const { states } = await follow([() => new Response(endless, { headers })]);
    expect(states).toEqual(["open", "too-large"]);
    expect(sent).toBeLessThan(10);
  });

  it("ends the connection when nobody wants any more", async () => {
    const seen: AbortSignal[] = [];
    const stream = trackerEvents({
      url: "http://tracker.test",
      signal: new AbortController().signal,
      fetch: async (_input, init) => {
        seen.push(init!.signal!);
        return answer(peerEvent(1), "silence")(init!.signal!);
      },
    });
    for await (const _ of stream) break;
    expect(seen.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it("asks nothing when it is stopped before it begins", async () => {
    const { asked, events } = await follow([answer()], { signal: AbortSignal.abort() });
    expect([asked, events]).toEqual([[], []]);
  });
});
