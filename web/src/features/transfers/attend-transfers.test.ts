import { fileIdOf } from "@panal/sdk/content";
import { expect, it } from "vitest";
import { attendTransfers } from "./attend-transfers.ts";
import type { Save } from "./saves-store.ts";
import { NO_SPEEDS } from "./speed-history.ts";
import type { Transfer } from "./transfer-state.ts";

const fileId = fileIdOf(new Uint8Array(32).fill(1), 100);
const transfer: Transfer = {
  fileId,
  name: "a.txt",
  length: 100,
  target: { type: "browser" },
  phase: { type: "running" },
  isWhole: true,
  verifiedBytes: 20,
  bytesPerSecond: 0,
  speeds: NO_SPEEDS,
  sources: [],
};
const save: Save = {
  id: "x",
  name: "all.zip",
  fileCount: 2,
  lengthBytes: 300,
  givenBytes: 180,
  state: "running",
};

function setUp() {
  let transfers: readonly Transfer[] = [];
  let saves: readonly Save[] = [];
  let tell = () => {};
  const told: unknown[] = [];
  let heard: unknown;
  attendTransfers({
    transfers: {
      subscribe: (listener) => ((tell = listener), () => true),
      state: () => ({
        transfers: new Map(transfers.map((each) => [each.fileId, each])),
        isCrashed: false,
        isLoaded: true,
      }),
    },
    saves: { subscribe: () => () => true, state: () => saves },
    onBusy: (isBusy) => told.push(isBusy ? "busy" : "idle"),
    onDone: ({ name }) => told.push(`done ${name}`),
    onProgress: (fraction) => told.push(fraction),
    onLook: (items, fraction) => (heard = { states: items.map(({ state }) => state), fraction }),
  });
  const at = (now: { transfers?: readonly Transfer[]; saves?: readonly Save[] }) => {
    transfers = now.transfers ?? [];
    saves = now.saves ?? [];
    tell();
    return told.splice(0);
  };
  return { at, heard: () => heard };
}

it("attendTransfers() tells how far all is together, when something is done, and when nothing runs any more", () => {
  const { at } = setUp();
  expect(at({ transfers: [transfer] })).toEqual([0.2, "busy"]);
  expect(at({ transfers: [transfer], saves: [save] })).toEqual([0.5]);
  const done: Transfer = { ...transfer, phase: { type: "done" } };
  expect(at({ transfers: [done], saves: [save] })).toEqual(["done a.txt", 0.6]);
  expect(at({ transfers: [done], saves: [{ ...save, state: "done" }] })).toEqual([undefined, "idle"]);
});

it("attendTransfers() tells nothing of what an earlier page left, nor of what is only watched", () => {
  const { at } = setUp();
  expect(at({ transfers: [{ ...transfer, phase: { type: "done" } }] })).toEqual([undefined]);
  expect(at({ transfers: [{ ...transfer, isWhole: false }] })).toEqual([undefined]);
});

it("attendTransfers() shows the narrator all that somebody wanted", () => {
  const { at, heard } = setUp();
  const failed = { type: "failed", code: "no-space", message: "full" } as const;
  at({ transfers: [{ ...transfer, phase: failed }], saves: [{ ...save, state: "cancelled" }] });
  expect(heard()).toEqual({ states: ["failed", "resting"], fraction: undefined });
  at({ transfers: [{ ...transfer, phase: { type: "waiting" } }], saves: [save] });
  expect(heard()).toEqual({ states: ["waiting", "moving"], fraction: 0.5 });
  at({ transfers: [{ ...transfer, isWhole: false }] });
  expect(heard()).toEqual({ states: [], fraction: undefined });
});
