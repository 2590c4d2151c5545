import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PanalError } from "../errors.ts";
import { createCollector } from "../transfer/testing/index.ts";
import { feed } from "./byte-transport.ts";
import { createDownloadReader } from "./download-stream.ts";
import { connectStream, grpcWebStream } from "./stream-formats.ts";
import corpus from "./testdata/download-bodies.json" with { type: "json" };

/** The limit of a stream's end, and what the test itself needs. */
const MAX_ANNOUNCED_BYTES = 128 * 1024;

const encoder = new TextEncoder();
const hello = encoder.encode("hello, comb!");
const FORMATS = [connectStream, grpcWebStream];

/** Well-formed frames, frames with wrong lengths, ends, and noise: what gets further than noise alone. */
const frame = fc
  .record({
    flags: fc.oneof(fc.constantFrom(0, 0, 0, 1, 2, 0x80, 0x82), fc.nat(255)),
    content: fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.uint8Array({ maxLength: 20 }).map((data) => Uint8Array.from([0x0a, data.length, ...data])),
      fc
        .constantFrom("{}", '{"error":{"code":"aborted"}}', "grpc-status: 0\r\n", "{")
        .map((text) => encoder.encode(text)),
    ),
    lie: fc.oneof(fc.constant(0), fc.integer({ min: -5, max: 5 }), fc.constant(2 ** 32 - 1)),
  })
  .map(({ flags, content, lie }) => {
    const bytes = new Uint8Array(5 + content.length);
    bytes[0] = flags;
    new DataView(bytes.buffer).setUint32(1, Math.min(2 ** 32 - 1, Math.max(0, content.length + lie)));
    bytes.set(content, 5);
    return bytes;
  });
const body = fc
  .array(frame, { maxLength: 6 })
  .map((frames) => Uint8Array.from(frames.flatMap((bytes) => [...bytes])));

/** What was asked for, in messages of any size, with the end of one of the formats. */
const goodBody = fc
  .tuple(fc.array(fc.nat(12), { maxLength: 4 }), fc.constantFrom(0, 1))
  .map(([cuts, format]) => {
    const edges = [0, ...cuts.sort((a, b) => a - b), 12];
    const messages = edges
      .slice(1)
      .map((end, index) => [0x0a, end - edges[index]!, ...hello.subarray(edges[index], end)]);
    const end = encoder.encode(["{}", "grpc-status: 0\r\n"][format]);
    return Uint8Array.from([
      ...messages.flatMap((message) => [0, 0, 0, 0, message.length, ...message]),
      FORMATS[format]!.endFlag,
      0,
      0,
      0,
      end.length,
      ...end,
    ]);
  });

/** What comes out: the bytes, or the code of the error. */
async function outcome(bytes: Uint8Array, chunkBytes: number, format: (typeof FORMATS)[number]) {
  const sink = createCollector(12);
  try {
    const reader = createDownloadReader({ format, expectedBytes: 12, sink });
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      await feed(bytes.subarray(at, at + chunkBytes), reader);
    }
    reader.end();
    return [...sink.bytes];
  } catch (error) {
    // The sink's own failure would be another class: never a byte more than was asked for comes that far.
    expect(error).toBeInstanceOf(PanalError);
    return (error as PanalError).code;
  }
}

describe("createDownloadReader()", () => {
  it("makes the same of a body however it is cut, and never more than was asked for", async () => {
    let wholes = 0;
    const bodies = fc.oneof(body, goodBody);
    const cuts = fc.integer({ min: 1, max: 9 });
    await fc.assert(
      fc.asyncProperty(bodies, cuts, fc.constantFrom(...FORMATS), async (bytes, cut, format) => {
        const whole = await outcome(bytes, Math.max(1, bytes.length), format);
        if (Array.isArray(whole)) {
          expect(whole).toHaveLength(12);
          wholes++;
        }
        expect(await outcome(bytes, cut, format)).toEqual(whole);
      }),
      { numRuns: 2_000 },
    );
    // The examples aren't all refused at their first byte.
    expect(wholes).toBeGreaterThan(100);
  });

  it("makes of each body of the corpus what it did when that was found", async () => {
    for (const { format, hex, outcome: expected } of corpus) {
      const bytes = Uint8Array.from(Buffer.from(hex, "hex"));
      const of = format === "connect" ? connectStream : grpcWebStream;
      for (const cut of [1, Math.max(1, bytes.length)]) {
        const found = await outcome(bytes, cut, of);
        expect(Array.isArray(found) ? "whole" : found, `${format} ${hex}`).toBe(expected);
      }
    }
  });

  it("spends no memory on what is only announced", async () => {
    for (const { format, hex } of corpus) {
      const bytes = Uint8Array.from(Buffer.from(hex, "hex"));
      const before = process.memoryUsage().arrayBuffers;
      await outcome(bytes, 1, format === "connect" ? connectStream : grpcWebStream);
      const spentBytes = process.memoryUsage().arrayBuffers - before;
      expect(spentBytes, `${format} ${hex}`).toBeLessThan(MAX_ANNOUNCED_BYTES);
    }
  });
});
