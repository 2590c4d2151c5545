import { describe, expect, it } from "vitest";
import { cut, formatTable, textWidth } from "./text-table.ts";

const columns = [
  { title: "name", isFlexible: true },
  { title: "size", align: "right" },
] as const;

describe("formatTable()", () => {
  it("lines columns up", () => {
    expect(
      formatTable(
        columns,
        [
          ["a", "10 B"],
          ["longer", "1.0 MiB"],
        ],
        0,
      ),
    ).toBe(["name       size", "a          10 B", "longer  1.0 MiB"].join("\n"));
  });

  it("cuts the flexible column when the terminal is narrow", () => {
    const lines = formatTable(columns, [["a name that is much too long", "10 B"]], 20).split("\n");
    expect(lines[1]).toBe("a name that i…  10 B");
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(20);
  });

  it("keeps names from outside on one line, without anything that steers the terminal", () => {
    const table = formatTable(columns, [["a\n\u001b[31mb\u202e", "1 B"]], 0);
    expect(table.split("\n")).toHaveLength(2);
    for (const hidden of ["\u001b", "\u202e"]) expect(table).not.toContain(hidden);
  });
});

describe("cut() and textWidth()", () => {
  it("count what a terminal shows: wide letters twice, combining marks not at all", () => {
    expect([textWidth("蜂"), textWidth("e\u0301"), textWidth("🐝")]).toEqual([2, 1, 2]);
    expect(cut("蜂蜂蜂", 5)).toBe("蜂蜂…");
    expect(cut("abc", 3)).toBe("abc");
  });
});
