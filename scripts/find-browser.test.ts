import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findBrowser, installedBrowsers } from "./find-browser.ts";
import { findFirefox } from "./find-firefox.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "panal-browsers-"));
  for (const name of ["google-chrome", "chromium", "firefox", "mine"]) writeFileSync(join(folder, name), "");
});
afterAll(() => rmSync(folder, { recursive: true }));

test("installedBrowsers() finds them in PATH, Chromium first, and skips folders without", () => {
  const env = { PATH: ["/no/such/folder", folder].join(delimiter) };
  expect(installedBrowsers(env).slice(0, 2)).toEqual([
    join(folder, "chromium"),
    join(folder, "google-chrome"),
  ]);
});

test("findBrowser() takes only the one PANAL_CHROMIUM names when it names one", () => {
  const named = join(folder, "mine");
  expect(findBrowser({ PATH: folder, PANAL_CHROMIUM: named })).toBe(named);
  expect(installedBrowsers({ PATH: folder, PANAL_CHROMIUM: named })).toEqual([named]);
  expect(() => findBrowser({ PATH: folder, PANAL_CHROMIUM: join(folder, "gone") })).toThrow("PANAL_CHROMIUM");
});

test("findFirefox() takes the one PANAL_FIREFOX names, which must be there, else the one in PATH", () => {
  const named = join(folder, "mine");
  expect(findFirefox({ PATH: folder })).toBe(join(folder, "firefox"));
  expect(findFirefox({ PATH: folder, PANAL_FIREFOX: named })).toBe(named);
  expect(findFirefox({ PATH: "/no/such/folder" })).toBeUndefined();
  expect(() => findFirefox({ PATH: folder, PANAL_FIREFOX: join(folder, "gone") })).toThrow("PANAL_FIREFOX");
});
