import { describe, expect, it } from "vitest";
import { download } from "./download.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createReadingPosition } from "./reading.ts";
import { createSourceList } from "./source-list.ts";
import { createFakeSource } from "./testing/fake-source.ts";
import { createSampleFile } from "./testing/sample-file.ts";
import { createDownloadScene } from "./testing/download-scene.ts";
import { createVirtualClock } from "./testing/virtual-clock.ts";
import type { DownloadEvent } from "./events.ts";

const MIB = 1024 * 1024;

/** A file much longer than what is fetched ahead of a reader. */
async function createLongScene() {
  const { content, manifest } = await createSampleFile(120 * MIB);
  const clock = createVirtualClock();
  const events: DownloadEvent[] = [];
  const reading = createReadingPosition(content.length);
  const stop = new AbortController();
  return {
    content,
    clock,
    events,
    reading,
    stop,
    source: (id: string, bytesPerSecond = 10 * MIB) =>
      createFakeSource({ id, content, manifest, clock, bytesPerSecond }),
    options: {
      fileId: manifest.fileId,
      clock,
      random: () => 0.5,
      reading,
      signal: stop.signal,
      onEvent: (event: DownloadEvent) => events.push(event),
    },
    verified: () =>
      events
        .flatMap((event) => (event.type === "piece-verified" ? event.pieceIndex : []))
        .sort((a, b) => a - b),
  };
}

const countFrom = (start: number, count: number) =>
  Array.from({ length: count }, (_, index) => start + index);

describe("download() and who reads along", () => {
  it("fetches what is ahead of the reader and no more, until the whole file is wanted", async () => {
    const { source, options, clock, reading, verified, events, content } = await createLongScene();
    const list = createSourceList([source("a"), source("b")]);
    const store = createMemoryStore();
    const done = download({ ...options, sources: list, store });
    await clock.sleep(5_000);
    expect(verified()).toEqual([]);
    reading.read({ start: 50 * MIB, end: 51 * MIB });
    await clock.sleep(60_000);
    expect(verified()).toEqual(countFrom(50, 32));
    expect(events.filter(({ type }) => type === "waiting")).toEqual([]);
    reading.wantWhole(true);
    await done;
    expect(verified()).toEqual(countFrom(0, 120));
    expect(store.bytes?.length).toBe(content.length);
  });

  it("ends at once what was asked for elsewhere when the reader jumps, and doesn't blame the source", async () => {
    const { source, options, clock, reading, stop, events } = await createLongScene();
    const only = source("only", MIB);
    const list = createSourceList([only]);
    const done = download({ ...options, sources: list, store: createMemoryStore() });
    reading.read({ start: 0, end: MIB });
    await clock.sleep(2_500);
    const before = only.requests.length;
    events.length = 0;
    reading.read({ start: 100 * MIB, end: 101 * MIB });
    await clock.sleep(10);
    expect(only.requests[before]!.start).toBe(100 * MIB);
    await clock.sleep(2_500);
    const first = events.find(({ type }) => type === "piece-verified");
    expect(first).toMatchObject({ pieceIndex: 100 });
    const wasted = events.filter((event) => event.type === "piece-wasted");
    expect(wasted.map(({ why }) => why)).toEqual(wasted.map(() => "cancelled"));
    expect(wasted.length).toBeGreaterThan(0);
    expect(events.filter(({ type }) => type === "source-failed")).toEqual([]);
    stop.abort();
    await expect(done).rejects.toMatchObject({ code: "aborted" });
  });

  it("brings a reader's pieces first, and the rest of the file besides, when all of it is wanted", async () => {
    const { source, options, clock, reading, stop, events } = await createLongScene();
    reading.wantWhole(true);
    const only = source("only", 4 * MIB);
    const done = download({ ...options, sources: createSourceList([only]), store: createMemoryStore() });
    await clock.sleep(3_000);
    events.length = 0;
    reading.read({ start: 90 * MIB, end: 91 * MIB });
    await clock.sleep(1_500);
    const indexes = events.flatMap((event) => (event.type === "piece-verified" ? event.pieceIndex : []));
    expect(indexes.length).toBeGreaterThan(2);
    for (const index of indexes.slice(1)) expect(index).toBeGreaterThanOrEqual(90);
    stop.abort();
    await expect(done).rejects.toMatchObject({ code: "aborted" });
  });

  it("waits when the last source leaves a reader without what it needs, and goes on with the next", async () => {
    const { source, options, clock, eventsOf } = await createDownloadScene();
    const reading = createReadingPosition(12 * MIB);
    const list = createSourceList([source("a", { bytesPerSecond: MIB })]);
    const store = createMemoryStore();
    const done = download({ ...options, reading, sources: list, store });
    reading.read({ start: 0, end: MIB });
    await clock.sleep(1_500);
    list.remove("a");
    await clock.sleep(1_000);
    expect(eventsOf("waiting")).toHaveLength(1);
    list.add(source("b"));
    await done;
    expect(eventsOf("resumed")).toHaveLength(1);
  });
});
