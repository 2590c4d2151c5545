import fc from "fast-check";
import { expect, test } from "vitest";
import { comparePaths } from "./compare-paths.ts";

test("comparePaths() orders as UTF-8 does", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "b", "/", "\uffee", "🐝", "\ud7ff", "\ue000", "é"),
    maxLength: 6,
  });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(comparePaths(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
