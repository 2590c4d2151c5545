import { describe, expect, it } from "vitest";
import { PieceSet } from "../content/piece-set.ts";
import type { DownloadEvent } from "./events.ts";
import { download } from "./download.ts";
import { createMemoryStore } from "./memory-store.ts";
import type { Source } from "./source.ts";
import { type SourceProblem, createSourceList } from "./source-list.ts";
import { createDownloadScene, lost } from "./testing/download-scene.ts";

const MIB = 1024 * 1024;
/** Of the file that is downloaded here. */
const LENGTH = 11 * MIB + 4321;
const PIECES = 12;

describe("download() and what it reports of sources", () => {
  it("tells once of a liar, by its first wrong piece", async () => {
    const { source, options } = await createDownloadScene();
    const problems: SourceProblem[] = [];
    const list = createSourceList(
      [source("liar", { corruptPieces: [0, 1, 2] }), source("honest", { bytesPerSecond: MIB })],
      { onProblem: (problem) => problems.push(problem) },
    );
    await download({ ...options, sources: list, store: createMemoryStore() });
    expect(problems).toEqual([{ sourceId: "liar", reason: "corrupt" }]);
  });

  it("tells once of one that doesn't answer, after three failures, when others do", async () => {
    const { source, options, eventsOf } = await createDownloadScene();
    const problems: [SourceProblem, failures: number][] = [];
    const list = createSourceList(
      [source("dead", { beforeChunk: lost }), source("honest", { bytesPerSecond: MIB / 4 })],
      { onProblem: (problem) => problems.push([problem, eventsOf("source-failed").length]) },
    );
    await download({ ...options, sources: list, store: createMemoryStore() });
    expect(problems).toEqual([[{ sourceId: "dead", reason: "unreachable" }, expect.any(Number)]]);
    expect(problems[0]![1]).toBeGreaterThanOrEqual(2);
    expect(eventsOf("source-failed").length).toBeGreaterThan(3);
  });

  it("says nothing of those that don't answer when nobody does, nor of a hiccup", async () => {
    const { source, options, clock, eventsOf } = await createDownloadScene();
    const problems: SourceProblem[] = [];
    let failures = 0;
    const list = createSourceList(
      [source("dead", { beforeChunk: lost }), source("also dead", { beforeChunk: lost })],
      { onProblem: (problem) => problems.push(problem) },
    );
    const done = download({ ...options, sources: list, store: createMemoryStore() });
    await clock.sleep(60_000);
    expect(eventsOf("source-failed").length).toBeGreaterThan(6);
    list.remove("dead");
    list.remove("also dead");
    const hiccup = () => {
      if (failures++ < 2) lost();
    };
    list.add(source("shaky", { beforeChunk: hiccup, bytesPerSecond: MIB }));
    list.add(source("honest", { bytesPerSecond: MIB }));
    await done;
    expect(problems).toEqual([]);
  });
});

describe("download() and sources that come, go, fail and grow", () => {
  it("counts a source's bytes by the way each request went, whatever way it goes by now", async () => {
    const { source, options } = await createDownloadScene();
    const peer = source("peer");
    const moving: Source = {
      ...peer,
      // It goes through the tracker from the second request on.
      get route() {
        return peer.requests.length > 1 ? "gateway" : "direct";
      },
      read(fileId, range, how) {
        how.onRoute?.(peer.requests.length === 0 ? "direct" : "gateway");
        return peer.read(fileId, range, how);
      },
    };
    const result = await download({ ...options, sources: [moving], store: createMemoryStore() });
    const [first] = peer.requests;
    const direct = first!.end - first!.start;
    expect(peer.requests.length).toBeGreaterThan(1);
    expect(result.sources).toMatchObject([
      {
        route: "gateway",
        verifiedBytes: LENGTH,
        verifiedBytesBy: { direct, gateway: LENGTH - direct, relay: 0 },
      },
    ]);
  });

  it("does not take a liar back when it joins again", async () => {
    const { source, options, eventsOf } = await createDownloadScene();
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

  it("waits when no source is left and goes on when one comes", async () => {
    const { source, options, clock, eventsOf, expectWhole } = await createDownloadScene();
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
    const { source, options, clock } = await createDownloadScene();
    const list = createSourceList([source("a", { bytesPerSecond: MIB })]);
    const done = download({ ...options, sources: list, store: createMemoryStore() });
    await clock.sleep(1_000);
    list.add(source("b"));
    const result = await done;
    expect(result.sources[1]!.verifiedBytes).toBeGreaterThan(5 * MIB);
    expect(result.durationMs).toBeLessThan(4_000);
  });

  it("fails with the reasons when an array of sources is used up", async () => {
    const { source, options } = await createDownloadScene();
    const store = createMemoryStore();
    const failing = download({ ...options, sources: [source("a", { beforeChunk: lost })], store });
    await expect(failing).rejects.toMatchObject({
      code: "unreachable",
      message: "no source left (a: connection lost)",
    });
    expect(store.bytes).toBeUndefined();
  });

  it("fails at once without any source", async () => {
    const { options } = await createDownloadScene();
    await expect(download({ ...options, sources: [], store: createMemoryStore() })).rejects.toMatchObject({
      code: "not-found",
    });
  });

  it("fails when the only source has only part of the file", async () => {
    const { source, options } = await createDownloadScene();
    const have = new PieceSet(PIECES);
    have.add(3);
    const failing = download({ ...options, sources: [source("a", { have })], store: createMemoryStore() });
    await expect(failing).rejects.toMatchObject({ code: "not-found" });
  });

  it("combines sources that have only parts", async () => {
    const { source, options, expectWhole } = await createDownloadScene();
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
    const { source, options, clock, eventsOf, expectWhole } = await createDownloadScene();
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
    const { source, options, clock, expectWhole } = await createDownloadScene();
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
    const { source, options, clock, eventsOf } = await createDownloadScene();
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
});
