import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PanalError } from "../errors.ts";
import { type EventStreamMessage, createEventStreamParser } from "./event-stream.ts";

const encoder = new TextEncoder();

/** Lines that mean something, ends of lines of all kinds, and noise. */
const part = fc.oneof(
  fc.constantFrom(
    "data",
    "data:",
    "data: a",
    "event: x",
    "id: 7",
    "id",
    ": c",
    "retry: 1",
    "\u{feff}",
    "é\u{1f41d}",
  ),
  fc.constantFrom("\n", "\n", "\r", "\r\n", "\n\n", ":", " ", "\u0000"),
  fc.string({ maxLength: 8 }),
);
const text = fc.array(part, { maxLength: 40 }).map((parts) => parts.join(""));

/** As the standard's words have it: the whole text at once. */
function parsePlainly(stream: string): EventStreamMessage[] {
  const messages: EventStreamMessage[] = [];
  let data: string[] = [];
  let event = "";
  let lastEventId = "";
  const lines = stream.replace(/^\u{feff}/u, "").split(/\r\n|\r|\n/);
  for (const line of lines.slice(0, -1)) {
    if (line === "") {
      if (data.length > 0) messages.push({ event: event || "message", data: data.join("\n"), lastEventId });
      data = [];
      event = "";
      continue;
    }
    const [, field, value = ""] = /^([^:]*)(?:: ?([^]*))?$/.exec(line)!;
    if (field === "data") data.push(value);
    if (field === "event") event = value;
    if (field === "id" && /^[ -~]*$/.test(value)) lastEventId = value;
  }
  return messages;
}

describe("createEventStreamParser(), however it is cut,", () => {
  it("reads the same messages as a plain reading of the standard", () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(200), { maxLength: 20 }), (stream, cuts) => {
        const bytes = encoder.encode(stream);
        const parser = createEventStreamParser();
        const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort(
          (a, b) => a - b,
        );
        const messages = edges
          .slice(1)
          .flatMap((end, index) => parser.push(bytes.subarray(edges[index], end)));
        expect(messages).toEqual(parsePlainly(stream.toWellFormed()));
      }),
      { numRuns: 500 },
    );
  });

  it("throws nothing but its own refusal at bytes of any kind", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 10 }), (chunks) => {
        const parser = createEventStreamParser();
        try {
          for (const chunk of chunks) parser.push(chunk);
        } catch (error) {
          expect(error).toBeInstanceOf(PanalError);
        }
      }),
    );
  });
});
