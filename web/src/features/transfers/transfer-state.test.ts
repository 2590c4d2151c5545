import { fileIdOf } from "@panal/sdk/content";
import type { SourceProgress } from "@panal/sdk/transfer";
import { describe, expect, it } from "vitest";
import { PieceMark, type TransferChange } from "../../engine/engine-api.ts";
import { FROM_BEFORE } from "./piece-board.ts";
import { NO_SPEEDS } from "./speed-history.ts";
import { applyChanges, isUnderWay, type Transfer } from "./transfer-state.ts";

const LENGTH = 4_000_000;
const fresh: Transfer = {
  fileId: fileIdOf(new Uint8Array(32).fill(1), LENGTH),
  name: "nectar.bin",
  length: LENGTH,
  target: { type: "browser" },
  phase: { type: "starting" },
  isWhole: true,
  verifiedBytes: 0,
  bytesPerSecond: 0,
  speeds: NO_SPEEDS,
  sources: [],
};
const joined = (sourceId: string, index: number): TransferChange => ({
  type: "source",
  sourceId,
  index,
  name: sourceId.toUpperCase(),
  route: "direct",
});
const started = (have: number[] = []): TransferChange => ({
  type: "started",
  length: LENGTH,
  pieceCount: 4,
  have,
});
const progress = (
  verifiedBytes: number,
  sources: [string, number, SourceProgress["state"]?, SourceProgress["route"]?][],
): TransferChange => ({
  type: "progress",
  progress: {
    length: LENGTH,
    verifiedBytes,
    resumedBytes: 0,
    bytesPerSecond: 500,
    secondsLeft: 7,
    state: "running",
    sources: sources.map(([sourceId, bytes, state = "active", route = "direct"]) => ({
      sourceId,
      name: sourceId,
      route,
      state,
      verifiedBytes: bytes,
      verifiedBytesBy: { direct: 0, gateway: 0, relay: 0, [route]: bytes },
      wastedBytes: { corrupt: 4, failed: 2, duplicate: 1, cancelled: 0 },
      bytesPerSecond: 250,
      failures: 1,
    })),
  },
});

describe("applyChanges()", () => {
  it("draws pieces as they are asked for and verified", () => {
    const { requested, verified } = PieceMark;
    const { board } = applyChanges(
      fresh,
      [
        joined("a", 0),
        started([3]),
        { type: "pieces", triples: [0, 0, requested, 1, 0, requested, 0, 0, verified] },
      ],
      5,
    );
    expect([...board!.marks]).toEqual([verified, requested, 0, verified]);
    expect([...board!.sources]).toEqual([0, 0, FROM_BEFORE, FROM_BEFORE]);
    expect(board!.verifiedCount).toBe(2);
  });

  it("takes a verified piece back for nothing", () => {
    const { board } = applyChanges(
      fresh,
      [started([0]), { type: "pieces", triples: [0, 1, PieceMark.failed, 0, 1, PieceMark.requested] }],
      0,
    );
    expect(board!.marks[0]).toBe(PieceMark.verified);
  });

  it("keeps a piece requested when another source has it by now", () => {
    const { board } = applyChanges(
      fresh,
      [
        started(),
        {
          type: "pieces",
          triples: [2, 0, PieceMark.requested, 2, 1, PieceMark.requested, 2, 0, PieceMark.absent],
        },
      ],
      0,
    );
    expect(board!.marks[2]).toBe(PieceMark.requested);
  });

  it("names the liar and forgets what it was asked for", () => {
    const transfer = applyChanges(
      fresh,
      [
        joined("a", 0),
        joined("b", 1),
        started(),
        { type: "pieces", triples: [0, 1, PieceMark.requested, 1, 0, PieceMark.requested] },
        { type: "source-dropped", sourceId: "b", code: "corrupt", reason: "piece 0", isLying: true },
        progress(0, [
          ["a", 0],
          ["b", 0, "dropped"],
        ]),
      ],
      0,
    );
    expect(transfer.sources[1]).toMatchObject({ isLying: true, state: "dropped", droppedCode: "corrupt" });
    expect([...transfer.board!.marks]).toEqual([PieceMark.absent, PieceMark.requested, 0, 0]);
  });

  it("adds up a peer that left and came back, and runs before a pause", () => {
    const paused = applyChanges(
      fresh,
      [
        joined("a", 0),
        started(),
        progress(3_000_000, [
          ["a", 1_000_000, "left"],
          ["a", 2_000_000],
        ]),
        { type: "paused" },
      ],
      0,
    );
    expect(paused).toMatchObject({ bytesPerSecond: 0, phase: { type: "paused" } });
    expect(paused.secondsLeft).toBeUndefined();
    expect(paused.sources).toMatchObject([{ verifiedBytes: 3_000_000, wastedBytes: 14, state: "idle" }]);
    expect(paused.sources).toMatchObject([{ bytesPerSecond: 0 }]);
    const resumed = applyChanges(
      paused,
      [
        { type: "finding" },
        joined("a", 0),
        started([0, 1, 2]),
        progress(4_000_000, [["a", 1_000_000, "active", "gateway"]]),
      ],
      0,
    );
    const verifiedBytesBy = { direct: 3_000_000, gateway: 1_000_000, relay: 0 };
    expect(resumed.sources).toMatchObject([{ verifiedBytes: 4_000_000, verifiedBytesBy, route: "gateway" }]);
    expect(resumed.sources).toHaveLength(1);
  });

  it("remembers how fast it was, and how fast and how often at fault each peer", () => {
    const first = applyChanges(fresh, [joined("a", 0), started(), progress(1, [["a", 1]])], 1_000);
    const { speeds, sources } = applyChanges(first, [progress(2, [["a", 2]])], 2_000);
    expect(speeds.values).toEqual([500, 500]);
    expect(sources).toMatchObject([{ speeds: { values: [250, 250] }, failures: 1 }]);
    const cameBack = progress(3, [
      ["a", 1, "left"],
      ["a", 2],
    ]);
    expect(applyChanges(first, [cameBack], 3_000).sources).toMatchObject([{ failures: 2 }]);
  });

  it("keeps the colours of pieces over a pause", () => {
    const first = applyChanges(
      fresh,
      [
        joined("a", 0),
        started(),
        { type: "pieces", triples: [0, 0, PieceMark.verified] },
        { type: "paused" },
      ],
      0,
    );
    const { board } = applyChanges(first, [started([0, 1])], 0);
    expect(Array.from(board!.sources).slice(0, 2)).toEqual([0, FROM_BEFORE]);
  });

  it("says why it failed", () => {
    const failed = applyChanges(fresh, [{ type: "failed", code: "no-space", message: "full" }], 0);
    expect(failed.phase).toEqual({ type: "failed", code: "no-space", message: "full" });
    expect(isUnderWay(failed)).toBe(false);
    expect(isUnderWay(fresh)).toBe(true);
  });
});
