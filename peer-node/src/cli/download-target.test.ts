import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashBlocksPortably, manifestOf } from "@panal/sdk";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findThere, targetPath } from "./download-target.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "panal-target-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("targetPath()", () => {
  it("is the name, made safe, in the current folder when nothing is said", async () => {
    expect(await targetPath(undefined, "../../etc/passwd")).toBe("passwd");
    expect(await targetPath(undefined, "..")).toBe("file");
    expect(await targetPath(undefined, "CON.txt")).toBe("_CON.txt");
    expect(await targetPath(undefined, 'a\n<b>"c.txt')).toBe("a_b__c.txt");
  });

  it("puts it into a folder that is there, or that ends like one", async () => {
    await mkdir(join(folder, "films"));
    expect(await targetPath(join(folder, "films"), "bees.mp4")).toBe(join(folder, "films", "bees.mp4"));
    expect(await targetPath(join(folder, "new/"), "bees.mp4")).toBe(join(folder, "new", "bees.mp4"));
  });

  it("takes anything else as the file itself", async () => {
    expect(await targetPath(join(folder, "mine.mp4"), "bees.mp4")).toBe(join(folder, "mine.mp4"));
  });
});

describe("findThere()", () => {
  const content = new TextEncoder().encode("honey");

  it("finds nothing when nothing is there", async () => {
    const { fileId } = await manifestOf([content], 5, hashBlocksPortably);
    expect(await findThere(join(folder, "a.txt"), fileId)).toBeUndefined();
  });

  it("finds the same content, under whatever name", async () => {
    const { fileId } = await manifestOf([content], 5, hashBlocksPortably);
    await writeFile(join(folder, "b.txt"), content);
    expect(await findThere(join(folder, "b.txt"), fileId)).toMatchObject({
      manifest: { fileId, pieceCount: 1 },
      stamp: { size: 5 },
    });
  });

  it.each(["hiney", "honey!", ""])("refuses when %j is there instead", async (other) => {
    const { fileId } = await manifestOf([content], 5, hashBlocksPortably);
    const path = join(folder, "c.txt");
    await writeFile(path, other);
    await expect(findThere(path, fileId)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(path),
    });
  });

  it("refuses when a folder is there", async () => {
    const { fileId } = await manifestOf([content], 5, hashBlocksPortably);
    await expect(findThere(folder, fileId)).rejects.toMatchObject({ code: "conflict" });
  });
});
