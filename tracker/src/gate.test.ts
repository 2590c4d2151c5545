import { expect, test } from "vitest";
import { createGate } from "./gate.ts";

function crowd(places: number) {
  const gate = createGate(places);
  const inside: string[] = [];
  const all = new Map<string, { leave: () => void; done: Promise<void> }>();
  return {
    inside,
    enter(name: string, weight?: number) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const done = gate.run(() => {
        inside.push(name);
        return promise;
      }, weight);
      all.set(name, { leave: resolve, done });
    },
    async leave(name: string) {
      const { leave, done } = all.get(name)!;
      leave();
      await done;
      inside.splice(inside.indexOf(name), 1);
    },
  };
}

test("run() lets so many in, and the next in line for each that leaves", async () => {
  const { enter, leave, inside } = crowd(2);
  for (const name of ["a", "b", "c", "d"]) enter(name);
  expect(inside).toEqual(["a", "b"]);
  await leave("b");
  expect(inside).toEqual(["a", "c"]);
  await leave("a");
  await leave("c");
  expect(inside).toEqual(["d"]);
});

test("run() lets no light ones pass a heavy one that waits, and lets in what is heavier than all", async () => {
  const { enter, leave, inside } = crowd(10);
  enter("a", 6);
  enter("huge", 99);
  enter("b", 1);
  expect(inside).toEqual(["a"]);
  await leave("a");
  expect(inside).toEqual(["huge"]);
  enter("c", 9);
  await leave("huge");
  expect(inside).toEqual(["b", "c"]);
});

test("run() gives its places back when the work fails", async () => {
  const gate = createGate(1);
  await expect(gate.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await gate.run(async () => "yes")).toBe("yes");
});
