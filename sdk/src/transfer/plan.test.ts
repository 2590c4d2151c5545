import { describe, expect, it } from "vitest";
import {
  PIECE_TAKEN,
  PIECE_VERIFIED,
  type PlanRun,
  type PlanSource,
  type PlanState,
  planNext,
} from "./plan.ts";

const MIB = 1024 * 1024;

function source(id: string, options: Partial<PlanSource> = {}): PlanSource {
  return { id, has: () => true, bytesPerSecond: 10 * MIB, freeSlots: 1, ...options };
}

function run(id: number, sourceId: string, next: number, end: number): PlanRun {
  return { id, sourceId, next, end, receivedBytes: 0 };
}

function state(options: Partial<PlanState> & { pieceCount?: number } = {}): PlanState {
  const pieces = options.pieces ?? new Uint8Array(options.pieceCount ?? 100);
  const firstAbsent = pieces.indexOf(0);
  return {
    pieceLength: MIB,
    pieces,
    firstAbsent: firstAbsent < 0 ? pieces.length : firstAbsent,
    absentCount: pieces.filter((piece) => piece === 0).length,
    sources: [],
    runs: [],
    freeRuns: 20,
    ...options,
  };
}

/** Pieces of the given runs are taken, all others verified. */
function endgame(runs: PlanRun[], sources: PlanSource[]): PlanState {
  const pieces = new Uint8Array(100).fill(PIECE_VERIFIED);
  for (const { next, end } of runs) pieces.fill(PIECE_TAKEN, next, end);
  return state({ pieces, runs, sources });
}

describe("planNext()", () => {
  it("gives each source a run of its own, the fastest first", () => {
    const plan = planNext(state({ sources: [source("slow", { bytesPerSecond: MIB }), source("fast")] }));
    expect(plan.map(({ sourceId }) => sourceId)).toEqual(["fast", "slow"]);
    expect(plan[0]!.run.start).toBe(0);
    expect(plan[1]!.run.start).toBe(plan[0]!.run.end);
  });

  it("asks for about three seconds of a source's speed", () => {
    const [assignment] = planNext(
      state({ pieceCount: 1000, sources: [source("a", { bytesPerSecond: 10 * MIB })] }),
    );
    expect(assignment!.run).toEqual({ start: 0, end: 30 });
  });

  it("makes runs shorter as the end nears", () => {
    const sources = [source("a"), source("b")];
    const [assignment] = planNext(state({ pieceCount: 8, sources }));
    expect(assignment!.run).toEqual({ start: 0, end: 2 });
  });

  it("makes no run shorter than a quarter of a second or 16 MiB", () => {
    const lengthAt = (bytesPerSecond: number) =>
      planNext(state({ pieceCount: 20, sources: [source("a", { bytesPerSecond })] }))[0]!.run.end;
    expect([10, 48, 60, 1000].map((speed) => lengthAt(speed * MIB))).toEqual([10, 12, 15, 16]);
  });

  it("asks a source only for pieces it has", () => {
    const [assignment] = planNext(
      state({ sources: [source("a", { has: (piece) => piece >= 7 && piece < 9 })] }),
    );
    expect(assignment!.run).toEqual({ start: 7, end: 9 });
  });

  it("leaves sources alone that have no free slot, and stops at the free runs", () => {
    expect(planNext(state({ sources: [source("a", { freeSlots: 0 })] }))).toEqual([]);
    expect(planNext(state({ sources: [source("a"), source("b")], freeRuns: 1 }))).toHaveLength(1);
    expect(planNext(state({ sources: [source("a")], freeRuns: 0 }))).toEqual([]);
  });

  it("takes the rarest pieces first when sources have only some, from its own place on", () => {
    const holders = new Uint16Array(100).fill(2);
    holders.fill(1, 50, 55);
    const sources = [source("whole")];
    expect(planNext(state({ sources, holders }))[0]!.run.start).toBe(50);
    holders.fill(0, 80, 82);
    expect(planNext(state({ sources, holders }))[0]!.run.start).toBe(80);
    holders.fill(0);
    expect(planNext(state({ sources, holders, beginAt: 33 }))[0]!.run.start).toBe(33);
    const tail = source("tail", { has: (piece) => piece < 10 });
    expect(planNext(state({ sources: [tail], holders, beginAt: 33 }))[0]!.run.start).toBe(0);
  });

  it("lets what somebody is reading along come before what is rare", () => {
    const holders = new Uint16Array(100).fill(1, 0, 90);
    const [assignment] = planNext(
      state({ sources: [source("a")], holders, windows: [{ start: 40, end: 42 }] }),
    );
    expect(assignment!.run.start).toBe(40);
  });

  it("takes first what somebody is reading along", () => {
    const [assignment] = planNext(state({ sources: [source("a")], windows: [{ start: 40, end: 42 }] }));
    expect(assignment!.run.start).toBe(40);
  });

  it("takes the windows of several readers in their order, in small parts, and the rest of the file after them", () => {
    const windows = [
      { start: 90, end: 92 },
      { start: 3, end: 9 },
    ];
    const sources = [source("a", { freeSlots: 9 })];
    const plan = planNext(state({ sources, windows }));
    expect(plan.slice(0, 4).map(({ run }) => run)).toEqual([
      { start: 90, end: 92 },
      { start: 3, end: 7 },
      { start: 7, end: 9 },
      { start: 0, end: 3 },
    ]);
  });

  it("asks for nothing outside the windows when only those are wanted", () => {
    const windows = [{ start: 90, end: 93 }];
    const sources = [source("a", { freeSlots: 9 }), source("b")];
    const plan = planNext(state({ sources, windows, isOnlyWindows: true }));
    expect(plan.map(({ run }) => run)).toEqual([{ start: 90, end: 93 }]);
    expect(planNext(state({ sources, isOnlyWindows: true }))).toEqual([]);
  });

  it("steals the tail of the slowest run, shared out by speed", () => {
    const runs = [run(1, "slow", 50, 60), run(2, "fast", 90, 92)];
    const sources = [
      source("slow", { bytesPerSecond: MIB, freeSlots: 0 }),
      source("fast", { bytesPerSecond: 9 * MIB, freeSlots: 0 }),
      source("idle", { bytesPerSecond: 8 * MIB }),
    ];
    expect(planNext(endgame(runs, sources))).toEqual([
      { sourceId: "idle", run: { start: 52, end: 60 }, stolenFrom: 1, isDuplicate: false },
    ]);
  });

  it("races for the last piece of a slow source, but not with more than two", () => {
    const runs = [run(1, "slow", 50, 51)];
    const slow = source("slow", { bytesPerSecond: 1000, freeSlots: 0 });
    expect(planNext(endgame(runs, [slow, source("b"), source("c")]))).toEqual([
      { sourceId: "b", run: { start: 50, end: 51 }, isDuplicate: true },
    ]);
  });

  it("doesn't race for what follows a run that only waits for the end of its stream", () => {
    const slow = source("slow", { bytesPerSecond: 1000, freeSlots: 0 });
    // The second would be a piece past the end of the file.
    for (const done of [50, 100]) {
      expect(planNext(endgame([run(1, "slow", done, done)], [slow, source("b")]))).toEqual([]);
    }
  });

  it("doesn't race against a source that is as fast", () => {
    expect(planNext(endgame([run(1, "a", 50, 51)], [source("a", { freeSlots: 0 }), source("b")]))).toEqual(
      [],
    );
  });

  it("takes over from a source that brings nothing at all", () => {
    const stalled = source("stalled", { bytesPerSecond: 0, freeSlots: 0 });
    expect(planNext(endgame([run(1, "stalled", 50, 60)], [stalled, source("b")]))).toMatchObject([
      { sourceId: "b", run: { end: 60 }, stolenFrom: 1 },
    ]);
  });
});
