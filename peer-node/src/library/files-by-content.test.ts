import { type FileId, parseFileId } from "@panal/sdk";
import { expect, it } from "vitest";
import { createFilesByContent } from "./files-by-content.ts";
import { libraryFileOf } from "./library-file.ts";

const [ID, OTHER] = ["ab", "cd"].map((byte) => parseFileId(`${byte.repeat(32)}-5`)) as [FileId, FileId];
const stamp = { size: 5, mtimeNs: 0n, ino: 1n, dev: 1n };
const [a, b, c] = ["a", "b", "c"].map((path) => libraryFileOf({ path, fileId: ID, stamp }));

it("createFilesByContent() has one file, many, one, and none of a content", () => {
  const files = createFilesByContent();
  const seen: string[] = [];
  const look = () =>
    seen.push(
      files
        .get(ID)
        .map(({ path }) => path)
        .join(""),
    );
  look();
  for (const file of [a!, b!, c!]) {
    files.add(file);
    look();
  }
  for (const file of [a!, c!, b!]) {
    files.remove(file);
    look();
  }
  expect(seen).toEqual(["", "a", "ab", "abc", "bc", "b", ""]);
});

it("createFilesByContent() takes out only the very file that was put in", () => {
  const files = createFilesByContent();
  files.add(a!);
  files.remove({ ...a! });
  files.remove({ ...a!, fileId: OTHER });
  expect(files.get(ID)).toEqual([a]);
  files.remove(a!);
  expect(files.get(ID)).toEqual([]);
});
