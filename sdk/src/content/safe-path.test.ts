import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  baseName,
  displayName,
  extensionOf,
  firstFreeName,
  numberedName,
  parseSharePath,
  safeFileName,
} from "./safe-path.ts";

const utf8Length = (text: string) => new TextEncoder().encode(text).length;
/** Any code units, lone surrogates among them, and what people attack with. */
const anyName = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc
    .array(
      fc.constantFrom("..", ".", "/", "\\", "CON", "nul", ".txt", " ", ":", "\u202e", "\0", "a", "é", "😀"),
    )
    .map((parts) => parts.join("")),
);

describe("parseSharePath()", () => {
  test.each([
    "a",
    "a/b/c.txt",
    "..a/b..",
    "...",
    ".hidden",
    "a b/ç/😀.png",
    "quotes \"' and <img onerror=alert(1)>",
    "line\nfeed",
    "back\\slash",
    "CON",
    "trailing. /dots...",
    "C:/windows",
    "%2e%2e/encoded",
    "é".normalize("NFD"),
    "x".repeat(255),
    "é".repeat(127),
    Array.from({ length: 64 }, () => "d").join("/"),
  ])("takes %j as it is", (path) => {
    expect(parseSharePath(path)).toBe(path);
  });

  test.each([
    ["nothing", ""],
    ["the parent", ".."],
    ["a way up", "../a"],
    ["a way up in the middle", "a/../b"],
    ["a way up at the end", "a/.."],
    ["itself", "a/./b"],
    ["an absolute path", "/etc/passwd"],
    ["a slash at the end", "a/"],
    ["an empty name", "a//b"],
    ["a NUL", "a\0.txt"],
    ["half an emoji", "a\ud83d"],
    ["the other half", "\ude00a"],
    ["a name of 256 bytes", "x".repeat(256)],
    ["128 two-byte letters", "é".repeat(128)],
    ["65 folders", Array.from({ length: 65 }, () => "d").join("/")],
    ["more than 4096 bytes", Array.from({ length: 20 }, () => "x".repeat(250)).join("/")],
  ])("refuses %s and names the field", (_what, path) => {
    expect(() => parseSharePath(path, "files[3].path")).toThrow(
      expect.objectContaining({ code: "invalid", message: expect.stringMatching(/^files\[3\]\.path /) }),
    );
  });

  test("tells what it refuses on one line, without controls", () => {
    expect(() => parseSharePath("a/../\u001b[31m\n\u202ered")).toThrow(
      // oxlint-disable-next-line no-control-regex -- they are what must not be there
      expect.objectContaining({ message: expect.not.stringMatching(/[\u0000-\u001f\u202e]/) }),
    );
  });

  test("never lets anything through that leads out of a folder", () => {
    fc.assert(
      fc.property(anyName, (path) => {
        try {
          parseSharePath(path);
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid" });
          return;
        }
        for (const name of path.split("/")) expect(["", ".", ".."]).not.toContain(name);
      }),
    );
  });
});

describe("safeFileName()", () => {
  test.each([
    ["plain.txt", "plain.txt"],
    ["ümläut 😀.png", "ümläut 😀.png"],
    ["e\u0301.txt", "\u00e9.txt"],
    ["line\nfeed.txt", "linefeed.txt"],
    ["gpj\u202eexe.jpg", "gpjexe.jpg"],
    ['<img src=x onerror="alert(1)">.png', "_img src=x onerror=_alert(1)__.png"],
    ["a:b|c?d*e.txt", "a_b_c_d_e.txt"],
    ["../../etc/passwd", "passwd"],
    ["..\\..\\boot.ini", "boot.ini"],
    ["C:\\windows\\win.ini", "win.ini"],
    ["..", "file"],
    [".", "file"],
    ["", "file"],
    ["/", "file"],
    ["...", "file"],
    ["   ", "file"],
    ["\u200b\u202e", "file"],
    ["name...", "name"],
    ["name. . ", "name"],
    [" name", "name"],
    [".hidden", ".hidden"],
    ["CON", "_CON"],
    ["con.txt", "_con.txt"],
    ["Lpt1.tar.gz", "_Lpt1.tar.gz"],
    ["COM¹", "_COM¹"],
    ["NUL .txt", "_NUL .txt"],
    ["CONIN$", "_CONIN$"],
    ["console.log", "console.log"],
    ["half\ud83d.txt", "half\ufffd.txt"],
  ])("saves %j as %j", (name, safe) => {
    expect(safeFileName(name)).toBe(safe);
  });

  test("keeps the extension of a name that is too long, and cuts no character in two", () => {
    const safe = safeFileName(`${"😀".repeat(100)}.webm`);
    expect(utf8Length(safe)).toBeLessThanOrEqual(255);
    expect(safe).toMatch(/^(😀)+\.webm$/u);
    expect(utf8Length(safeFileName("x".repeat(300)))).toBe(255);
    expect(utf8Length(safeFileName(`a.${"x".repeat(300)}`))).toBeLessThanOrEqual(255);
  });

  test("gives one harmless name for anything at all, and the same one again", () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const safe = safeFileName(name);
        expect(safe).not.toBe("");
        expect(safe.isWellFormed()).toBe(true);
        expect(utf8Length(safe)).toBeLessThanOrEqual(255);
        // oxlint-disable-next-line no-control-regex -- they are what must not be there
        expect(safe).not.toMatch(/[<>:"/\\|?*\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]|[. ]$|^ /);
        expect(safe).not.toMatch(/^(con|prn|aux|nul|com[0-9]|lpt[0-9]) *(\.|$)/i);
        expect(safeFileName(safe)).toBe(safe);
      }),
      { numRuns: 1000 },
    );
  });

  test("gives a short answer for a name without end", () => {
    expect(utf8Length(safeFileName(`${"a/".repeat(10)}${"\u00e9".repeat(1_000_000)}`))).toBeLessThanOrEqual(
      255,
    );
  });
});

test.each([
  ["plain name", "plain name"],
  ["line\nfeed", "line\ufffdfeed"],
  ["\u001b[31mred", "\ufffd[31mred"],
  ["gpj\u202eexe", "gpj\ufffdexe"],
  ["zero\u200bwidth", "zero\ufffdwidth"],
  ["half\ud83d", "half\ufffd"],
  ["<b>", "<b>"],
  ["familia 👩‍👧", "familia 👩‍👧"],
])("displayName() shows %j as %j", (name, shown) => {
  expect(displayName(name)).toBe(shown);
});

test.each([
  ["a/b.tar.gz", "b.tar.gz", "gz"],
  ["FILE.TXT", "FILE.TXT", "txt"],
  [".bashrc", ".bashrc", ""],
  ["a.b/c", "c", ""],
  ["name.", "name.", ""],
  ["", "", ""],
])("baseName() and extensionOf() take %j apart", (path, base, extension) => {
  expect([baseName(path), extensionOf(path)]).toEqual([base, extension]);
});

describe("numberedName()", () => {
  test.each([
    ["film.mkv", "film (2).mkv"],
    ["a.tar.gz", "a.tar (2).gz"],
    [".hidden", ".hidden (2)"],
    ["notes", "notes (2)"],
    // 255 bytes each.
    [`${"x".repeat(251)}.mkv`, `${"x".repeat(247)} (2).mkv`],
    ["x".repeat(255), `${"x".repeat(251)} (2)`],
    [`a.${"x".repeat(253)}`, `a.${"x".repeat(249)} (2)`],
    [`${"\u{1f600}".repeat(63)}.js`, `${"\u{1f600}".repeat(62)} (2).js`],
  ])("calls the next %j %j", (name, next) => {
    expect(numberedName(name, 2)).toBe(next);
    expect(utf8Length(next)).toBeLessThanOrEqual(255);
  });

  test("makes of any safe name another safe one, of at most 255 bytes", () => {
    fc.assert(
      fc.property(anyName, fc.integer({ min: 2, max: 1_000_000 }), (name, number) => {
        const next = numberedName(safeFileName(name), number);
        expect(next).not.toBe(safeFileName(name));
        expect(safeFileName(next)).toBe(next);
      }),
    );
  });
});

test("firstFreeName() counts on until a name is free, also of names as long as can be", () => {
  const taken = new Set(["a.tar.gz", "a.tar (2).gz"]);
  const isFree = (name: string) => !taken.has(name);
  expect(firstFreeName("b", isFree)).toBe("b");
  expect(firstFreeName("a.tar.gz", isFree)).toBe("a.tar (3).gz");
  for (const name of [`${"x".repeat(251)}.mkv`, `a.${"x".repeat(253)}`]) {
    for (let count = 0; count < 12; count++) taken.add(firstFreeName(name, isFree));
    const alike = [...taken].filter((each) => each.length > 200);
    expect(new Set(alike).size).toBe(12);
    for (const each of alike) expect(utf8Length(each)).toBeLessThanOrEqual(255);
    for (const each of alike) taken.delete(each);
  }
});
