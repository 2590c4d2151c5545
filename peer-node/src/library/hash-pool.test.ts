import { rename, rm, symlink, truncate } from "node:fs/promises";
import { join } from "node:path";
import { PanalError, hashBlocksPortably, manifestOf } from "@panal/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestFolder, createTestFolder, sampleBytes } from "../testing/shared-folder.ts";
import type { StampedFile } from "./file-stamp.ts";
import { createHashPool } from "./hash-pool.ts";
import { openShared } from "./open-file.ts";
import { type Found, scan } from "./scan.ts";

const MIB = 1024 * 1024;
const { signal } = new AbortController();

describe("createHashPool()", () => {
  const pool = createHashPool(2);
  let folder: TestFolder;
  beforeAll(async () => {
    folder = await createTestFolder();
  });
  afterAll(async () => {
    await pool.close();
    await folder.close();
  });

  async function openAt(path: string) {
    const found: Found[] = await Array.fromAsync(
      scan({ root: folder.root, subtree: path, includeHidden: false }),
    );
    if (found[0]?.type !== "file") throw new Error(`no file ${path}`);
    return openShared({ root: folder.root, path, stamp: found[0].stamp });
  }

  // 65 MiB are three tasks, the last one of a single piece.
  it.each([0, 1, 16_384, 16_385, MIB, MIB + 1, 65 * MIB])(
    "hashes %i bytes as they should be",
    { timeout: 30_000 },
    async (length) => {
      const content = sampleBytes(length);
      await folder.write("a.bin", content);
      const file = await openAt("a.bin");
      let bytes = 0;
      const manifest = await pool.hash(file, { signal, onBytes: (more) => (bytes += more) });
      await file.close();
      expect(manifest).toEqual(await manifestOf([content], length, hashBlocksPortably));
      expect(bytes).toBe(length);
    },
  );

  it("says changed when the file gets shorter meanwhile", async () => {
    await folder.write("short.bin", sampleBytes(3 * MIB));
    const file = await openAt("short.bin");
    await truncate(join(folder.root, "short.bin"), MIB);
    await expect(pool.hash(file, { signal })).rejects.toMatchObject({ code: "changed" });
    await file.close();
  });

  it("stops with aborted", async () => {
    await folder.write("b.bin", "b");
    const file = await openAt("b.bin");
    await expect(pool.hash(file, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
    await file.close();
  });

  async function stampedAt(path: string): Promise<StampedFile> {
    const [found] = scan({ root: folder.root, subtree: path, includeHidden: false });
    if (found?.type !== "file") throw new Error(`no file ${path}`);
    return { path, stamp: found.stamp };
  }

  it("hashes many small files with one call, and says of each that isn't what it was why", async () => {
    const contents = [0, 1, 16_385, MIB].map((length) => sampleBytes(length));
    for (const [index, content] of contents.entries()) await folder.write(`small/${index}`, content);
    for (const path of ["changed", "gone", "link", "dir/moved"]) await folder.write(path, path);
    const paths = ["small/0", "changed", "small/1", "gone", "small/2", "link", "dir/moved", "small/3"];
    const files = await Promise.all(paths.map(stampedAt));
    await folder.write("changed", "CHANGED", 1_700_000_001);
    await rm(join(folder.root, "gone"));
    // The very same files, reached through a link.
    await rename(join(folder.root, "link"), join(folder.outside, "link"));
    await symlink(join(folder.outside, "link"), join(folder.root, "link"));
    await rename(join(folder.root, "dir"), join(folder.outside, "dir"));
    await symlink(join(folder.outside, "dir"), join(folder.root, "dir"));
    const results = await pool.hashSmall!(files, { root: folder.root, signal });
    const expected = await Promise.all(
      contents.map((content) => manifestOf([content], content.length, hashBlocksPortably)),
    );
    expect(results.map((result) => (result instanceof PanalError ? result.code : result.fileId))).toEqual([
      expected[0]!.fileId,
      "changed",
      expected[1]!.fileId,
      "not-found",
      expected[2]!.fileId,
      "changed",
      "changed",
      expected[3]!.fileId,
    ]);
    expect(results[7]).toEqual(expected[3]);
  });

  it("stops with aborted before small files", async () => {
    const files = [await stampedAt("small/0")];
    const options = { root: folder.root, signal: AbortSignal.abort() };
    await expect(pool.hashSmall!(files, options)).rejects.toMatchObject({ code: "aborted" });
  });
});
