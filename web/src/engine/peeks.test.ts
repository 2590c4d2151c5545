import { fileIdOf } from "@panal/sdk/content";
import { expect, it } from "vitest";
import { MAX_PEEK_PIECES } from "./engine-api.ts";
import type { FileReader } from "./file-reader.ts";
import { createPeeks } from "./peeks.ts";

const MIB = 1024 * 1024;
/** Of 100 pieces of a mebibyte. */
const fileId = fileIdOf(new Uint8Array(32).fill(7), 100 * MIB);
const signal = new AbortController().signal;

/** Everything comes at once. */
function setUp() {
  const started: { reader: FileReader; signal: AbortSignal }[] = [];
  const peeks = createPeeks({
    async fetchQuietly(_fileId, { store, reader, signal }) {
      started.push({ reader, signal });
      const manifest = { fileId, length: 100 * MIB, pieceLength: MIB, pieceCount: 100 };
      await store.open(manifest as Parameters<typeof store.open>[0], { signal });
      reader.take({ type: "started", pieceCount: 100, pieceLength: MIB, have: [] } as never);
      for (let index = 0; index < 20; index++) {
        await store.write(index, new Uint8Array(MIB).fill(index));
        reader.take({ type: "piece-verified", pieceIndex: index } as never);
      }
    },
  });
  return { peeks, started };
}

it("read() gives what was asked for, again and again, and fetches nothing ahead", async () => {
  const { peeks, started } = setUp();
  peeks.open(fileId);
  peeks.open(fileId);
  expect(started).toHaveLength(1);
  const [{ reader }] = started as [(typeof started)[0]];
  const range = { fileId, start: 3 * MIB, end: 3 * MIB + 2 };
  expect(await peeks.read(range, signal)).toEqual(new Uint8Array([3, 3]));
  expect(reader.reading.windows(MIB)).toEqual([{ start: 3, end: 4 }]);
  expect(await peeks.read({ fileId, start: 0, end: 1 }, signal)).toEqual(new Uint8Array([0]));
  expect(await peeks.read(range, signal)).toEqual(new Uint8Array([3, 3]));
});

it.each([
  ["reads on and on", [0, 1, 2, 3], 4],
  ["has read enough", [0, 1, 3, 4, 6, 8, 10, 12], 14],
])("read() keeps who %s waiting until the look is over", async (_who, granted, refused) => {
  const { peeks } = setUp();
  peeks.open(fileId);
  const at = (index: number, ending = signal) =>
    peeks.read({ fileId, start: index * MIB, end: index * MIB + 1 }, ending);
  for (const index of granted) await at(index);
  expect(granted.length).toBeLessThanOrEqual(MAX_PEEK_PIECES);
  const waiting = expect(at(refused)).rejects.toMatchObject({ code: "aborted" });
  await expect(at(refused, AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
  // What is there already can be read all the time.
  await at(0);
  peeks.close(fileId);
  await waiting;
});

it("close() stops it, and nothing can be read any more", async () => {
  const { peeks, started } = setUp();
  const read = () => peeks.read({ fileId, start: 0, end: 1 }, signal);
  await expect(read()).rejects.toMatchObject({ code: "not-found" });
  peeks.open(fileId);
  await read();
  peeks.close(fileId);
  expect(started[0]!.signal.aborted).toBe(true);
  await expect(read()).rejects.toMatchObject({ code: "not-found" });
});
