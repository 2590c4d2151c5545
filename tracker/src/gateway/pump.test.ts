import { PassThrough, Readable, Writable } from "node:stream";
import { expect, test } from "vitest";
import { pump } from "./pump.ts";

const CHUNK = Buffer.alloc(1024, 7);

/** Takes a chunk when it is told to. */
function slowSink() {
  const taken: number[] = [];
  let next: (() => void) | undefined;
  const sink = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      taken.push(chunk.length);
      next = done;
    },
  });
  return {
    sink,
    taken,
    release: () => {
      next?.();
    },
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("pump() reads no faster than the other side takes", async () => {
  let produced = 0;
  const source = new Readable({
    highWaterMark: CHUNK.length,
    read() {
      produced++;
      this.push(produced > 20 ? null : CHUNK);
    },
  });
  const { sink, taken, release } = slowSink();
  const done = pump(source, sink, { spend: () => 0 });
  for (let turns = 0; turns < 50; turns++) await turn();
  expect(taken).toHaveLength(1);
  // What is taken, what waits in the sink, and what the source has ready.
  expect(produced).toBeLessThanOrEqual(4);
  for (let left = 20; left > 0; left--) {
    release();
    await turn();
    await turn();
  }
  await done;
  expect(taken).toHaveLength(20);
});

test("pump() waits when it spends too fast", async () => {
  const waits: { ms: number; goOn: () => void }[] = [];
  const source = Readable.from([CHUNK, CHUNK]);
  const sink = new PassThrough();
  const done = pump(source, sink, {
    spend: (bytes) => bytes,
    wait: (ms, goOn) => {
      waits.push({ ms, goOn });
      return () => {};
    },
  });
  await turn();
  await turn();
  expect(waits.map(({ ms }) => ms)).toEqual([CHUNK.length]);
  expect(sink.readableLength).toBe(CHUNK.length);
  waits[0]!.goOn();
  await turn();
  await turn();
  expect(waits).toHaveLength(2);
  waits[1]!.goOn();
  await done;
  expect(sink.readableLength).toBe(2 * CHUNK.length);
});

test.each(["source", "sink"])("pump() rejects when its %s breaks off", async (which) => {
  const source = new PassThrough();
  const sink = new PassThrough();
  const done = pump(source, sink, { spend: () => 0 });
  source.write(CHUNK);
  (which === "source" ? source : sink).destroy();
  await expect(done).rejects.toMatchObject({ code: "unreachable" });
});

test("pump() leaves errors that come after it to nobody", async () => {
  const source = new PassThrough();
  const sink = new PassThrough();
  const done = pump(source, sink, { spend: () => 0 });
  sink.destroy();
  await expect(done).rejects.toMatchObject({ code: "unreachable" });
  source.destroy(new Error("later"));
  await turn();
  expect(source.errored).toMatchObject({ message: "later" });
});

test("pump() rejects with a source's own error", async () => {
  const source = new PassThrough();
  const done = pump(source, new PassThrough(), { spend: () => 0 });
  source.destroy(new Error("broken comb"));
  await expect(done).rejects.toThrow("broken comb");
});

test("pump() tells of chunks when they are written, and not of those that were cut off", async () => {
  const source = new PassThrough();
  const { sink, release } = slowSink();
  sink.on("error", () => {});
  const written: number[] = [];
  const done = pump(source, sink, { spend: () => 0, onWritten: ({ length }) => written.push(length) });
  source.write(CHUNK);
  await turn();
  expect(written).toEqual([]);
  release();
  await turn();
  expect(written).toEqual([CHUNK.length]);
  source.write(CHUNK);
  await turn();
  sink.destroy(new Error("gone"));
  await expect(done).rejects.toMatchObject({ code: "unreachable" });
  expect(written).toEqual([CHUNK.length]);
});
