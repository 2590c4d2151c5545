import { expect, test } from "vitest";
import { parseFileId } from "../content/file-id.ts";
import { announcedFile } from "./announced-file.ts";
import { announcedFileSchema } from "./api.ts";

const fileId = parseFileId(`${"ab".repeat(32)}-5`);

test.each([
  ["now", 1_700_000_000_000, "2023-11-14T22:13:20.000Z"],
  ["before 1970", -1, "1970-01-01T00:00:00.000Z"],
  ["as late as a date can be", 8.64e15, "9999-12-31T00:00:00.000Z"],
])("announcedFile() of a file changed %s is one that the tracker takes", (_when, mtimeMs, mtime) => {
  const file = announcedFile({ path: "a/b", fileId, mtimeMs });
  expect(announcedFileSchema.parse(file)).toEqual({ path: "a/b", fileId, mtime });
});
