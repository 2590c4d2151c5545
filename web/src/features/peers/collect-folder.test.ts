import { fileIdOf } from "@panal/sdk/content";
import { describe, expect, it } from "vitest";
import { MAX_BATCH_FILES } from "../../engine/engine-api.ts";
import { collectFolder } from "./collect-folder.ts";
import type { FolderEntry } from "./use-folder.ts";

const { signal } = new AbortController();
const file = (name: string): FolderEntry => ({
  type: "file",
  name,
  fileId: fileIdOf(new Uint8Array(32), 3),
  size: 3,
  modifiedMs: 7,
});
const folder = (name: string): FolderEntry => ({ type: "folder", name, fileCount: 1, totalSize: 3 });

/** A peer that gives one entry a page. */
const listOf = (tree: Record<string, FolderEntry[]>) => async (path: string, pageToken: string) => {
  const entries = tree[path] ?? [];
  const at = Number(pageToken);
  return { entries: entries.slice(at, at + 1), nextPageToken: at + 1 < entries.length ? String(at + 1) : "" };
};

describe("collectFolder()", () => {
  const tree = {
    "": [folder("bees")],
    bees: [file("a"), folder("winter")],
    "bees/winter": [file("b"), file("c")],
  };

  it("gives every file below, page after page, with the folder's own name first", async () => {
    const files = await collectFolder("bees/winter", { list: listOf(tree), signal });
    expect(files.map(({ path }) => path)).toEqual(["winter/b", "winter/c"]);
    expect(files[0]).toMatchObject({ modifiedMs: 7 });
  });

  it("gives a whole share from its top on", async () => {
    const files = await collectFolder("", { list: listOf(tree), signal });
    expect(files.map(({ path }) => path)).toEqual(["bees/a", "bees/winter/b", "bees/winter/c"]);
  });

  it("throws 'too-large' for a peer that has more files, folders or pages than can be listed", async () => {
    const tooLarge = expect.objectContaining({ code: "too-large" });
    const wide = async () => ({
      entries: Array.from({ length: 5000 }, () => file("x")),
      nextPageToken: "on",
    });
    await expect(collectFolder("", { list: wide, signal })).rejects.toEqual(tooLarge);
    const deep = async () => ({ entries: [folder("x"), folder("y")], nextPageToken: "" });
    await expect(collectFolder("", { list: deep, signal })).rejects.toEqual(tooLarge);
    const endless = async () => ({ entries: [], nextPageToken: "on" });
    await expect(collectFolder("", { list: endless, signal })).rejects.toEqual(tooLarge);
    expect(MAX_BATCH_FILES).toBeGreaterThan(1000);
  });
});
