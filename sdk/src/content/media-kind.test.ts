import { expect, test } from "vitest";
import { MEDIA_KINDS, mediaTypeOf } from "./media-kind.ts";

test.each([
  ["film.mp4", "video", "video/mp4", true],
  ["a/b/Song.FLAC", "audio", "audio/flac", true],
  ["photo.JPeG", "image", "image/jpeg", true],
  ["notes.md", "document", "text/plain; charset=utf-8", true],
  ["backup.tar", "archive", "application/x-tar", false],
])("mediaTypeOf() knows %s", (path, kind, mime, inline) => {
  expect(mediaTypeOf(path)).toEqual({ kind, mime, inline });
  expect(MEDIA_KINDS).toContain(kind);
});

test.each([
  "page.html",
  "page.xhtml",
  "picture.svg",
  "script.js",
  "feed.xml",
  "page.HTML",
  "a.mhtml",
  "x.swf",
  "x.shtml",
])("mediaTypeOf() never lets a browser show %s in place, which can carry a script", (path) => {
  const { mime, inline } = mediaTypeOf(path);
  expect(inline).toBe(false);
  expect(mime).not.toMatch(/html|svg|script|xml/);
});

test.each(["README", ".mp4", "name.", "constructor", "a.__proto__", "a.toString", "a.png/b", ""])(
  "mediaTypeOf() takes %j for bytes",
  (path) => {
    expect(mediaTypeOf(path)).toEqual({ kind: "other", mime: "application/octet-stream", inline: false });
  },
);
