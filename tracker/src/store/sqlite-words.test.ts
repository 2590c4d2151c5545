import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { parseSearch } from "../search/parse-search.ts";
import type { Sample } from "./sqlite-sample.ts";
import { type Database, openDatabase } from "./sqlite-schema.ts";
import { wordQuery } from "./sqlite-word-query.ts";
import { createWords } from "./sqlite-words.ts";
import { queryOf } from "./testing/sample-entries.ts";

let db: Database;
beforeEach(() => {
  db = openDatabase(":memory:", { cacheKib: 1024 });
});
afterEach(() => db.close());

const dictionary = () =>
  db.all<{ word: string }>("SELECT word FROM words ORDER BY word").map(({ word }) => word);
const queryFor = (q: string, { sample, enough = 1000 }: { sample?: Sample; enough?: number } = {}) =>
  wordQuery(db, parseSearch(queryOf({ q })), { sample, enough });

describe("the dictionary", () => {
  it("has each word of three letters and more once, and forgets those that no path has any more", () => {
    const words = createWords(db);
    words.add(1, "films/winter bees of 2024.mkv");
    words.add(2, "winter/hi.mkv");
    expect(dictionary()).toEqual(["2024", "bees", "films", "mkv", "winter"]);
    words.remove(1, "films/winter bees of 2024.mkv");
    expect(dictionary()).toEqual(["2024", "bees", "films", "mkv", "winter"]);
    words.dropUnused();
    expect(dictionary()).toEqual(["mkv", "winter"]);
    words.add(3, "bees");
    expect(dictionary()).toEqual(["bees", "mkv", "winter"]);
  });

  it("learns a word anew whose change was taken back", () => {
    const words = createWords(db);
    const add = (name: number) => words.add(name, "winter bees");
    expect(() =>
      db.transaction(() => {
        add(1);
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(dictionary()).toEqual([]);
    add(1);
    expect(dictionary()).toEqual(["bees", "winter"]);
    expect(queryFor("int")?.groups).toEqual([['"winter"']]);
  });
});

describe("wordQuery()", () => {
  beforeEach(() => {
    const words = createWords(db);
    ["winter/midwinter.pdf", "interval.txt", "print-2024/05.jpg", "naïf 写真集.png", "a-b/c++.txt"].forEach(
      (path, index) => words.add(index + 1, path.normalize("NFKD").replace(/[\u0300-\u036f]/g, "")),
    );
  });

  test.each<[string, string[][] | undefined]>([
    ["inte", [["winter", "midwinter", "interval"]]],
    ["winter", [["winter", "midwinter"]]],
    ["nobody", [[]]],
    // Only the ends of what was typed may lie within a word.
    ["rint-2024/0", [["print"], ["2024"], ["0*"]]],
    ['"/interv"', [["interval"]]],
    ["int pdf", [["winter", "midwinter", "interval", "print"], ["pdf"]]],
    ["写真集", [["写真集"]]],
    ["mi", [["mi*"]]],
    ["c++", undefined],
    ["---", undefined],
    ["ext:tar.gz", [["tar"]]],
    // Alone it is nothing to leave out, but what is sought.
    ["-winter", [["winter"]]],
    ["ext:pdf -winter", [["pdf"]]],
  ])("asks for %s by %j", (q, groups) => {
    const query = queryFor(q);
    const terms = query?.groups.map((group) => group.map((term) => term.replaceAll('"', "")));
    expect(terms?.map((group) => group.toSorted())).toEqual(groups?.map((group) => group.toSorted()));
    expect(query?.isPartial ?? false).toBe(false);
  });

  test.each<[string, boolean]>([
    ["inte", true],
    ["int mi", true],
    ["c++ winter", false],
    ["print-2024", false],
    ["winter ext:pdf", false],
    ["winter -bees", false],
    ["winter no", true],
    ["winter .", false],
  ])("knows of %s whether what it gives matches for certain: %s", (q, isExact) => {
    expect(queryFor(q)?.isExact).toBe(isExact);
  });

  it("asks for the most used words only when those are enough, and says so", () => {
    const sample: Sample = {
      namesWith: (word) => ({ midwinter: 9_000, interval: 100 })[word] ?? 1,
      wordsFrom: () => [],
      wordCount: () => 0,
    };
    expect(queryFor("inte", { sample, enough: 4_000 })).toMatchObject({
      groups: [['"midwinter"']],
      isPartial: true,
    });
    expect(queryFor("inte", { sample, enough: 5_000 })).toMatchObject({
      groups: [['"midwinter"', '"interval"', '"winter"']],
      isPartial: false,
    });
  });

  it("leaves out what too many words hold beside another word, and of it alone takes those that begin with it", () => {
    const words = createWords(db);
    for (let n = 0; n < 600; n++) words.add(100 + n, `x${String(n).padStart(4, "0")}zzz`);
    words.add(900, "zzzebra");
    expect(queryFor("zzz winter")?.groups).toHaveLength(1);
    const alone = queryFor("zzz")!;
    expect(alone.isPartial).toBe(true);
    expect(alone.groups[0]).toHaveLength(512);
    expect(alone.groups[0]).toContain('"zzzebra"');
  });
});
