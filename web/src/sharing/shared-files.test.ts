import { createSampleFile } from "@panal/sdk/testing";
import { describe, expect, test } from "vitest";
import { type SharedFile, createSharedFiles } from "./shared-files.ts";

const { manifest } = await createSampleFile(10);
const other = (await createSampleFile(20)).manifest;
const file = (path: string, of = manifest): SharedFile => ({
  path,
  file: new Blob([]),
  manifest: of,
  mtimeMs: 0,
});

describe("createSharedFiles()", () => {
  test("finds a content for as long as any path has it", () => {
    const shared = createSharedFiles();
    shared.add(file("a"));
    shared.add(file("b"));
    expect(shared).toMatchObject({ fileCount: 2, totalSize: 20 });
    shared.remove("a");
    expect(shared.find(manifest.fileId)?.path).toBe("b");
    shared.remove("b");
    expect(shared.find(manifest.fileId)).toBeUndefined();
    expect(shared).toMatchObject({ fileCount: 0, totalSize: 0 });
  });

  test("a path that gets another content has only that", () => {
    const shared = createSharedFiles();
    shared.add(file("a"));
    shared.add(file("a", other));
    expect(shared.find(manifest.fileId)).toBeUndefined();
    expect(shared).toMatchObject({ fileCount: 1, totalSize: 20 });
  });

  test("list() gives folders first, each by name, in pages that go on whatever came or went", () => {
    const shared = createSharedFiles();
    for (const path of ["z/1", "b", "a/2", "a/3/4", "c"]) shared.add(file(path));
    const names = (folder: string, page: { size: number; token: string }) => {
      const { entries, nextPageToken } = shared.list(folder, page);
      return { names: entries.map(({ name }) => name), nextPageToken };
    };
    expect(names("", { size: 9, token: "" })).toEqual({ names: ["a", "z", "b", "c"], nextPageToken: "" });
    const first = names("", { size: 2, token: "" });
    expect(first.names).toEqual(["a", "z"]);
    shared.remove("z/1");
    shared.add(file("aa"));
    expect(names("", { size: 9, token: first.nextPageToken }).names).toEqual(["aa", "b", "c"]);
    expect(shared.list("a", { size: 9, token: "" }).entries).toMatchObject([
      { type: "folder", name: "3", fileCount: 1, totalSize: 10 },
      { type: "file", name: "2" },
    ]);
  });

  test("tells each change, until nobody listens", () => {
    const shared = createSharedFiles();
    let changes = 0;
    const stop = shared.subscribe(() => changes++);
    shared.add(file("a"));
    shared.remove("a");
    stop();
    shared.add(file("a"));
    expect(changes).toBe(2);
  });
});
