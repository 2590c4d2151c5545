import { isFileId } from "@panal/sdk";
import { describe, expect, it } from "vitest";
import { fileIdOfTime, machineNowUs, takeTimes } from "./sent-time.ts";

const event = (timeUs: number) =>
  `id: x.1\nevent: files-changed\ndata: {"added":[{"path":"a","fileId":"${fileIdOfTime(timeUs)}"}]}\n\n\r\n`;

/** The times found when the text comes in pieces of this length. */
function timesIn(text: string, pieceLength: number): number[] {
  const times: number[] = [];
  let rest: Buffer | undefined;
  for (let at = 0; at < text.length; at += pieceLength) {
    const piece = Buffer.from(text.slice(at, at + pieceLength));
    rest = takeTimes(rest === undefined ? piece : Buffer.concat([rest, piece]), (time) => times.push(time));
  }
  return times;
}

describe("sent-time", () => {
  it("fileIdOfTime() is a file id", () => {
    expect(isFileId(fileIdOfTime(machineNowUs()))).toBe(true);
  });

  it("takeTimes() finds each time once, wherever the stream is cut", () => {
    const text = `: hello\n\n${event(1)}${event(1_234_567_890_123)}: still here\n\n${event(3)}`;
    for (const pieceLength of [1, 2, 7, 10, 50, 64, text.length]) {
      expect(timesIn(text, pieceLength)).toEqual([1, 1_234_567_890_123, 3]);
    }
  });

  it("takeTimes() keeps nothing when an event has ended", () => {
    expect(takeTimes(Buffer.from(event(1)), () => {})).toBeUndefined();
  });
});
