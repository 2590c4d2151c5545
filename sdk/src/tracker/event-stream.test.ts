import { describe, expect, it } from "vitest";
import { MAX_MESSAGE_LENGTH, createEventStreamParser } from "./event-stream.ts";

const encoder = new TextEncoder();

function parse(...chunks: string[]) {
  const parser = createEventStreamParser();
  const messages = chunks.flatMap((chunk) => parser.push(encoder.encode(chunk)));
  return {
    messages: messages.map(({ event, data, lastEventId }) => [event, data, lastEventId]),
    lastEventId: parser.lastEventId,
  };
}

describe("createEventStreamParser()", () => {
  it.each<[what: string, text: string, messages: string[][]]>([
    ["a message", "data: a\n\n", [["message", "a", ""]]],
    ["its name and id", "id: 7\nevent: x\ndata: a\n\n", [["x", "a", "7"]]],
    ["data of several lines", "data: a\ndata\ndata:b\n\n", [["message", "a\n\nb", ""]]],
    [
      "all ends of lines",
      "data: a\r\rdata: b\r\n\r\ndata: c\n\n",
      ["a", "b", "c"].map((data) => ["message", data, ""]),
    ],
    ["no space, and no more than one of them", "data:a\ndata:  b\n\n", [["message", "a\n b", ""]]],
    ["a mark at the start", "\u{feff}data: a\n\n", [["message", "a", ""]]],
    [
      "the id until there is another",
      "id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
      [
        ["message", "a", "1"],
        ["message", "b", "1"],
        ["message", "c", ""],
      ],
    ],
    ["nothing of comments and unknown fields", ": x\nretry: 5\nmore: y\ndata: a\n\n", [["message", "a", ""]]],
    ["no message without data, whose name is forgotten", "event: x\n\ndata: a\n\n", [["message", "a", ""]]],
    ["no message that isn't whole", "data: a\n", []],
  ])("reads %s", (_what, text, messages) => expect(parse(text).messages).toEqual(messages));

  it("keeps the id of a message without data", () => {
    expect(parse("id: 5\n\n")).toEqual({ messages: [], lastEventId: "5" });
  });

  it.each(["a\u0000b", "\u{1f41d}", "x".repeat(257)])("takes no id that can't go back: %j", (id) => {
    expect(parse(`id: 1\nid: ${id}\ndata: a\n\n`).messages).toEqual([["message", "a", "1"]]);
  });

  it("takes a return and a line feed in two chunks as one end", () => {
    expect(parse("data: a\r", "\ndata: b\r", "\n\r", "\n").messages).toEqual([["message", "a\nb", ""]]);
  });

  it("gives up a message that has no end, in one line or in many", () => {
    const piece = "x".repeat(64 * 1024);
    const tooLarge = expect.objectContaining({ code: "too-large" });
    expect(() => parse("data: ", ...Array.from({ length: 17 }, () => piece))).toThrow(tooLarge);
    expect(() => parse(...Array.from({ length: 17 }, () => `data: ${piece}\n`))).toThrow(tooLarge);
    expect(() => parse(": ", ...Array.from({ length: 17 }, () => piece))).toThrow(tooLarge);
    expect(parse(`data: ${"x".repeat(MAX_MESSAGE_LENGTH - 8)}\n\n`).messages).toHaveLength(1);
  });

  it("takes any number of comments and messages", () => {
    const text = `: ${"x".repeat(60_000)}\ndata: ${"y".repeat(60_000)}\n\n`;
    expect(parse(...Array.from({ length: 40 }, () => text)).messages).toHaveLength(40);
    expect(parse(...Array.from({ length: 40 }, () => `: ${"x".repeat(60_000)}\n`)).messages).toEqual([]);
  });
});
