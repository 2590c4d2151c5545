import type { FilesQuery } from "@panal/sdk/tracker";
import { expect, it } from "vitest";
import { countChoices, type CountedFilter } from "./filter-counts.ts";
import { parseSearch } from "./search-query.ts";

const NONE = { video: 0, audio: 0, image: 0, document: 0, archive: 0, other: 0 };
const nowMs = Date.UTC(2026, 5, 1);

function count(
  search: string,
  choices: string[],
  answer: (query: FilesQuery) => object,
  { filter = "size", isCorrected = false }: { filter?: CountedFilter; isCorrected?: boolean } = {},
) {
  const asked: FilesQuery[] = [];
  const counts = countChoices(parseSearch(search), {
    filter,
    choices,
    isCorrected,
    nowMs,
    fetchPage: async (query) => {
      asked.push(query);
      return { kinds: NONE, ...answer(query) };
    },
  });
  return counts.then((map) => ({ counts: Object.fromEntries(map), asked }));
}

it("countChoices() asks for each choice with everything else as it is", async () => {
  const { counts, asked } = await count("?q=bees&size=1G-&date=week", ["1G-", "0-1M"], ({ maxSize }) => ({
    kinds: { ...NONE, video: maxSize === undefined ? 5 : 2, audio: 1 },
  }));
  const q = "bees modified:>=2026-05-25";
  expect(asked).toEqual([
    { q, sort: "relevance", limit: 1, minSize: 1_000_000_000 },
    { q, sort: "relevance", limit: 1, maxSize: 999_999 },
  ]);
  expect(counts).toEqual({ "1G-": { count: 6, isCapped: false }, "0-1M": { count: 3, isCapped: false } });
});

it("countChoices() counts the kind that is chosen, and says when there may be more", async () => {
  const { counts } = await count("?kind=audio", ["1G-"], () => ({
    kinds: { ...NONE, video: 5, audio: 1 },
    isCapped: true,
  }));
  expect(counts).toEqual({ "1G-": { count: 1, isCapped: true } });
});

it("countChoices() doesn't count what is answered for other words, unless those are what is shown", async () => {
  const others = () => ({ kinds: { ...NONE, video: 5 }, didYouMean: "beer" });
  expect((await count("?q=beef", ["1G-"], others)).counts).toEqual({ "1G-": { count: 0, isCapped: false } });
  expect((await count("?q=beef", ["1G-"], others, { isCorrected: true })).counts).toMatchObject({
    "1G-": { count: 5 },
  });
});

it("countChoices() asks for so many and no more", async () => {
  const { asked } = await count(
    "",
    Array.from({ length: 100 }, (_, index) => `peer-${index}`),
    () => ({}),
    { filter: "peer" },
  );
  expect(asked).toHaveLength(24);
});
