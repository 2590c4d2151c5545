import { PanalError } from "@panal/sdk";
import { fileIdOf } from "@panal/sdk/content";
import { describe, expect, it } from "vitest";
import type { SaveFile, SaveUpdate } from "./engine-api.ts";
import { createSaving } from "./saving.ts";

const file: SaveFile = { fileId: fileIdOf(new Uint8Array(32), 5), path: "bees/a.txt", modifiedMs: 0 };

function setUp(parts: readonly (Uint8Array<ArrayBuffer> | PanalError)[]) {
  const updates: SaveUpdate[] = [];
  const signals: AbortSignal[] = [];
  const saving = createSaving({
    async *readThrough(_file, signal) {
      signals.push(signal);
      for (const part of parts) {
        if (part instanceof PanalError) throw part;
        yield part;
      }
    },
    tell: (update) => updates.push(update),
  });
  async function readAll(id: string): Promise<number> {
    let bytes = 0;
    for (;;) {
      const part = await saving.read(id);
      if (part.length === 0) return bytes;
      bytes += part.length;
    }
  }
  return { saving, updates, signals, readAll };
}

const whole = [new Uint8Array(2), new Uint8Array(3)];

describe("createSaving()", () => {
  it("knows the length first, gives all, and is done once all was given", async () => {
    const { saving, updates, readAll } = setUp(whole);
    expect(await saving.open({ id: "x", files: [file], isZip: false })).toEqual({ lengthBytes: 5 });
    expect(updates).toEqual([]);
    expect(await readAll("x")).toBe(5);
    expect(updates.map(({ state, givenBytes }) => [state, givenBytes])).toEqual([
      ["running", 2],
      ["running", 5],
      ["done", 5],
    ]);
    await expect(saving.read("x")).rejects.toMatchObject({ code: "not-found" });
  });

  it("gives a ZIP of just the length it said", async () => {
    const { saving, updates, readAll } = setUp(whole);
    const files = [file, { ...file, path: "bees/b.txt" }];
    const { lengthBytes } = await saving.open({ id: "x", files, isZip: true });
    expect(lengthBytes).toBeGreaterThan(10);
    expect(await readAll("x")).toBe(lengthBytes);
    expect(updates.at(-1)).toEqual({ id: "x", state: "done", givenBytes: lengthBytes });
  });

  it.each([
    ["a file that can't be had to its end", [whole[0]!, new PanalError("corrupt", "lied")], "corrupt"],
    ["one that is shorter than its id says", [whole[0]!], "internal"],
  ])("fails, and is never done, with %s", async (_what, parts, code) => {
    const { saving, updates, readAll } = setUp(parts);
    await saving.open({ id: "x", files: [file], isZip: false });
    await expect(readAll("x")).rejects.toMatchObject({ code });
    expect(updates.at(-1)).toMatchObject({ state: "failed", code });
  });

  it("cancel() ends what is being read", async () => {
    const { saving, updates, signals } = setUp(whole);
    await saving.open({ id: "x", files: [file], isZip: false });
    await saving.read("x");
    saving.cancel("x");
    expect(signals[0]?.aborted).toBe(true);
    expect(updates.at(-1)).toMatchObject({ state: "cancelled", givenBytes: 2 });
  });
});
