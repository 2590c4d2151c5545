import { describe, expect, it } from "vitest";
import type { FileId } from "../content/file-id.ts";
import { manifestOf } from "../content/manifest.ts";
import { hashBlocksPortably } from "../content/merkle.ts";
import { PanalError } from "../errors.ts";
import { pour } from "./byte-sink.ts";
import { download } from "./download.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createRateLimit } from "./rate-limit.ts";
import type { Source } from "./source.ts";
import { createDownloadScene, lost } from "./testing/download-scene.ts";
import { createFakeSource } from "./testing/fake-source.ts";

const MIB = 1024 * 1024;
/** Of the file that is downloaded here. */
const LENGTH = 11 * MIB + 4321;
const PIECES = 12;

describe("download()", () => {
  it("brings the whole file from one source and tells so", async () => {
    const { source, options, events, expectWhole } = await createDownloadScene();
    const store = createMemoryStore();
    const result = await download({ ...options, sources: [source("a")], store });
    expectWhole(store.bytes);
    expect(result).toMatchObject({ length: LENGTH, resumedBytes: 0, fetchedBytes: LENGTH });
    expect(events[0]).toMatchObject({ type: "source-joined" });
    expect(events.at(-1)).toMatchObject({ type: "completed" });
  });

  it("shares the work among sources by their speed", async () => {
    const { source, options, expectWhole } = await createDownloadScene();
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
    const { source, options, eventsOf, expectWhole } = await createDownloadScene();
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

  it("replaces a source that dies half-way", async () => {
    const { source, options, eventsOf, expectWhole } = await createDownloadScene();
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
    const { source, options, clock, expectWhole } = await createDownloadScene();
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
    const { source, options, clock, eventsOf, expectWhole } = await createDownloadScene();
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

  it("fetches only what is missing after it was stopped", async () => {
    const { source, options, events, expectWhole } = await createDownloadScene();
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

  it("holds itself back to the rate it is given", async () => {
    const { source, options, clock, expectWhole } = await createDownloadScene();
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
    const { source, options, eventsOf, expectWhole } = await createDownloadScene();
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
    const { source, options, expectWhole } = await createDownloadScene();
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
    const { source, options, eventsOf, expectWhole } = await createDownloadScene();
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
    const { source, options, eventsOf, expectWhole } = await createDownloadScene();
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
    const { source, options, clock, eventsOf, expectWhole } = await createDownloadScene();
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
    const { options, clock, expectWhole, content } = await createDownloadScene();
    const small = content.slice(0, length);
    const known = await manifestOf([small], length, hashBlocksPortably);
    const store = createMemoryStore();
    const source = createFakeSource({ id: "a", content: small, manifest: known, clock });
    await download({ ...options, fileId: known.fileId as FileId, sources: [source], store });
    expectWhole(store.bytes, small);
  });

  it("does nothing when it is stopped before it starts", async () => {
    const { source, options, events } = await createDownloadScene();
    const signal = AbortSignal.abort();
    await expect(
      download({ ...options, sources: [source("a")], store: createMemoryStore(), signal }),
    ).rejects.toMatchObject({ code: "aborted" });
    expect(events).toEqual([]);
  });
});
