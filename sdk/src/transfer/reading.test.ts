import { describe, expect, it } from "vitest";
import { createReadingPosition } from "./reading.ts";

const MIB = 1024 * 1024;

function follow(lengthBytes = 1000 * MIB) {
  const reading = createReadingPosition(lengthBytes);
  const told: string[] = [];
  reading.subscribe((change) => told.push(change));
  const read = (start: number) => reading.read({ start, end: start + MIB });
  return { reading, told, read };
}

describe("createReadingPosition()", () => {
  it("wants nothing before somebody reads", () => {
    const { reading } = follow();
    expect(reading.windows(MIB)).toEqual([]);
    expect(reading.isWholeWanted).toBe(false);
  });

  it("has a window that goes along with a reader", () => {
    const { reading, told, read } = follow();
    read(0);
    read(MIB);
    read(2.5 * MIB);
    expect(reading.windows(MIB)).toEqual([{ start: 2, end: 35 }]);
    expect(told).toEqual(["jumped", "moved", "moved"]);
  });

  it("has windows as short as they are to be, for each of its readers", () => {
    const reading = createReadingPosition(1000 * MIB, 1);
    for (const start of [0, 500.5 * MIB]) reading.read({ start, end: start + 1 });
    expect(reading.windows(MIB)).toEqual([
      { start: 500, end: 501 },
      { start: 0, end: 1 },
    ]);
  });

  it("takes a seek for a new reader, whose window comes first, and keeps little of the one before", () => {
    const { reading, told, read } = follow();
    read(10 * MIB);
    read(700 * MIB);
    expect(reading.windows(MIB)).toEqual([
      { start: 700, end: 732 },
      { start: 10, end: 14 },
    ]);
    expect(told.at(-1)).toBe("jumped");
  });

  it("knows a reader that comes back from looking at the end", () => {
    const { reading, told, read } = follow();
    read(0);
    read(999 * MIB);
    read(MIB);
    expect(told).toEqual(["jumped", "jumped", "moved"]);
    expect(reading.windows(MIB)).toEqual([
      { start: 1, end: 33 },
      { start: 999, end: 1000 },
    ]);
  });

  it("forgets the oldest of many readers", () => {
    const { reading, read } = follow();
    for (const start of [100, 200, 300, 400]) read(start * MIB);
    expect(reading.windows(MIB).map(({ start }) => start)).toEqual([400, 300, 200]);
  });

  it("counts in pieces of any length, to the end of the file", () => {
    const { reading, read } = follow(50 * MIB + 1);
    read(49 * MIB);
    expect(reading.windows(16 * MIB)).toEqual([{ start: 3, end: 4 }]);
  });

  it("tells when the whole file is wanted, and when it isn't any more", () => {
    const { reading, told } = follow();
    reading.wantWhole(true);
    expect(reading.isWholeWanted).toBe(true);
    reading.wantWhole(false);
    expect(told).toEqual(["moved", "jumped"]);
  });
});
