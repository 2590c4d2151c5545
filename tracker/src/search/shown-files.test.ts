import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatShown, parseShown } from "./shown-files.ts";

describe("a cursor of shown files", () => {
  test("says which were shown, in whatever order they were", () => {
    const files = fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 40 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(files, (shown) => {
        expect(parseShown("best", formatShown("best", shown))).toEqual(
          new Set(shown.toSorted((a, b) => a - b)),
        );
      }),
    );
  });

  test("of all that a search looks at fits a request line", () => {
    const files = Array.from({ length: 3_000 }, (_, n) => 7 + n * 3_333);
    expect(formatShown("best", files).length).toBeLessThan(10_000);
  });

  test.each(["", "best", "best.", "other.AQ", "best.!!!", "best.gA", "best.__________8B", "best.AQ=="])(
    "%j isn't one",
    (cursor) => {
      expect(() => parseShown("best", cursor)).toThrow(/not one of this list/);
    },
  );

  test("whatever it is, it is refused or read", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        try {
          for (const file of parseShown("best", `best.${text}`))
            expect(Number.isSafeInteger(file)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid" });
        }
      }),
    );
  });
});
