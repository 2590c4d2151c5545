import { describe, expect, it } from "vitest";
import { safeTree } from "./safe-tree.ts";

describe("safeTree()", () => {
  it("leaves names as they are that can be saved everywhere", () => {
    expect(safeTree(["bees/winter.txt", "bees/summer.txt"])).toEqual(["bees/winter.txt", "bees/summer.txt"]);
  });

  it("leads out of no folder and makes each name safe", () => {
    expect(safeTree(["../a", "con/b?.txt", "bees/..", "x\\..\\y"])).toEqual([
      "file/a",
      "_con/b_.txt",
      "bees/file",
      "y",
    ]);
  });

  it("gives numbers to names that are alike on some system", () => {
    expect(safeTree(["a?.txt", "a*.txt", "A_.TXT"])).toEqual(["a_.txt", "a_ (2).txt", "A_ (3).TXT"]);
  });

  it("lets no file stand where a folder is", () => {
    expect(safeTree(["bees", "Bees/winter.txt"])).toEqual(["bees (2)", "Bees/winter.txt"]);
  });
});
