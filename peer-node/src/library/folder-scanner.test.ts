import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type TestFolder, createTestFolder } from "../testing/shared-folder.ts";
import { type FolderScanner, createFolderScanner } from "./folder-scanner.ts";
import { type Found, scan } from "./scan.ts";

const { signal } = new AbortController();

let folder: TestFolder;
let scanner: FolderScanner;
beforeEach(async () => {
  folder = await createTestFolder();
  scanner = createFolderScanner();
});
afterEach(async () => {
  await scanner.close();
  await folder.close();
});

const here = (subtree = "") => ({ root: folder.root, subtree, includeHidden: false });

async function all(batches: AsyncIterable<readonly Found[]>): Promise<Found[]> {
  return (await Array.fromAsync(batches)).flat();
}

it("createFolderScanner() finds in its thread what scan() finds, in many batches", async () => {
  for (let index = 0; index < 2100; index++) await folder.write(`${index % 7}/${index}`, "x");
  await symlink("0", join(folder.root, "link"));
  const batches = await Array.fromAsync(scanner.scan(here(), signal));
  expect(batches.length).toBeGreaterThan(2);
  const byPath = (a: Found, b: Found) => (a.path < b.path ? -1 : 1);
  expect(batches.flat().sort(byPath)).toEqual([...scan(here())].sort(byPath));
});

it("createFolderScanner() gives nothing of a scan that was broken off to the next one", async () => {
  for (let index = 0; index < 2100; index++) await folder.write(`many/${index}`, "x");
  await folder.write("one", "x");
  for await (const batch of scanner.scan(here("many"), signal)) if (batch.length > 0) break;
  expect(await all(scanner.scan(here("one"), signal))).toMatchObject([{ type: "file", path: "one" }]);
});

it("createFolderScanner() says why the share can't be read, and goes on when it can", async () => {
  await folder.write("a", "a");
  await rm(folder.root, { recursive: true });
  await expect(all(scanner.scan(here(), signal))).rejects.toMatchObject({ code: "not-found" });
  await mkdir(folder.root);
  expect(await all(scanner.scan(here(), signal))).toEqual([]);
});

it("createFolderScanner() stops with aborted", async () => {
  await expect(all(scanner.scan(here(), AbortSignal.abort()))).rejects.toMatchObject({ code: "aborted" });
});

it("createFolderScanner() ends a scan with aborted when it is closed", async () => {
  // More batches than can be on their way.
  for (let index = 0; index < 3100; index++) await folder.write(`many/${index}`, "x");
  const batches = scanner.scan(here(), signal);
  expect((await batches.next()).value).not.toEqual([]);
  await scanner.close();
  await expect(all(batches)).rejects.toMatchObject({ code: "aborted" });
});
