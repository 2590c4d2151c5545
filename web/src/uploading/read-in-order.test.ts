import { expect, it } from "vitest";
import { readInOrder } from "./read-in-order.ts";

const noWait = async () => {};

/** A file that comes in chunks of these lengths, each byte by where it is; then it breaks off, or is over. */
function fileOf(lengths: readonly number[], failure?: unknown): Blob {
  let at = 0;
  const chunks = lengths.map((length) => Uint8Array.from({ length }, () => at++ & 0xff));
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk !== undefined) controller.enqueue(chunk);
      else if (failure === undefined) controller.close();
      else controller.error(failure);
    },
  });
  return Object.assign(new Blob(), { stream: () => stream });
}

it("readInOrder() gives ranges as they are asked for, however the file comes", async () => {
  const asked: number[] = [];
  const reader = readInOrder(fileOf([1, 300, 0, 7, 1000, 92]), async () => void asked.push(asked.length));
  const ends = [0, 2, 500, 501, 1400];
  const ranges = ends.map((end, index) => ({ start: ends[index - 1] ?? 0, end }));
  const found = await Promise.all(ranges.map((range) => reader.read(range)));
  const whole = Buffer.concat(found);
  expect(found.map(({ length }) => length)).toEqual([0, 2, 498, 1, 899]);
  expect(whole.equals(Buffer.from(Uint8Array.from({ length: 1400 }, (_, at) => at & 0xff)))).toBe(true);
  expect(asked).toEqual([0, 1, 2, 3, 4]);
});

it.each([
  ["ends too early", fileOf([10])],
  ["can't be read any more", fileOf([10], new DOMException("changed", "NotReadableError"))],
])("readInOrder() says changed of a file that %s", async (_, file) => {
  const reader = readInOrder(file, noWait);
  expect(await reader.read({ start: 0, end: 5 })).toHaveLength(5);
  await expect(reader.read({ start: 5, end: 11 })).rejects.toMatchObject({ code: "changed" });
  await expect(reader.read({ start: 11, end: 12 })).rejects.toThrow();
  reader.close();
});
