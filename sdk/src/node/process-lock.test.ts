import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acquireProcessLock } from "./process-lock.ts";

const AT_ONCE = 8;

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "panal-lock-"));
  path = join(folder, "lock");
});
afterEach(() => rm(folder, { recursive: true }));

describe("acquireProcessLock()", () => {
  it.each([
    ["nobody has it", undefined, 50],
    ["its holder is gone", JSON.stringify({ pid: 2 ** 30, started: "1" }), 50],
    ["a crash has left it empty", "", 3],
  ])("gives it to one of many that ask at the same moment, when %s", async (_when, before, rounds) => {
    for (let round = 0; round < rounds; round++) {
      if (before !== undefined) await writeFile(path, before);
      const asked = Array.from({ length: AT_ONCE }, () => acquireProcessLock(path, "it"));
      const outcomes = await Promise.allSettled(asked);
      const locks = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
      expect(locks, `round ${round}`).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "conflict" });
      }
      expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ pid: process.pid });
      await locks[0]!.release();
      expect(await readdir(folder)).toEqual([]);
    }
  });
});
