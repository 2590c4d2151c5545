import { type FileId, fileIdOf } from "@panal/sdk/content";
import { describe, expect, it } from "vitest";
import { NO_SPEEDS } from "./speed-history.ts";
import { endsOfQueue, inGroups, movedInQueue } from "./transfer-queue.ts";
import type { Transfer, TransferPhase } from "./transfer-state.ts";

function transferOf(number: number, phase: TransferPhase): Transfer {
  const root = new Uint8Array(32);
  new DataView(root.buffer).setUint32(0, number);
  return {
    fileId: fileIdOf(root, 10),
    name: String(number),
    length: 10,
    target: { type: "browser" },
    phase,
    isWhole: true,
    verifiedBytes: 0,
    bytesPerSecond: 0,
    speeds: NO_SPEEDS,
    sources: [],
  };
}

function transfersOf(types: readonly ("queued" | "running" | "paused" | "done" | "failed")[]) {
  const phases = types.map((type): TransferPhase => {
    return type === "failed" ? { type, code: "no-space", message: "full" } : { type };
  });
  return new Map<FileId, Transfer>(
    phases.map((phase, number) => [transferOf(number, phase).fileId, transferOf(number, phase)]),
  );
}

const names = (transfers: readonly Transfer[]) => transfers.map(({ name }) => name).join("");

describe("inGroups()", () => {
  it("has what runs first, the queue in its order, and of what rests the unfinished before the complete", () => {
    const groups = inGroups(
      transfersOf([
        "done",
        "running",
        "failed",
        "queued",
        "running",
        "done",
        "paused",
        "queued",
        "done",
        "queued",
      ]),
    );
    expect(groups.map(names)).toEqual(["41", "379", "62850"]);
  });
});

describe("endsOfQueue()", () => {
  it("counts a queue once for all its rows, and anew when it has changed", () => {
    const transfers = transfersOf(["running", "queued", "queued", "done"]);
    const [one, two] = [...transfers.keys()].slice(1, 3) as [FileId, FileId];
    const ends = endsOfQueue(transfers);
    expect(ends).toEqual({ first: one, last: two });
    expect(endsOfQueue(transfers)).toBe(ends);
    expect(endsOfQueue(movedInQueue(transfers, two, -1))).toEqual({ first: two, last: one });
    expect(endsOfQueue(new Map())).toEqual({ first: undefined, last: undefined });
  });
});
