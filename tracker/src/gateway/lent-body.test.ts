import { PassThrough, Writable } from "node:stream";
import { type BodyReader, PanalError } from "@panal/sdk";
import { expect, test } from "vitest";
import { createChunkMemory } from "./chunk-memory.ts";
import { createLentBody } from "./lent-body.ts";

const IDLE_MS = 60_000;

/** A connection whose bytes come when the test says so. */
function startAnswer() {
  const over = Promise.withResolvers<void>();
  const attached = Promise.withResolvers<BodyReader>();
  return {
    attached: attached.promise,
    end: over.resolve,
    answer: {
      async read(reader: BodyReader) {
        attached.resolve(reader);
        await over.promise;
      },
      async cancel() {
        over.reject(new PanalError("aborted", "cancelled"));
      },
    },
  };
}

/** Receives bytes straight into the reader's memory, as the system does; whether there was any. */
function receive(reader: BodyReader, text: string): boolean {
  const memory = reader.direct();
  if (memory === undefined) return false;
  memory.set(Buffer.from(text));
  reader.filled(text.length);
  return true;
}

/** Takes a chunk when it is told to. */
function slowSink() {
  const written: string[] = [];
  const waiting: (() => void)[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      waiting.push(() => {
        written.push(String(chunk));
        done();
      });
    },
  });
  return { sink, written, takeOne: () => waiting.shift()?.() };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("carryTo() writes what is received straight, and what came elsewhere, in order", async () => {
  const { answer, attached, end } = startAnswer();
  let taken = "";
  const to = new Writable({
    write(chunk: Buffer, _encoding, done) {
      taken += String(chunk);
      done();
    },
  });
  const memory = createChunkMemory();
  const spent: number[] = [];
  const spend = (bytes: number) => {
    spent.push(bytes);
    return 0;
  };
  const done = createLentBody(answer, { memory, idleMs: IDLE_MS }).carryTo(to, { spend });
  const reader = await attached;
  expect(reader.take(Buffer.from("ho"))).toBe(2);
  expect(receive(reader, "ne")).toBe(true);
  await turn();
  expect(reader.take(Buffer.from("y"))).toBe(1);
  end();
  await done;
  expect(taken).toBe("honey");
  expect(spent).toEqual([2, 2, 1]);
  await turn();
  expect(memory.largeTaken).toBe(0);
});

test("carryTo() holds two blocks while nothing is taken, and uses their memory only when they are written", async () => {
  const { answer, attached, end } = startAnswer();
  const { sink, written, takeOne } = slowSink();
  const memory = createChunkMemory();
  const done = createLentBody(answer, { memory, idleMs: IDLE_MS }).carryTo(sink, { spend: () => 0 });
  const reader = await attached;
  expect([receive(reader, "first"), receive(reader, "second"), receive(reader, "third")]).toEqual([
    true,
    true,
    false,
  ]);
  expect(reader.take(Buffer.from("third"))).toBe(0);
  expect(memory.largeTaken).toBe(2);
  let hasRoom = false;
  const room = reader.whenRoom().then(() => (hasRoom = true));
  await turn();
  expect(hasRoom).toBe(false);
  takeOne();
  await room;
  expect(receive(reader, "third")).toBe(true);
  for (let turns = 0; turns < 3; turns++) {
    takeOne();
    await turn();
  }
  end();
  await done;
  expect(written).toEqual(["first", "second", "third"]);
  expect(memory.largeTaken).toBe(0);
});

test("carryTo() takes nothing more until what was spent is made up for", async () => {
  const { answer, attached, end } = startAnswer();
  const waits: { ms: number; goOn: () => void }[] = [];
  const done = createLentBody(answer, { memory: createChunkMemory(), idleMs: IDLE_MS }).carryTo(
    new PassThrough(),
    {
      spend: (bytes) => bytes * 100,
      wait: (ms, goOn) => {
        waits.push({ ms, goOn });
        return () => {};
      },
    },
  );
  const reader = await attached;
  expect(receive(reader, "honey")).toBe(true);
  await turn();
  expect(receive(reader, "comb")).toBe(false);
  expect(waits.map(({ ms }) => ms)).toEqual([500]);
  const room = reader.whenRoom();
  waits[0]!.goOn();
  await room;
  expect(receive(reader, "comb")).toBe(true);
  end();
  await done;
});

test("what a client that left was being sent isn't used again", async () => {
  const { answer, attached } = startAnswer();
  const { sink } = slowSink();
  sink.on("error", () => {});
  const memory = createChunkMemory();
  const done = createLentBody(answer, { memory, idleMs: IDLE_MS }).carryTo(sink, { spend: () => 0 });
  const reader = await attached;
  const block = reader.direct();
  reader.filled(5);
  // One is on its way, and this one waits behind it.
  receive(reader, "comb");
  sink.destroy(new Error("gone"));
  await expect(done).rejects.toMatchObject({ code: "aborted" });
  const others = [memory.take(), memory.take(), memory.take()];
  expect(others).not.toContain(block);
});

test("a client that had left before gets nothing, and the peer is told", async () => {
  const { answer } = startAnswer();
  const to = new PassThrough();
  to.destroy();
  const body = createLentBody(answer, { memory: createChunkMemory(), idleMs: IDLE_MS });
  await expect(body.carryTo(to, { spend: () => 0 })).rejects.toMatchObject({ code: "aborted" });
});
