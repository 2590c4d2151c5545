import { describe, expect, it } from "vitest";
import { parseRemembered, withRecent, without, withSaved } from "./remembered-searches.ts";
import { parseSearch } from "./search-query.ts";

const none = parseRemembered(null);
const search = (query: string) => parseSearch(`?${query}`);

describe("withRecent()", () => {
  it("keeps eight, the newest first, each once", () => {
    let all = none;
    for (const letter of "abcdefghij") all = withRecent(all, search(`q=${letter}`));
    expect(all.recent.map((url) => url.at(-1)).join("")).toBe("jihgfedc");
    expect(
      withRecent(all, search("q=f"))
        .recent.map((url) => url.at(-1))
        .join(""),
    ).toBe("fjihgedc");
  });

  it("forgets the beginnings of what was typed, and how it was shown", () => {
    const all = withRecent(withRecent(none, search("q=be")), search("q=bees&view=grid"));
    expect(all.recent).toEqual(["/?q=bees"]);
  });

  it("takes neither what finds everything nor what is saved", () => {
    expect(withRecent(none, search("sort=name"))).toBe(none);
    const saved = withSaved(none, search("kind=image"));
    expect(withRecent(saved, search("kind=image"))).toBe(saved);
  });
});

it("withSaved() moves a recent one, and without() forgets it", () => {
  const all = withSaved(withRecent(none, search("q=bees")), search("q=bees"));
  expect(all).toEqual({ recent: [], saved: ["/?q=bees"] });
  expect(without(all, "/?q=bees")).toEqual(none);
});

it.each([
  ["nonsense", none],
  ["null", none],
  ['{"recent": 7, "saved": [7, "https://evil.example/", "/?view=grid"]}', none],
  ['{"saved": ["/?kind=image&evil=1", "/?kind=image"]}', { recent: [], saved: ["/?kind=image"] }],
])("parseRemembered() of %s keeps what makes sense", (text, all) => {
  expect(parseRemembered(text)).toEqual(all);
});
