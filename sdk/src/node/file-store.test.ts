import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSampleFile, describeStore } from "../transfer/testing/index.ts";
import { createFileStore } from "./file-store.ts";
import { isPartialDownload } from "./part-names.ts";

const MIB = 1024 * 1024;
const signal = new AbortController().signal;

describeStore("createFileStore()", async () => {
  const folder = await mkdtemp(join(tmpdir(), "panal-store-"));
  const path = join(folder, "new folder", "file.bin");
  return {
    createStore: () => createFileStore({ path }),
    finishedBytes: () =>
      readFile(path).then(
        (bytes) => new Uint8Array(bytes),
        () => undefined,
      ),
    remove: () => rm(folder, { recursive: true }),
  };
});

describe("createFileStore()", () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "panal-store-"));
    path = join(folder, "file.bin");
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("leaves nothing but the file when it is complete", async () => {
    const { content, manifest } = await createSampleFile(MIB + 1);
    const store = createFileStore({ path });
    await store.open(manifest, { signal });
    await store.write(0, content.subarray(0, MIB));
    expect((await readdir(folder)).sort()).toEqual([
      "file.bin.part",
      "file.bin.part.journal",
      "file.bin.part.lock",
    ]);
    await store.write(1, content.subarray(MIB));
    await store.complete();
    await store.close();
    expect(await readdir(folder)).toEqual(["file.bin"]);
  });

  it.each(["a".repeat(251) + ".txt", "é".repeat(127), "🐝".repeat(63)])(
    "saves under a name as long as can be",
    async (name) => {
      const { content, manifest } = await createSampleFile(5);
      const long = join(folder, name);
      const first = createFileStore({ path: long });
      await first.open(manifest, { signal });
      await first.write(0, content);
      await first.close();
      const again = createFileStore({ path: long });
      expect((await again.open(manifest, { signal })).isFull).toBe(true);
      await again.complete();
      await again.close();
      expect(await readdir(folder)).toEqual([name]);
    },
  );

  it("refuses a target that is there, unless it may be overwritten", async () => {
    const { content, manifest } = await createSampleFile(5);
    await writeFile(path, "mine");
    await expect(createFileStore({ path }).open(manifest, { signal })).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await readFile(path, "utf8")).toBe("mine");
    const store = createFileStore({ path, overwrite: true });
    await store.open(manifest, { signal });
    await store.write(0, content);
    await store.complete();
    await store.close();
    expect(new Uint8Array(await readFile(path))).toEqual(content);
  });

  it("doesn't overwrite a target that came meanwhile, and keeps the part", async () => {
    const { content, manifest } = await createSampleFile(5);
    const store = createFileStore({ path });
    await store.open(manifest, { signal });
    await store.write(0, content);
    await writeFile(path, "mine");
    await expect(store.complete()).rejects.toMatchObject({ code: "conflict" });
    await store.close();
    expect(await readFile(path, "utf8")).toBe("mine");
    expect(await readdir(folder)).toContain("file.bin.part");
  });

  it("says so when another download writes to the same place", async () => {
    const { manifest } = await createSampleFile(5);
    const first = createFileStore({ path });
    await first.open(manifest, { signal });
    await expect(createFileStore({ path }).open(manifest, { signal })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`in use by process ${process.pid}`),
    });
    await first.close();
    const second = createFileStore({ path });
    await second.open(manifest, { signal });
    await second.close();
  });

  it("takes over the lock of a process that is gone", async () => {
    const { manifest } = await createSampleFile(5);
    await writeFile(`${path}.part.lock`, JSON.stringify({ pid: 2 ** 30, started: "1" }));
    const store = createFileStore({ path });
    expect((await store.open(manifest, { signal })).size).toBe(0);
    await store.close();
  });

  it("fetches again what somebody has changed in the part", async () => {
    const { content, manifest } = await createSampleFile(2 * MIB);
    const store = createFileStore({ path });
    await store.open(manifest, { signal });
    await store.write(0, content.subarray(0, MIB));
    await store.write(1, content.subarray(MIB));
    await store.close();
    const part = await readFile(`${path}.part`);
    part[MIB + 3]! ^= 1;
    await writeFile(`${path}.part`, part);
    const again = createFileStore({ path });
    const have = await again.open(manifest, { signal });
    await again.close();
    expect([have.has(0), have.has(1)]).toEqual([true, false]);
  });

  it("takes a journal that also claims pieces past the end for what is true of it", async () => {
    const { content, manifest } = await createSampleFile(2 * MIB);
    const store = createFileStore({ path });
    await store.open(manifest, { signal });
    await store.write(1, content.subarray(MIB));
    await store.close();
    await writeFile(
      `${path}.part.journal`,
      Buffer.concat([Buffer.from(`${manifest.fileId}\n`), Buffer.from([255])]),
    );
    const again = createFileStore({ path });
    const have = await again.open(manifest, { signal });
    await again.close();
    expect([have.has(0), have.has(1)]).toEqual([false, true]);
  });

  it.each(["", "garbage", `${"0".repeat(64)}-5\n`])("starts anew with the journal %j", async (journal) => {
    const { manifest } = await createSampleFile(2 * MIB);
    await writeFile(`${path}.part.journal`, journal);
    await writeFile(`${path}.part`, "x".repeat(100));
    const store = createFileStore({ path });
    expect((await store.open(manifest, { signal })).size).toBe(0);
    await store.close();
  });
});

it.each([
  ["film.mp4.part", true],
  ["film.mp4.part.journal", true],
  ["film.mp4.part.lock", true],
  ["film.part.mp4", false],
])("isPartialDownload(%j) is %s", (name, expected) => expect(isPartialDownload(name)).toBe(expected));
