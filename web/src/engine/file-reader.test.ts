import { PanalError } from "@panal/sdk";
import { fileIdOf } from "@panal/sdk/content";
import { describe, expect, it } from "vitest";
import { createFileReader } from "./file-reader.ts";

const PIECE = 1024 * 1024;
const LENGTH = 4 * PIECE + 10;
const fileId = fileIdOf(new Uint8Array(32).fill(5), LENGTH);
const signal = new AbortController().signal;

function setUp() {
  const read: [number, number][] = [];
  const reader = createFileReader(fileId, {
    async read({ start, end }) {
      read.push([start, end]);
      return new Uint8Array(end - start);
    },
  });
  const started = (have: number[]) =>
    reader.take({ type: "started", length: LENGTH, pieceLength: PIECE, pieceCount: 5, have });
  const verified = (pieceIndex: number) =>
    reader.take({ type: "piece-verified", pieceIndex, sourceId: "a", bytes: PIECE });
  return { reader, read, started, verified };
}

describe("createFileReader()", () => {
  it("gives what is verified from there on, up to the first piece that isn't", async () => {
    const { reader, read, started } = setUp();
    started([0, 1, 3]);
    await reader.read({ start: 10, end: 4 * PIECE }, signal);
    await reader.read({ start: 3 * PIECE + 1, end: LENGTH }, signal);
    await reader.read({ start: 5, end: 7 }, signal);
    expect(read).toEqual([
      [10, 2 * PIECE],
      [3 * PIECE + 1, 4 * PIECE],
      [5, 7],
    ]);
  });

  it("waits for its piece and for no other, and reads nothing that isn't verified", async () => {
    const { reader, read, started, verified } = setUp();
    const reading = reader.read({ start: 2 * PIECE, end: LENGTH }, signal);
    started([]);
    verified(3);
    verified(1);
    await new Promise(setImmediate);
    expect(read).toEqual([]);
    verified(2);
    expect(await reading).toHaveLength(2 * PIECE);
    expect(read).toEqual([[2 * PIECE, 4 * PIECE]]);
  });

  it("gives the last piece, which is short", async () => {
    const { reader, started } = setUp();
    started([4]);
    expect(await reader.read({ start: 4 * PIECE, end: LENGTH }, signal)).toHaveLength(10);
  });

  it("tells the download where somebody reads", async () => {
    const { reader, started } = setUp();
    started([2]);
    await reader.read({ start: 2 * PIECE, end: 3 * PIECE }, signal);
    expect(reader.reading.windows(PIECE)[0]).toEqual({ start: 2, end: 5 });
    expect(reader.reading.isWholeWanted).toBe(false);
  });

  it("rejects who waits when the download fails, and when nobody waits any more", async () => {
    const { reader, started } = setUp();
    started([]);
    const failing = expect(reader.read({ start: 0, end: 1 }, signal)).rejects.toMatchObject({
      code: "no-space",
    });
    const stop = new AbortController();
    const stopped = expect(reader.read({ start: 0, end: 1 }, stop.signal)).rejects.toMatchObject({
      code: "aborted",
    });
    stop.abort();
    await stopped;
    reader.end(new PanalError("no-space", "full"));
    await failing;
  });
});
