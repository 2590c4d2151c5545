import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PanalError } from "../errors.ts";
import { MAX_FILE_LENGTH, fileIdLength, fileIdOf, fileIdRoot, isFileId, parseFileId } from "./file-id.ts";
import { formatLink, parseLink } from "./link.ts";
import { displayName, parseSharePath, safeFileName } from "./safe-path.ts";
import { HOSTILE_TEXTS } from "./testdata/hostile-texts.ts";

/** Longer than anything a parser should look at twice; a slow regular expression would show. */
const LONG = 100_000;
const MAX_MS = 1_000;

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.array(fc.constantFrom(...HOSTILE_TEXTS), { maxLength: 6 }).map((parts) => parts.join("")),
);
const examples = HOSTILE_TEXTS.map((text): [string] => [text]);
const root = fc.uint8Array({ minLength: 32, maxLength: 32 });
const length = fc.integer({ min: 0, max: MAX_FILE_LENGTH });

/** What a parser gives, or undefined after the one error it may throw. */
function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    expect(error).toBeInstanceOf(PanalError);
    expect(error).toMatchObject({ code: "invalid" });
    // It is shown: no page of what somebody sent.
    expect((error as PanalError).message.length).toBeLessThan(2_000);
    return undefined;
  }
}

describe("file ids", () => {
  it("are what they are made of", () => {
    fc.assert(
      fc.property(root, length, (bytes, size) => {
        const fileId = fileIdOf(bytes, size);
        expect(parseFileId(fileId)).toBe(fileId);
        expect(fileIdRoot(fileId)).toEqual(bytes);
        expect(fileIdLength(fileId)).toBe(size);
      }),
    );
  });

  it("are nothing else", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const fileId = parsed(() => parseFileId(text));
        expect(fileId !== undefined).toBe(isFileId(text));
        if (fileId !== undefined) expect(fileIdOf(fileIdRoot(fileId), fileIdLength(fileId))).toBe(text);
      }),
      { examples },
    );
  });

  it("are not found in one with a character changed, unless it is one", () => {
    fc.assert(
      fc.property(root, length, fc.nat(80), fc.string({ maxLength: 2 }), (bytes, size, at, noise) => {
        const fileId = fileIdOf(bytes, size);
        const text = fileId.slice(0, at) + noise + fileId.slice(at + 1);
        const found = parsed(() => parseFileId(text));
        if (found !== undefined) expect(text).toMatch(/^[0-9a-f]{64}-(0|[1-9][0-9]*)$/);
      }),
    );
  });
});

describe("links", () => {
  it("are read back, whatever stands behind them", () => {
    fc.assert(
      fc.property(root, length, fc.webUrl(), (bytes, size, url) => {
        const trackerUrl = /^https?:\/\/[^/?#]+/.exec(url)![0];
        const link = { fileId: fileIdOf(bytes, size), trackerUrl };
        for (const end of ["", "/", "?q=1", "#top"]) {
          expect(parsed(() => parseLink(formatLink(link) + end))).toEqual(link);
        }
      }),
    );
  });

  it("lead nowhere but to a tracker and a file id", () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom("", "http://", "https://h/f/", "http://h/f"), (text, start) => {
        const link = parsed(() => parseLink(start + text));
        if (link === undefined) return;
        expect(isFileId(link.fileId)).toBe(true);
        expect(link.trackerUrl).toMatch(/^https?:\/\/[^/?#@\s]+$/i);
      }),
      { examples: HOSTILE_TEXTS.map((text): [string, string] => [text, "http://"]) },
    );
  });
});

describe("names", () => {
  it("never lead out of a folder, however they are put together", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const path = parsed(() => parseSharePath(text));
        if (path !== undefined) expect(path.split("/")).not.toContain("..");
        const name = safeFileName(text);
        expect(name).not.toMatch(/[/\\\0]|^\.{0,2}$/);
        expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(255);
        expect(safeFileName(name)).toBe(name);
        for (const hidden of ["\r", "\n", "\u001b", "\u202e"])
          expect(displayName(text)).not.toContain(hidden);
      }),
      { examples },
    );
  });
});

it("no parser takes long over a long text", () => {
  const started = performance.now();
  for (const unit of ["a", "/", ".", "..", "../", "http://", "f/", "0", "-", " ", "\u202e", "😀", "\ud83d"]) {
    const text = unit.repeat(LONG);
    for (const parse of [parseFileId, parseSharePath, safeFileName, displayName, parseLink])
      parsed(() => parse(text));
    parsed(() => parseLink(`http://h/f/${text}`));
  }
  expect(performance.now() - started).toBeLessThan(MAX_MS);
});
