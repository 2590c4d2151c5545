import { PanalError } from "../errors.ts";

/** Bytes of UTF-8 a name may have on the file systems we know. */
export const MAX_NAME_BYTES = 255;
/** Bytes of UTF-8 of a whole path in a share. */
const MAX_PATH_BYTES = 4096;
const MAX_DEPTH = 64;
/** Bytes of UTF-8, with the dot, of what is kept as an extension when a name is cut. */
const MAX_EXTENSION_BYTES = 32;

/** CON, NUL, COM1 ...: Windows opens a device, whatever the extension and the spaces before it. */
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(\.|$)/i;
/** Characters no file system shared by all can hold, and path separators. */
const FORBIDDEN = /[<>:"/\\|?*]/g;
/** Controls, line and paragraph separators, and marks that turn or hide text ("gpj.exe" shown as "exe.jpg"). */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * A path within a share, as peers and trackers exchange it: "/" between names, none at either end, no empty, "." or
 * ".." names, no NUL, valid Unicode, at most 4096 bytes. Any other character may occur: showing and saving have
 * their own rules (`displayName`, `safeFileName`). Throws "invalid".
 */
export function parseSharePath(path: string, what = "path"): string {
  const refuse = (why: string) => new PanalError("invalid", `${what} ${quoted(path)}: ${why}`);
  if (path === "") throw refuse("is empty");
  if (!path.isWellFormed()) throw refuse("is not valid Unicode");
  if (path.includes("\0")) throw refuse("holds a NUL");
  if (isLonger(path, MAX_PATH_BYTES)) throw refuse(`is longer than ${MAX_PATH_BYTES} bytes`);
  const names = path.split("/");
  if (names.length > MAX_DEPTH) throw refuse(`has more than ${MAX_DEPTH} folders`);
  for (const name of names) {
    if (name === "") throw refuse("has an empty name");
    if (name === "." || name === "..") throw refuse(`has the name ${quoted(name)}`);
    if (isLonger(name, MAX_NAME_BYTES)) throw refuse(`has a name longer than ${MAX_NAME_BYTES} bytes`);
  }
  return path;
}

/**
 * A name under which a file can be saved on any system, whatever somebody called it: one path element, no controls,
 * no reserved characters or device names, no trailing dots or spaces, at most 255 bytes with the extension kept.
 */
export function safeFileName(name: string): string {
  let safe = baseName(name.replaceAll("\\", "/"))
    .toWellFormed()
    .normalize("NFC")
    .replace(INVISIBLE, "")
    .replace(FORBIDDEN, "_")
    .replace(/[. ]+$/, "")
    .replace(/^ +/, "");
  if (safe === "") safe = "file";
  if (WINDOWS_DEVICE.test(safe)) safe = `_${safe}`;
  return shortened(safe, MAX_NAME_BYTES);
}

/** A name or path as it may be shown to a person, in a terminal or a page: one line, nothing hidden or turned. */
export function displayName(name: string): string {
  return name.toWellFormed().replace(INVISIBLE, "\ufffd");
}

/** The last name of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** What follows the last dot, lower case, without it; empty when there is none. */
export function extensionOf(path: string): string {
  const name = baseName(path);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : "";
}

/**
 * A name for the next file that is called the same: `film.mkv` as `film (2).mkv`. At most 255 bytes; what doesn't fit is left out before
 * the number. Of a safe name a safe one.
 */
export function numberedName(name: string, number: number): string {
  const [stem, extension] = stemAndExtension(name);
  const end = ` (${number})${extension}`;
  return beginningOf(stem, MAX_NAME_BYTES - utf8Length(end)) + end;
}

/** The name itself, else with the first number from 2 on that is free. */
export function firstFreeName(name: string, isFree: (name: string) => boolean): string {
  for (let number = 1; ; number++) {
    const tried = number === 1 ? name : numberedName(name, number);
    if (isFree(tried)) return tried;
  }
}

function shortened(name: string, maxBytes: number): string {
  if (utf8Length(name) <= maxBytes) return name;
  const [stem, extension] = stemAndExtension(name);
  return beginningOf(stem, maxBytes - utf8Length(extension)).replace(/[. ]+$/, "") + extension;
}

/** The extension with its dot; what follows a dot and is long is no extension. */
function stemAndExtension(name: string): [stem: string, extension: string] {
  const dot = name.lastIndexOf(".");
  const hasExtension = dot > 0 && utf8Length(name.slice(dot)) <= MAX_EXTENSION_BYTES;
  return hasExtension ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
}

/** As much of a text as fits, by code point, so that no emoji is cut in two. */
export function beginningOf(text: string, maxBytes: number): string {
  let end = 0;
  let bytes = 0;
  for (const point of text) {
    bytes += utf8Length(point);
    if (bytes > maxBytes) break;
    end += point.length;
  }
  return text.slice(0, end);
}

/** Whether a text has more bytes of UTF-8. Most are too short for that however they are written: nothing is encoded. */
function isLonger(text: string, maxBytes: number): boolean {
  return 3 * text.length > maxBytes && utf8Length(text) > maxBytes;
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

function quoted(text: string): string {
  return JSON.stringify(displayName(text.slice(0, 100)));
}
