import { expect, test } from "vitest";
import { createGate } from "./gate.ts";

function crowd(places: number) {
  const gate = createGate(places);
  const inside: string[] = [];
  const all = new Map<string, { leave: () => void; done: Promise<void> }>();
  return {
    inside,
    enter(name: string, weight?: number, signal?: AbortSignal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const work = () => {
        inside.push(name);
        return promise;
      };
      const done = gate.run(work, weight, signal);
      all.set(name, { leave: resolve, done });
      return done;
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
  for (const name of ["a", "b", "c", "d"]) void enter(name);
  expect(inside).toEqual(["a", "b"]);
  await leave("b");
  expect(inside).toEqual(["a", "c"]);
  await leave("a");
  await leave("c");
  expect(inside).toEqual(["d"]);
});

test("run() lets no light ones pass a heavy one that waits, and lets in what is heavier than all", async () => {
  const { enter, leave, inside } = crowd(10);
  void enter("a", 6);
  void enter("huge", 99);
  void enter("b", 1);
  expect(inside).toEqual(["a"]);
  await leave("a");
  expect(inside).toEqual(["huge"]);
  void enter("c", 9);
  await leave("huge");
  expect(inside).toEqual(["b", "c"]);
});

test("run() gives out what there is, in the order it was asked for", async () => {
  const { enter, leave, inside } = crowd(4);
  void enter("first", 3);
  void enter("many", 4);
  void enter("few", 1);
  expect(inside).toEqual(["first"]);
  await leave("first");
  expect(inside).toEqual(["many"]);
  await leave("many");
  expect(inside).toEqual(["few"]);
});

test("run() has no more than there is left when something heavier than all has gone", async () => {
  const { enter, leave, inside } = crowd(2);
  void enter("huge", 5);
  await leave("huge");
  void enter("all", 2);
  void enter("more", 1);
  expect(inside).toEqual(["all"]);
});

test("run() forgets who doesn't wait any longer, and lets those behind in", async () => {
  const { enter, inside } = crowd(2);
  void enter("first", 1);
  const leaving = new AbortController();
  const large = enter("large", 2, leaving.signal);
  void enter("small", 1);
  leaving.abort();
  await expect(large).rejects.toMatchObject({ code: "aborted" });
  expect(inside).toEqual(["first", "small"]);
  await expect(enter("late", 1, leaving.signal)).rejects.toMatchObject({ code: "aborted" });
  expect(inside).toEqual(["first", "small"]);
});

test("run() doesn't start what is given up in the moment of its turn", async () => {
  const { enter, inside } = crowd(2);
  void enter("first", 1);
  const [ofLarge, ofSmall] = [new AbortController(), new AbortController()];
  const large = enter("large", 2, ofLarge.signal);
  const small = enter("small", 1, ofSmall.signal);
  ofLarge.abort();
  ofSmall.abort();
  await expect(large).rejects.toMatchObject({ code: "aborted" });
  await expect(small).rejects.toMatchObject({ code: "aborted" });
  void enter("next", 1);
  expect(inside).toEqual(["first", "next"]);
});

test("run() leaves alone what runs, whatever its signal says", async () => {
  const { enter, leave, inside } = crowd(1);
  const ending = new AbortController();
  void enter("first", 1, ending.signal);
  void enter("second");
  ending.abort();
  expect(inside).toEqual(["first"]);
  await leave("first");
  expect(inside).toEqual(["second"]);
});

test("run() gives its places back when the work fails", async () => {
  const gate = createGate(1);
  await expect(gate.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await gate.run(async () => "yes")).toBe("yes");
});
