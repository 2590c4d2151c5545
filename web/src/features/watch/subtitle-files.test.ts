import { fileIdOf } from "@panal/sdk/content";
import { expect, it } from "vitest";
import { stemOf, subtitlesBeside } from "./subtitle-files.ts";

const file = (path: string, size = 1000, root = path.length) => ({
  path,
  size,
  fileId: fileIdOf(new Uint8Array(32).fill(root), size),
  mtime: "2026-01-01T00:00:00Z",
});

it("subtitlesBeside() finds those of the same name in the same folder, and their language", () => {
  const files = [
    file("films/Winter.srt"),
    file("films/Winter.es.vtt"),
    file("films/Winter.en-GB.forced.srt"),
    file("films/Winter 2.srt"),
    file("films/Winter.webm"),
    file("films/extras/Winter.srt", 1000, 99),
    file("films/Winter.de.srt", 5 * 1024 * 1024),
  ];
  expect(subtitlesBeside("films/Winter.webm", files).map(({ label, language }) => [label, language])).toEqual(
    [
      ["Winter.srt", undefined],
      ["Winter.es.vtt", "es"],
      ["Winter.en-GB.forced.srt", "en-GB"],
    ],
  );
});

it("subtitlesBeside() offers each content once, under a name that is safe to show", () => {
  const files = [file("a.srt", 1000, 1), file("a.b.srt", 1000, 1), file("a.\u202Ees.srt", 1000, 2)];
  const labels = subtitlesBeside("a.webm", files).map(({ label }) => label);
  expect(labels).toHaveLength(2);
  expect(labels.join("")).not.toContain("\u202E");
});

it.each([
  ["films/a.b.webm", "films/a.b"],
  ["films.d/noextension", "films.d/noextension"],
])("stemOf(%j) is %j", (path, stem) => {
  expect(stemOf(path)).toBe(stem);
});
