import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSubtitles } from "./parse-subtitles.ts";

const parse = (text: string) => parseSubtitles(new TextEncoder().encode(text));

describe("parseSubtitles()", () => {
  it("reads SubRip", () => {
    const text =
      "1\r\n00:00:01,500 --> 00:00:03,000\r\nThe bees\r\nof <i>winter</i>\r\n\r\n2\r\n01:02:03,4 --> 01:02:05,000\r\nEnd\r\n";
    expect(parse(text)).toEqual([
      { start: 1.5, end: 3, text: "The bees\nof <i>winter</i>" },
      { start: 3723.4, end: 3725, text: "End" },
    ]);
  });

  it("reads WebVTT, without its notes, styles and settings", () => {
    const text =
      "WEBVTT\n\nNOTE a --> b\n\nSTYLE\n::cue { color: red }\n\nintro\n00:02.000 --> 00:04.000 align:start position:10%\n<v Ana>Hello &amp; bye\n";
    expect(parse(text)).toEqual([{ start: 2, end: 4, text: "Hello &amp;amp; bye" }]);
  });

  it("puts them in the order of time", () => {
    const text = "00:05.000 --> 00:06.000\nb\n\n00:01.000 --> 00:02.000\na\n";
    expect(parse(text).map(({ text }) => text)).toEqual(["a", "b"]);
  });

  it.each([
    ["<img src=x onerror=alert(1)>", ""],
    ["<script>x</script>", "x"],
    ["a < b > c & d", "a &lt; b &gt; c &amp; d"],
    ["<b onclick=1>x</b>", "x</b>"],
    ["{\\an8}Above", "Above"],
    ["<<b>i>x", "&lt;<b>i&gt;x"],
  ])("leaves of %j nothing but text", (hostile, text) => {
    expect(parse(`00:01.000 --> 00:02.000\n${hostile}\nz`).map((cue) => cue.text)).toEqual([
      `${text}\nz`.trim(),
    ]);
  });

  it("reads what isn't UTF-8 as the old encoding of the west", () => {
    const bytes = new Uint8Array([...new TextEncoder().encode("00:01.000 --> 00:02.000\nsue"), 0xf1, 0x6f]);
    expect(parseSubtitles(bytes)).toMatchObject([{ text: "sueño" }]);
  });

  it("makes of anything at all cues within bounds, whose only markup is harmless", () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "00:01.000 --> 00:02.000",
        "-->",
        "\n",
        "\n\n",
        "<b>",
        "</i>",
        "<",
        "&lt;",
        "&",
        "{\\",
        "WEBVTT",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        for (const { start, end, text } of parse(pieces.join(""))) {
          expect(Number.isFinite(start) && end > start).toBe(true);
          expect(text.replace(/<\/?[biu]>/g, "")).not.toMatch(/[<>]/);
        }
      }),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => void parseSubtitles(bytes)));
  });

  it("stops at its bounds", () => {
    const many = "00:01.000 --> 00:02.000\nx\n\n".repeat(25_000);
    expect(parse(many)).toHaveLength(20_000);
    const [long] = parse(`00:01.000 --> 00:02.000\n${"<".repeat(100_000)}`);
    expect(long!.text).toBe("&lt;".repeat(1_000));
  });
});
