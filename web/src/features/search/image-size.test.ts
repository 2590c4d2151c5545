import fc from "fast-check";
import { expect, it } from "vitest";
import { imageSize } from "./image-size.ts";

const ascii = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));
const png = [0x89, ...ascii("PNG\r\n\u001a\n"), 0, 0, 0, 13, ...ascii("IHDR"), 0, 0, 2, 0x80, 0, 0, 1, 0xe0];
const gif = [...ascii("GIF89a"), 0x40, 0x01, 0xf0, 0x00];
const frame = [0xff, 0xc2, 0, 17, 8, 0x01, 0xe0, 0x02, 0x80];
const jpeg = [0xff, 0xd8, 0xff, 0xe1, 0, 4, 9, 9, 0xff, 0xff, 0xc4, 0, 3, 9, ...frame];
const riff = (kind: string, rest: readonly number[]) => [
  ...ascii("RIFF"),
  0,
  0,
  0,
  0,
  ...ascii(`WEBP${kind}`),
  ...rest,
];

it.each([
  ["PNG", png, { width: 640, height: 480 }],
  ["GIF", gif, { width: 320, height: 240 }],
  ["JPEG", jpeg, { width: 640, height: 480 }],
  [
    "WebP with features",
    riff("VP8X", [10, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0x02, 0, 0xdf, 0x01, 0]),
    { width: 640, height: 480 },
  ],
  [
    "lossy WebP",
    riff("VP8 ", [0, 0, 0, 0, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]),
    { width: 640, height: 480 },
  ],
  ["lossless WebP", riff("VP8L", [0, 0, 0, 0, 0x2f, 0x7f, 0xc2, 0x77, 0x00]), { width: 640, height: 480 }],
])("imageSize() of a %s", (_kind, bytes, size) => {
  expect(imageSize(Uint8Array.from(bytes))).toEqual(size);
});

it("imageSize() of anything else, or of a beginning, is undefined or a size, and never an error", () => {
  for (const bytes of [[], ascii("<svg/>"), png.slice(0, 10), jpeg.slice(0, 15), riff("JUNK", [1, 2, 3])]) {
    expect(imageSize(Uint8Array.from(bytes))).toBeUndefined();
  }
  fc.assert(
    fc.property(
      fc.constantFrom(png, gif, jpeg, riff("VP8X", [])),
      fc.uint8Array({ maxLength: 64 }),
      (start, rest) => {
        imageSize(Uint8Array.from([...start.slice(0, 16), ...rest]));
      },
    ),
  );
});
