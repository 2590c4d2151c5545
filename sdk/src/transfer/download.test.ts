import { beforeAll, describe, expect, it } from "vitest";
import type { FileId } from "../content/file-id.ts";
import { type Manifest, manifestOf } from "../content/manifest.ts";
import { equalBytes, hashBlocksPortably } from "../content/merkle.ts";
import { PieceSet } from "../content/piece-set.ts";
import { PanalError } from "../errors.ts";
import { pour } from "./byte-sink.ts";
import { download } from "./download.ts";
import type { DownloadEvent } from "./events.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createRateLimit } from "./rate-limit.ts";
import type { Source } from "./source.ts";
import { createSourceList } from "./source-list.ts";
import { type FakeSourceOptions, createFakeSource } from "./testing/fake-source.ts";
import { createVirtualClock } from "./testing/virtual-clock.ts";

const MIB = 1024 * 1024;
/** Eleven pieces and a bit. */
const LENGTH = 11 * MIB + 4321;
const PIECES = 12;

let content: Uint8Array;
let manifest: Manifest;

beforeAll(async () => {
  content = new Uint8Array(LENGTH);
  for (let i = 0; i < LENGTH; i++) content[i] = (i * 31) ^ (i >> 9);
  manifest = await manifestOf([content], LENGTH, hashBlocksPortably);
});

function setUp() {
  const clock = createVirtualClock();
  const events: DownloadEvent[] = [];
  return {
    clock,
    events,
    eventsOf: <T extends DownloadEvent["type"]>(type: T) =>
      events.filter((event): event is Extract<DownloadEvent, { type: T }> => event.type === type),
    source: (id: string, options: Partial<FakeSourceOptions> = {}) =>
      createFakeSource({ id, content, manifest, clock, bytesPerSecond: 10 * MIB, ...options }),
    options: {
      fileId: manifest.fileId,
      clock,
      random: () => 0.5,
      onEvent: (event: DownloadEvent) => events.push(event),
    },
  };
}

/** Not by toEqual(), which takes seconds for megabytes. */
function expectWhole(bytes: Uint8Array | undefined, expected = content): void {
  expect(bytes !== undefined && equalBytes(bytes, expected)).toBe(true);
}

function lost(): never {
  throw new PanalError("unreachable", "connection lost");
}

describe("download()", () => {
  it("brings the whole file from one source and tells so", async () => {
    const { source, options, events } = setUp();
    const store = createMemoryStore();
    const result = await download({ ...options, sources: [source("a")], store });
    expectWhole(store.bytes);
    expect(result).toMatchObject({ length: LENGTH, resumedBytes: 0, fetchedBytes: LENGTH });
    expect(events[0]).toMatchObject({ type: "source-joined" });
    expect(events.at(-1)).toMatchObject({ type: "completed" });
  });

  it("shares the work among sources by their speed", async () => {
    const { source, options } = setUp();
    const store = createMemoryStore();
    const sources = [source("fast", { bytesPerSecond: 4 * MIB }), source("slow", { bytesPerSecond: MIB })];
    const {
      sources: [fast, slow],
      durationMs,
    } = await download({ ...options, sources, store });
    expectWhole(store.bytes);
    expect(fast!.verifiedBytes).toBeGreaterThan(2 * slow!.verifiedBytes);
    expect(slow!.verifiedBytes).toBeGreaterThan(0);
    // The fast one alone, with two requests at a time, would take 1.4 s.
    expect(durationMs).toBeLessThan(1_700);
  });

  it("drops a source that lies, names it and still gets the file whole", async () => {
    const { source, options, eventsOf } = setUp();
    const store = createMemoryStore();
    const sources = [
      source("liar", { corruptPieces: [0, 1, 2, 3, 4, 5, 6] }),
      source("honest", { bytesPerSecond: MIB }),
    ];
    const result = await download({ ...options, sources, store });
    expectWhole(store.bytes);
    expect(eventsOf("source-dropped")).toMatchObject([{ sourceId: "liar", code: "corrupt", isLying: true }]);
    expect(result.sources[0]).toMatchObject({ state: "dropped", verifiedBytes: 0 });
    expect(result.sources[0]!.wastedBytes.corrupt).toBeGreaterThanOrEqual(MIB);
  });

  it("does not take a liar back when it joins again", async () => {
    const { source, options, eventsOf } = setUp();
    const list = createSourceList([
      source("liar", { corruptPieces: [0] }),
      source("honest", { bytesPerSecond: MIB }),
    ]);
    const onEvent = (event: DownloadEvent) => {
      options.onEvent(event);
      if (event.type === "source-dropped") list.add(source("liar"));
    };
    const result = await download({ ...options, onEvent, sources: list, store: createMemoryStore() });
    expect(eventsOf("source-joined")).toHaveLength(2);
    expect(result.sources.map(({ sourceId }) => sourceId)).toEqual(["liar", "honest"]);
  });

  it("replaces a source that dies half-way", async () => {
    const { source, options, eventsOf } = setUp();
    const store = createMemoryStore();
    const dying = source("dying", {
      beforeChunk: ({ sentBytes }) => (sentBytes > 2.5 * MIB ? lost() : undefined),
    });
    const result = await download({
      ...options,
      sources: [dying, source("b", { bytesPerSecond: MIB })],
      store,
    });
    expectWhole(store.bytes);
    expect(eventsOf("source-failed")[0]).toMatchObject({ sourceId: "dying", reason: "connection lost" });
    const [first, second] = result.sources;
    expect(first!.verifiedBytes + second!.verifiedBytes).toBe(LENGTH);
  });

  it("isn't held up by a source that stalls", async () => {
    const { source, options, clock } = setUp();
    const store = createMemoryStore();
    const stalling = source("stalling", {
      beforeChunk: ({ sentBytes, signal }) =>
        sentBytes > MIB / 2 ? clock.sleep(3_600_000, signal) : undefined,
    });
    const { durationMs } = await download({ ...options, sources: [stalling, source("b")], store });
    expectWhole(store.bytes);
    // The other one alone takes at least 0.6 s.
    expect(durationMs).toBeLessThan(5_000);
  });

  it("gives up a request that brings nothing, when there is only this source", async () => {
    const { source, options, clock, eventsOf } = setUp();
    let stalls = 0;
    const once = source("once", {
      beforeChunk: ({ position, signal }) =>
        position === 0 && stalls++ === 0 ? clock.sleep(3_600_000, signal) : undefined,
    });
    const store = createMemoryStore();
    await download({ ...options, sources: [once], store });
    expectWhole(store.bytes);
    expect(eventsOf("source-failed")).toMatchObject([{ reason: "no byte for 10 s" }]);
  });

  it("waits when no source is left and goes on when one comes", async () => {
    const { source, options, clock, eventsOf } = setUp();
    const list = createSourceList([source("leaving")]);
    const store = createMemoryStore();
    const done = download({ ...options, sources: list, store });
    await clock.sleep(300);
    list.remove("leaving");
    await clock.sleep(60_000);
    expect(eventsOf("waiting")).toHaveLength(1);
    expect(store.bytes).toBeUndefined();
    list.add(source("late"));
    const result = await done;
    expectWhole(store.bytes);
    expect(eventsOf("resumed")).toHaveLength(1);
    expect(result.sources.map(({ state }) => state)).toEqual(["left", "idle"]);
  });

  it("takes a source in that joins while it runs", async () => {
    const { source, options, clock } = setUp();
    const list = createSourceList([source("a", { bytesPerSecond: MIB })]);
    const done = download({ ...options, sources: list, store: createMemoryStore() });
    await clock.sleep(1_000);
    list.add(source("b"));
    const result = await done;
    expect(result.sources[1]!.verifiedBytes).toBeGreaterThan(5 * MIB);
    expect(result.durationMs).toBeLessThan(4_000);
  });

  it("fails with the reasons when an array of sources is used up", async () => {
    const { source, options } = setUp();
    const store = createMemoryStore();
    const failing = download({ ...options, sources: [source("a", { beforeChunk: lost })], store });
    await expect(failing).rejects.toMatchObject({
      code: "unreachable",
      message: "no source left (a: connection lost)",
    });
    expect(store.bytes).toBeUndefined();
  });

  it("fails at once without any source", async () => {
    const { options } = setUp();
    await expect(download({ ...options, sources: [], store: createMemoryStore() })).rejects.toMatchObject({
      code: "not-found",
    });
  });

  it("fails when the only source has only part of the file", async () => {
    const { source, options } = setUp();
    const have = new PieceSet(PIECES);
    have.add(3);
    const failing = download({ ...options, sources: [source("a", { have })], store: createMemoryStore() });
    await expect(failing).rejects.toMatchObject({ code: "not-found" });
  });

  it("fetches only what is missing after it was stopped", async () => {
    const { source, options, events } = setUp();
    const store = createMemoryStore();
    const stop = new AbortController();
    const stopped = download({
      ...options,
      sources: [source("a")],
      store,
      signal: stop.signal,
      onEvent: (event) => {
        options.onEvent(event);
        if (
          event.type === "piece-verified" &&
          events.filter(({ type }) => type === "piece-verified").length === 5
        )
          stop.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: "aborted" });
    const again = await download({ ...options, sources: [source("a")], store });
    expect(again.resumedBytes).toBeGreaterThanOrEqual(5 * MIB);
    expect(again.resumedBytes + again.fetchedBytes).toBe(LENGTH);
    expectWhole(store.bytes);
  });

  it("combines sources that have only parts", async () => {
    const { source, options } = setUp();
    const [even, odd] = [new PieceSet(PIECES), new PieceSet(PIECES)];
    for (let index = 0; index < PIECES; index++) (index % 2 === 0 ? even : odd).add(index);
    const store = createMemoryStore();
    await download({
      ...options,
      sources: [source("even", { have: even }), source("odd", { have: odd })],
      store,
    });
    expectWhole(store.bytes);
  });

  it("asks a source that has only some pieces again, and takes what it gets meanwhile", async () => {
    const { source, options, clock, eventsOf } = setUp();
    const have = new PieceSet(PIECES);
    have.add(7);
    const growing = source("growing", { have });
    const store = createMemoryStore();
    const done = download({ ...options, sources: createSourceList([growing]), store });
    await clock.sleep(60_000);
    expect(eventsOf("waiting")).toHaveLength(1);
    expect(eventsOf("piece-verified")).toMatchObject([{ pieceIndex: 7 }]);
    for (let index = 0; index < PIECES; index++) have.add(index);
    await done;
    expectWhole(store.bytes);
    expect(eventsOf("resumed")).toHaveLength(1);
    expect(eventsOf("source-failed")).toEqual([]);
  });

  it("waits for a source of an array as long as it gets new pieces", async () => {
    const { source, options, clock } = setUp();
    const have = new PieceSet(PIECES);
    const store = createMemoryStore();
    const done = download({ ...options, sources: [source("growing", { have })], store });
    for (let index = 0; index < PIECES; index++) {
      await clock.sleep(8_000);
      have.add(index);
    }
    await done;
    expectWhole(store.bytes);
  });

  it("remembers a source that comes back, its failures too", async () => {
    const { source, options, clock, eventsOf } = setUp();
    let isBroken = true;
    const flapping = () =>
      source("flapping", { beforeChunk: () => (isBroken ? lost() : undefined), bytesPerSecond: MIB });
    const list = createSourceList([flapping()]);
    const done = download({ ...options, sources: list, store: createMemoryStore() });
    for (let round = 0; round < 5; round++) {
      await clock.sleep(1_000);
      list.remove("flapping");
      list.add(flapping());
    }
    // Two requests at a time: without a memory there would be as many failures again after each return.
    const failures = eventsOf("source-failed");
    expect(failures.at(-1)!.retryInMs).toBeGreaterThan(1_000);
    isBroken = false;
    const result = await done;
    expect(result.sources).toHaveLength(1);
    expect(result.sources[0]).toMatchObject({ verifiedBytes: LENGTH, failures: failures.length });
  });

  it("holds itself back to the rate it is given", async () => {
    const { source, options, clock } = setUp();
    const rateLimit = createRateLimit({ bytesPerSecond: MIB, clock });
    const store = createMemoryStore();
    const sources = [source("a"), source("b")];
    const { durationMs } = await download({ ...options, sources, store, rateLimit });
    expectWhole(store.bytes);
    // On the virtual clock: 11 MiB and a bit, less what may come at once.
    expect(durationMs).toBeGreaterThan(10_500);
    expect(durationMs).toBeLessThan(12_000);
  });

  it("gets the manifest from another source when one has a wrong one", async () => {
    const { source, options, eventsOf } = setUp();
    const wrong = source("wrong", {
      beforeManifest: () => {
        throw new PanalError("corrupt", "manifest: another pieces root");
      },
    });
    const store = createMemoryStore();
    await download({ ...options, sources: [wrong, source("right", { latencyMs: 50 })], store });
    expectWhole(store.bytes);
    expect(eventsOf("source-dropped")).toMatchObject([{ sourceId: "wrong", isLying: true }]);
  });

  it("stops with the store's error, closes it, and can be resumed", async () => {
    const { source, options } = setUp();
    const inner = createMemoryStore();
    let closed = 0;
    const full = {
      ...inner,
      write: async (index: number, data: Uint8Array) => {
        if (index === 4) throw new PanalError("no-space", "the disk is full");
        return inner.write(index, data);
      },
      close: async () => {
        closed++;
        return inner.close();
      },
    };
    await expect(download({ ...options, sources: [source("a")], store: full })).rejects.toMatchObject({
      code: "no-space",
    });
    expect(closed).toBe(1);
    const again = await download({ ...options, sources: [source("a")], store: inner });
    expect(again.resumedBytes).toBeGreaterThan(0);
    expectWhole(inner.bytes);
  });

  it("refuses a source that sends less than it was asked for", async () => {
    const { source, options, eventsOf } = setUp();
    const full = source("short");
    const short: Source = {
      ...full,
      read: (fileId, range, readOptions) =>
        full.read(fileId, { start: range.start, end: range.start + 100 }, readOptions),
    };
    const store = createMemoryStore();
    await download({ ...options, sources: [short, source("b")], store });
    expect(eventsOf("source-dropped")).toMatchObject([
      { sourceId: "short", code: "protocol", isLying: false },
    ]);
    expectWhole(store.bytes);
  });

  it("refuses a source that sends more than it was asked for, also after the last byte", async () => {
    const { source, options, eventsOf } = setUp();
    const full = source("long");
    const long: Source = {
      ...full,
      async read(fileId, range, readOptions) {
        await full.read(fileId, range, readOptions);
        await pour(new Uint8Array(1), readOptions.sink);
      },
    };
    const store = createMemoryStore();
    await download({ ...options, sources: [long, source("b", { bytesPerSecond: MIB })], store });
    expect(eventsOf("source-dropped")).toMatchObject([
      { sourceId: "long", code: "protocol", reason: "more bytes than were asked for", isLying: false },
    ]);
    expectWhole(store.bytes);
  });

  it("asks nobody for pieces a file doesn't have, however long a stream takes to end", async () => {
    const { source, options, clock, eventsOf } = setUp();
    const full = source("lingers");
    const lingering: Source = {
      ...full,
      async read(fileId, range, readOptions) {
        await full.read(fileId, range, readOptions);
        await clock.sleep(3_000, readOptions.signal);
      },
    };
    const store = createMemoryStore();
    await download({ ...options, sources: [lingering, source("b", { bytesPerSecond: MIB })], store });
    expect(eventsOf("piece-requested").filter(({ pieceIndex }) => pieceIndex >= PIECES)).toEqual([]);
    expect(eventsOf("source-dropped")).toEqual([]);
    expectWhole(store.bytes);
  });

  it.each([0, 1, MIB - 1, MIB, MIB + 1, 2 * MIB])("brings a file of %i bytes", async (length) => {
    const { options, clock } = setUp();
    const small = content.slice(0, length);
    const known = await manifestOf([small], length, hashBlocksPortably);
    const store = createMemoryStore();
    const source = createFakeSource({ id: "a", content: small, manifest: known, clock });
    await download({ ...options, fileId: known.fileId as FileId, sources: [source], store });
    expectWhole(store.bytes, small);
  });

  it("does nothing when it is stopped before it starts", async () => {
    const { source, options, events } = setUp();
    const signal = AbortSignal.abort();
    await expect(
      download({ ...options, sources: [source("a")], store: createMemoryStore(), signal }),
    ).rejects.toMatchObject({ code: "aborted" });
    expect(events).toEqual([]);
  });
});
