import { expect, test } from "vitest";
import { createChunkMemory } from "./chunk-memory.ts";

test("take() gives what came back, and never what is out", () => {
  const memory = createChunkMemory();
  const [first, second] = [memory.take(), memory.take()];
  expect(second).not.toBe(first);
  memory.giveBack(first);
  expect(memory.take()).toBe(first);
  memory.forget(first);
  expect(memory.take()).not.toBe(first);
  expect(memory.largeTaken).toBe(2);
});

test("when all large blocks are out, others are small", () => {
  const memory = createChunkMemory(2);
  const [first, , third] = [memory.take(), memory.take(), memory.take()];
  expect(third.length).toBeLessThan(first.length);
  memory.giveBack(third);
  expect(memory.largeTaken).toBe(2);
  memory.giveBack(first);
  expect(memory.take()).toBe(first);
});
