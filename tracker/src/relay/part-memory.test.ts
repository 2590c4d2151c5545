import { expect, test } from "vitest";
import { createPartMemory } from "./part-memory.ts";

const KIB = 1024;

test("take() gives as much as was asked for, in blocks", () => {
  const memory = createPartMemory();
  expect(memory.take(200 * KIB).map(({ length }) => length / KIB)).toEqual([64, 64, 64, 8]);
  expect(memory.take(40 * KIB).map(({ length }) => length / KIB)).toEqual([40]);
  expect(memory.take(0)).toEqual([]);
});

test("what the last one dropped is used again, as a whole, and not before", () => {
  const memory = createPartMemory();
  const [block] = memory.take(40 * KIB) as [Buffer];
  const part = block.subarray(5, 10);
  memory.hold(part);
  memory.drop(block);
  expect(memory.take(64 * KIB)[0]!.buffer).not.toBe(block.buffer);
  memory.drop(part);
  const [again] = memory.take(64 * KIB) as [Buffer];
  expect(again.buffer).toBe(block.buffer);
  expect(again).toHaveLength(64 * KIB);
});

test("what is dropped once too often, or from elsewhere, is given to nobody", () => {
  const memory = createPartMemory();
  const [block] = memory.take(64 * KIB) as [Buffer];
  const foreign = Buffer.alloc(64 * KIB);
  for (const bytes of [block, block, foreign]) memory.drop(bytes);
  const [first, second, third] = [0, 1, 2].map(() => memory.take(64 * KIB)[0]!.buffer);
  expect(first).toBe(block.buffer);
  expect(new Set([first, second, third, foreign.buffer]).size).toBe(4);
});
