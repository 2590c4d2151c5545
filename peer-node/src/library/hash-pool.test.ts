import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { hashBlocksPortably, manifestOf } from "@panal/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestFolder, createTestFolder, sampleBytes } from "../testing/shared-folder.ts";
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
});
