import { expect, test } from "vitest";
import type { TrackerEvent } from "../tracker/api.ts";
import { trackerEvents } from "../tracker/tracker-events.ts";

interface Connection {
  lastEventId?: string;
  isOpen: boolean;
}

const trackerOf = (scene: string) => `${location.origin}/events/${scene}`;

async function connectionsOf(scene: string): Promise<Connection[]> {
  return (await (await fetch(`${trackerOf(scene)}/connections`)).json()) as Connection[];
}

/** The first connection breaks off: with both of its events in our hands, since what is on its way then may be lost. */
const breakOff = (scene: string) => fetch(`${trackerOf(scene)}/break`);

function watch(scene: string, signal: AbortSignal) {
  const states: string[] = [];
  const events = trackerEvents({
    url: trackerOf(scene),
    signal,
    // The shortest wait: a quarter of a second.
    random: () => 0,
    onConnection: (state) => states.push(state.type === "open" ? "open" : state.error.code),
  });
  return { events, states };
}

test("trackerEvents() reads a real stream, and goes on after a break where it was", async () => {
  const scene = crypto.randomUUID();
  const stop = new AbortController();
  const { events, states } = watch(scene, stop.signal);
  const seen: TrackerEvent[] = [];
  for await (const event of events) {
    seen.push(event);
    if (seen.length === 2) await breakOff(scene);
    if (seen.length === 3) break;
  }
  expect(seen).toEqual([
    { type: "peer-joined", peerId: "peer-0001", name: "Ana" },
    { type: "peer-joined", peerId: "peer-0002", name: "Bea 🐝" },
    { type: "peer-joined", peerId: "peer-0003", name: "Cleo" },
  ]);
  expect(states).toEqual(["open", "unreachable", "open"]);
  expect((await connectionsOf(scene)).map(({ lastEventId }) => lastEventId)).toEqual([undefined, "run.2"]);
  // Who wants no more events frees the connection, of which a page has six.
  await expect.poll(() => connectionsOf(scene)).toMatchObject([{ isOpen: false }, { isOpen: false }]);
});

test("trackerEvents() ends with its signal, and its connection with it", async () => {
  const scene = crypto.randomUUID();
  const stop = new AbortController();
  const { events } = watch(scene, stop.signal);
  for (let n = 0; n < 2; n++) await events.next();
  await breakOff(scene);
  await events.next();
  const next = events.next();
  stop.abort();
  expect(await next).toEqual({ done: true, value: undefined });
  await expect.poll(() => connectionsOf(scene)).toMatchObject([{ isOpen: false }, { isOpen: false }]);
});

test("trackerEvents() says so when the tracker has no such stream", async () => {
  const { events } = watch("old-tracker", new AbortController().signal);
  await expect(events.next()).rejects.toMatchObject({ code: "not-found", status: 404 });
});
