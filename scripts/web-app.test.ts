import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isWebAppStale } from "./web-app.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "panal-web-"));
  for (const file of [
    "web/src/app/main.tsx",
    "sdk/src/index.ts",
    "package-lock.json",
    "web/dist/index.html",
  ]) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), "");
  }
  const paths = [
    "web/src/app/main.tsx",
    "web/src/app",
    "web/src",
    "sdk/src/index.ts",
    "sdk/src",
    "package-lock.json",
  ];
  for (const path of paths) await changedAt(path, 1000);
  await changedAt("web/dist/index.html", 2000);
});
afterEach(() => rm(root, { recursive: true }));

async function changedAt(path: string, seconds: number): Promise<void> {
  await utimes(join(root, path), seconds, seconds);
}

it("isWebAppStale() is false when nothing changed since the build", async () => {
  expect(await isWebAppStale(root)).toBe(false);
});

it("isWebAppStale() is true when it was never built", async () => {
  await rm(join(root, "web/dist"), { recursive: true });
  expect(await isWebAppStale(root)).toBe(true);
});

it.each(["web/src/app/main.tsx", "web/src/app", "sdk/src/index.ts", "package-lock.json"])(
  "isWebAppStale() is true when %s is newer than the build",
  async (path) => {
    await changedAt(path, 3000);
    expect(await isWebAppStale(root)).toBe(true);
  },
);
