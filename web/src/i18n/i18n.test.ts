import { describe, expect, it } from "vitest";
import { enSending } from "./en-sending.ts";
import { en } from "./en.ts";
import { esSending } from "./es-sending.ts";
import { es } from "./es.ts";

const placeholders = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).sort();
const english: Record<string, string> = { ...en, ...enSending };
const spanish: Record<string, string> = { ...es, ...esSending };

describe("es", () => {
  it("has every key of en, and only plural forms more", () => {
    const extra = Object.keys(spanish).filter((key) => !(key in english));
    expect(Object.keys(english).filter((key) => !(key in spanish))).toEqual([]);
    expect(extra.filter((key) => !key.endsWith("_many"))).toEqual([]);
  });

  it.each(Object.entries(spanish))("%s names the same values as en", (key, text) => {
    expect(placeholders(text)).toEqual(placeholders(english[key.replace(/_many$/, "_other")] ?? ""));
  });
});

it("no text is empty or written with markup", () => {
  for (const text of [...Object.values(english), ...Object.values(spanish)]) {
    expect(text.trim()).not.toBe("");
    expect(text).not.toMatch(/<\/?\w/);
  }
});

it("every text is said somewhere", () => {
  const all = import.meta.glob<string>("../*/**/*.{ts,tsx}", {
    query: "?raw",
    import: "default",
    eager: true,
  });
  const source = Object.entries(all)
    .flatMap(([path, text]) => (path.startsWith("./") ? [] : text))
    .join("\n");
  expect(source.length).toBeGreaterThan(100_000);
  // Some are put together: `filter.${kind}`.
  const composed = [...source.matchAll(/`(\w+\.[\w.]*)\$\{[^`]*\}`/g)].map(([, start]) => start!);
  const unsaid = Object.keys(english)
    .map((key) => key.replace(/_(one|other)$/, ""))
    .filter((key) => !source.includes(`"${key}"`) && !composed.some((start) => key.startsWith(start)));
  expect(unsaid).toEqual([]);
});
