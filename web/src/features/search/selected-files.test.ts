import { fileIdOf } from "@panal/sdk/content";
import { expect, it } from "vitest";
import { filesToSave } from "./selected-files.ts";

const fileId = fileIdOf(new Uint8Array(32), 5);
const mtime = "1970-01-01T00:00:01Z";

it.each([
  [[], []],
  [["a/b/one.txt"], ["one.txt"]],
  [
    ["a/b/one.txt", "a/b/two.txt"],
    ["one.txt", "two.txt"],
  ],
  [
    ["a/b/one.txt", "a/c/two.txt"],
    ["b/one.txt", "c/two.txt"],
  ],
  // A file that is called like a folder of another one.
  [
    ["a/b", "a/b/two.txt"],
    ["b", "b/two.txt"],
  ],
  [
    ["one.txt", "a/two.txt"],
    ["one.txt", "a/two.txt"],
  ],
])("filesToSave() leaves out the folders that all have in common: %j", (paths, saved) => {
  const files = filesToSave(paths.map((path) => ({ path, fileId, mtime })));
  expect(files).toEqual(saved.map((path) => ({ path, fileId, modifiedMs: 1000 })));
});
