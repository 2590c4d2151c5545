import { PanalError } from "@panal/sdk";
import { describe, expect, test } from "vitest";
import { createGroupCommit } from "./group-commit.ts";

function grouped({ failing = [] as number[] } = {}) {
  const log: string[] = [];
  let [nowMs, commits] = [0, 0];
  const group = createGroupCommit({
    begin: () => log.push("begin"),
    commit() {
      if (failing.includes(++commits)) throw new Error("disk is full");
      log.push("commit");
    },
    rollback: () => log.push("rollback"),
    now: () => nowMs,
  });
  return { group, log, pass: (ms: number) => (nowMs += ms) };
}

describe("a group commit", () => {
  test("is made when the last writer is done, for all of them", async () => {
    const { group, log } = grouped();
    const [a, b] = [group.open(), group.open()];
    a.write(1, () => log.push("a"));
    const closed = a.close();
    b.write(1, () => log.push("b"));
    expect(log).toEqual(["begin", "a", "b"]);
    await Promise.all([b.close(), closed]);
    expect(log).toEqual(["begin", "a", "b", "commit"]);
  });

  test("is made when there are many rows, or the first are old", async () => {
    const { group, log, pass } = grouped();
    const writer = group.open();
    writer.write(19_999, () => {});
    writer.write(1, () => {});
    expect(log).toEqual(["begin", "commit"]);
    writer.write(1, () => {});
    pass(299);
    writer.write(1, () => {});
    pass(1);
    writer.write(1, () => {});
    expect(log).toEqual(["begin", "commit", "begin", "commit"]);
    await writer.close();
  });

  test("is made before something else", async () => {
    const { group, log } = grouped();
    group.settle();
    const writer = group.open();
    writer.write(1, () => {});
    group.settle();
    expect(log).toEqual(["begin", "commit"]);
    await writer.close();
  });

  test("isn't spoiled by what is refused, and is by what breaks", async () => {
    const { group, log } = grouped();
    const [a, b] = [group.open(), group.open()];
    const fail = (error: Error) => () => {
      throw error;
    };
    a.write(1, () => {});
    expect(() => b.write(1, fail(new PanalError("invalid", "no such time")))).toThrow("no such time");
    expect(log).toEqual(["begin"]);
    expect(() => b.write(1, fail(new Error("disk is full")))).toThrow("disk is full");
    expect(log).toEqual(["begin", "rollback"]);
    await expect(a.close()).rejects.toThrow("disk is full");
    await expect(b.close()).rejects.toThrow("disk is full");
  });

  test("that fails, fails for everybody who wrote in it, whenever they are done", async () => {
    const { group, log } = grouped({ failing: [1] });
    const [a, b, c] = [group.open(), group.open(), group.open()];
    a.write(1, () => {});
    b.write(1, () => {});
    group.settle();
    b.write(1, () => {});
    c.write(1, () => {});
    const closed = [a.close(), b.close(), c.close()];
    expect((await Promise.allSettled(closed)).map(({ status }) => status)).toEqual([
      "rejected",
      "rejected",
      "fulfilled",
    ]);
    expect(log).toEqual(["begin", "rollback", "begin", "commit"]);
  });
});
