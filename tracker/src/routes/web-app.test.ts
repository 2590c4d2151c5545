import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type TestTracker, createTestTracker } from "../testing/test-tracker.ts";

let folder: string;
let tracker: TestTracker;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "panal-web-"));
  await mkdir(join(folder, "dist", "assets"), { recursive: true });
  await writeFile(join(folder, "secret.txt"), "secret");
  await writeFile(join(folder, "dist", "index.html"), "<!doctype html><title>Panal</title>");
  await writeFile(join(folder, "dist", "assets", "main-a1b2.js"), "export {};");
  await writeFile(join(folder, "dist", "manifest.webmanifest"), "{}");
  await writeFile(join(folder, "dist", "service-worker.js"), "self;");
  await writeFile(join(folder, "dist", ".env.txt"), "secret");
  tracker = createTestTracker({ webDir: join(folder, "dist") });
});
afterEach(async () => {
  await tracker.close();
  await rm(folder, { recursive: true });
});

test.each([
  "/",
  "/f/abc-12",
  "/f/abc-12/watch",
  "/p/peer1",
  "/p/peer1/docs/a%20b",
  "/transfers",
  "/share",
  "/doctor",
])("%s is the app's page, never kept", async (path) => {
  const page = await tracker.call(path);
  expect(page).toMatchObject({ status: 200, body: expect.stringContaining("<title>Panal") });
  expect(page.headers.get("cache-control")).toBe("no-cache");
  const csp = page.headers.get("content-security-policy") ?? "";
  expect(csp).toContain("require-trusted-types-for 'script'");
  expect(csp).not.toMatch(/unsafe-inline|'unsafe-eval'/);
  const again = await tracker.call(path, { headers: { "if-none-match": page.headers.get("etag") ?? "" } });
  expect(again).toMatchObject({ status: 304, body: "" });
});

test("assets are kept for good, other files asked for again", async () => {
  const asset = await tracker.call("/assets/main-a1b2.js");
  expect(asset).toMatchObject({ status: 200, body: "export {};" });
  expect(asset.headers.get("content-type")).toMatch(/^text\/javascript/);
  expect(asset.headers.get("cache-control")).toMatch(/immutable/);
  const manifest = await tracker.call("/manifest.webmanifest");
  expect(manifest.headers.get("cache-control")).toBe("no-cache");
  expect(manifest.headers.get("content-type")).toBe("application/manifest+json");
  expect((await tracker.call("/assets/main-a1b2.js", { method: "HEAD" })).headers.get("content-length")).toBe(
    "10",
  );
});

test("who takes gzip gets the copy that the build made; who doesn't, and where there is none, the file itself", async () => {
  const text = "export const text = 'as long as it is compressed';";
  const packed = gzipSync(text);
  const assets = join(folder, "dist", "assets");
  await writeFile(join(assets, "large-c3d4.js"), text);
  await writeFile(join(assets, "large-c3d4.js.gz"), packed);
  const ask = (path: string, encoding: string) =>
    tracker.app.request(
      `http://localhost:7070${path}`,
      { headers: { "accept-encoding": encoding } },
      { remoteAddress: "127.0.0.1" },
    );
  const compressed = await ask("/assets/large-c3d4.js", "gzip, br");
  expect(gunzipSync(await compressed.arrayBuffer()).toString()).toBe(text);
  const { headers } = compressed;
  expect([headers.get("content-encoding"), headers.get("content-length")]).toEqual([
    "gzip",
    String(packed.length),
  ]);
  expect(headers.get("content-type")).toMatch(/^text\/javascript/);
  expect(headers.get("vary")).toContain("accept-encoding");
  const plain = await ask("/assets/large-c3d4.js", "gzip;q=0");
  expect([plain.headers.get("content-encoding"), await plain.text()]).toEqual([null, text]);
  expect(plain.headers.get("etag")).not.toBe(headers.get("etag"));
  const alone = await ask("/assets/main-a1b2.js", "gzip");
  expect([alone.headers.get("content-encoding"), await alone.text()]).toEqual([null, "export {};"]);
  expect((await ask("/assets/large-c3d4.js.gz", "gzip")).status).toBe(404);
});

test("the service worker is asked for each time, and may do what the page may", async () => {
  const script = await tracker.call("/service-worker.js");
  expect(script).toMatchObject({ status: 200, body: "self;" });
  expect(script.headers.get("content-type")).toMatch(/^text\/javascript/);
  expect(script.headers.get("cache-control")).toBe("no-cache");
  expect(script.headers.get("content-security-policy")).toContain("require-trusted-types-for 'script'");
});

test("streams are the service worker's: the tracker has none", async () => {
  const answer = await tracker.call(`/stream/${"a".repeat(64)}-12/film.webm`);
  expect(answer.status).toBe(404);
  expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
});

test.each([
  "/secret.txt",
  "/../secret.txt",
  "/..%2fsecret.txt",
  "/assets/..%2f..%2fsecret.txt",
  "/assets/%2e%2e/%2e%2e/secret.txt",
  "/assets/..%5c..%5csecret.txt",
  "/.env.txt",
  "/assets",
  "/assets/",
  "/assets/missing.js",
  "/index.html",
  "/transfers/x",
  "/f/",
])("%s is a problem, not a page", async (path) => {
  const answer = await tracker.call(path);
  expect(answer.status).toBe(404);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
});

test("a folder named like a file is nothing", async () => {
  await mkdir(join(folder, "dist", "folder.js"));
  await symlink(join(folder, "dist"), join(folder, "dist", "link.js"));
  expect((await tracker.call("/folder.js")).status).toBe(404);
  expect((await tracker.call("/link.js")).status).toBe(404);
});

test("without a build the page says what to run", async () => {
  await rm(join(folder, "dist"), { recursive: true });
  const page = await tracker.call("/");
  expect(page).toMatchObject({ status: 503, body: expect.stringContaining("npm run build") });
});
