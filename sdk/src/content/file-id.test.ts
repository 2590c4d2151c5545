import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  fileIdLength,
  fileIdOf,
  fileIdRoot,
  hexFromBytes,
  isFileId,
  MAX_FILE_LENGTH,
  parseFileId,
} from "./file-id.ts";

const ROOT = "0123456789abcdef".repeat(4);

describe("parseFileId()", () => {
  test.each([`${ROOT}-0`, `${ROOT}-1`, `${ROOT}-${MAX_FILE_LENGTH}`])("takes %s", (text) => {
    expect(parseFileId(text)).toBe(text);
  });

  test.each([
    ["nothing", ""],
    ["no length", ROOT],
    ["an empty length", `${ROOT}-`],
    ["upper case", `${ROOT.toUpperCase()}-1`],
    ["63 digits", `${ROOT.slice(1)}-1`],
    ["65 digits", `${ROOT}0-1`],
    ["a leading zero", `${ROOT}-01`],
    ["a sign", `${ROOT}-+1`],
    ["a negative length", `${ROOT}--1`],
    ["a fraction", `${ROOT}-1.5`],
    ["an exponent", `${ROOT}-1e3`],
    ["more than 2 TiB", `${ROOT}-${MAX_FILE_LENGTH + 1}`],
    ["digits without end", `${ROOT}-${"9".repeat(400)}`],
    ["a line feed at the end", `${ROOT}-1\n`],
    ["spaces", ` ${ROOT}-1`],
    ["a path", `../${ROOT}-1`],
    ["digits of another script", `${ROOT}-١`],
  ])("refuses %s and names the field", (_what, text) => {
    expect(isFileId(text)).toBe(false);
    expect(() => parseFileId(text, "fileId")).toThrow(
      expect.objectContaining({ code: "invalid", message: expect.stringMatching(/^fileId: /) }),
    );
  });

  test("doesn't repeat megabytes of what it refuses", () => {
    expect(() => parseFileId("x".repeat(1_000_000))).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{0,300}$/) }),
    );
  });

  test("never accepts what it wouldn't write itself", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f]{64}-[0-9]{1,14}$/));
    fc.assert(
      fc.property(text, (candidate) => {
        if (isFileId(candidate)) {
          expect(`${hexFromBytes(fileIdRoot(candidate))}-${fileIdLength(candidate)}`).toBe(candidate);
        }
      }),
    );
  });
});

test("fileIdOf() is taken apart again by fileIdRoot() and fileIdLength()", () => {
  const root = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(root, fc.integer({ min: 0, max: MAX_FILE_LENGTH }), (bytes, length) => {
      const fileId = fileIdOf(bytes, length);
      expect(fileIdRoot(fileId)).toEqual(bytes);
      expect(fileIdLength(fileId)).toBe(length);
    }),
  );
});

test.each([
  [new Uint8Array(31), 1],
  [new Uint8Array(32), -1],
  [new Uint8Array(32), 1.5],
  [new Uint8Array(32), 1e21],
])("fileIdOf() refuses what makes no id (%#)", (root, length) => {
  expect(() => fileIdOf(root, length)).toThrow(expect.objectContaining({ code: "invalid" }));
});
