import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Part, createListSplitter } from "./list-splitter.ts";

/** What comes of a text that is cut at these places. */
function split(text: string, { cuts = [], partLength = 8, contentType }: SplitOptions = {}): Part[] {
  const splitter = createListSplitter({ partLength, contentType });
  const parts: Part[] = [];
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  for (let index = 1; index < places.length; index++) {
    const part = splitter.push(text.slice(places[index - 1], places[index]));
    if (part !== undefined) parts.push(part);
  }
  return [...parts, splitter.end()];
}
interface SplitOptions {
  cuts?: readonly number[];
  partLength?: number;
  contentType?: string;
}

const valuesOf = (parts: readonly Part[]) => parts.flatMap(({ values }) => values as unknown[]);
/** None longer than a part. */
const short = fc.oneof(fc.string({ maxLength: 8 }), fc.integer(), fc.constant([1, { "[": '"],' }]));
const objects = fc.array(fc.dictionary(fc.string({ maxLength: 8 }), short, { maxKeys: 3 }), {
  maxLength: 30,
});
const cuts = fc.array(fc.nat(), { maxLength: 30 });

describe("a list that is cut anywhere", () => {
  test("has the same values as a JSON array, in order and numbered", () => {
    fc.assert(
      fc.property(objects, cuts, fc.integer({ min: 200, max: 600 }), (values, places, partLength) => {
        for (const indent of [0, 1]) {
          const parts = split(` ${JSON.stringify(values, null, indent)}\n`, { cuts: places, partLength });
          expect(valuesOf(parts)).toEqual(JSON.parse(JSON.stringify(values)));
          let count = 0;
          for (const { values: some, start } of parts) {
            expect(start).toBe(count);
            count += (some as unknown[]).length;
          }
        }
      }),
    );
  });

  test("has the same values as NDJSON", () => {
    fc.assert(
      fc.property(objects, cuts, (values, places) => {
        const text = values.map((value) => JSON.stringify(value)).join("\r\n\n");
        const options = { cuts: places, partLength: 200, contentType: "application/x-ndjson" };
        expect(valuesOf(split(text, options))).toEqual(JSON.parse(JSON.stringify(values)));
      }),
    );
  });
});

test("parts come as soon as there is enough, with all values that are whole", () => {
  const splitter = createListSplitter({ partLength: 10 });
  expect(splitter.push('[{"a":1},')).toBe(undefined);
  expect(splitter.push('{"b":"],"},{"c"')).toEqual({ values: [{ a: 1 }, { b: "]," }], start: 0 });
  expect(splitter.push(":3}")).toBe(undefined);
  expect(splitter.push("]")).toBe(undefined);
  expect(splitter.end()).toEqual({ values: [{ c: 3 }], start: 2 });
});

test("what is no list is given as it is", () => {
  expect(split('"text"', { partLength: 1000 })).toEqual([{ values: "text", start: 0 }]);
});

test.each<[text: string, words: RegExp]>([
  ["", /files: is empty/],
  [" \n", /files: is empty/],
  ["[", /files: is not JSON/],
  ["[1,2", /files: is not JSON/],
  ["[1,2]]", /files: is not JSON/],
  ['[{"a":1}] {"b":2}', /files: is not JSON/],
  ["[1,[2,3]", /files: is not JSON/],
  ["[1,2,]", /files: is not JSON/],
  ["[,1]", /files: is not JSON/],
  ["[1,,2]", /files: is not JSON/],
  ["]", /files: is not JSON/],
  ['{"a":1}\n{oops}\n{"b":2}', /line 2: is not JSON/],
  [`["${"x".repeat(40)}"]`, /files: has a value of more than \d characters/],
])("%j is refused, wherever it is cut", (text, words) => {
  for (let place = 0; place < text.length; place++) {
    for (const partLength of [1, 2, 3, 5, 8]) {
      const cut = () => split(text, { cuts: [place, place + 1], partLength });
      // Of the long one only what is longer than two parts; of the others some come to their end only.
      if (text.length > 40 || partLength * 2 >= text.length) expect(cut).toThrow(words);
      else expect(cut).toThrow();
    }
  }
});
