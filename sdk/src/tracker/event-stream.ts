import { PanalError } from "../errors.ts";

/** A message of a stream of server-sent events; `event` is "message" when it has no name. */
export interface EventStreamMessage {
  readonly event: string;
  readonly data: string;
  /** Of this message or the last one before it that had one; "" when there was none. */
  readonly lastEventId: string;
}

export interface EventStreamParser {
  /** The messages that are whole with these bytes. Throws "too-large" when one is longer than any honest one. */
  push(bytes: Uint8Array): EventStreamMessage[];
  /** What to come back with, also from messages without data. */
  readonly lastEventId: string;
}

/** One message, in UTF-16 units: a hundred named files with the longest paths are below. */
export const MAX_MESSAGE_LENGTH = 1024 * 1024;
const MAX_ID_LENGTH = 256;

/** Parses `text/event-stream` as the HTML standard has it (9.2.6). `retry` is left aside: the client knows how long to wait. */
export function createEventStreamParser(lastEventId = ""): EventStreamParser {
  const decoder = new TextDecoder();
  /** The line that isn't whole yet, in parts: appended to, it would be searched again and again. */
  let line: string[] = [];
  let length = 0;
  let data: string[] = [];
  let event = "";
  let isAfterReturn = false;

  function measure(added: number): void {
    length += added;
    if (length <= MAX_MESSAGE_LENGTH) return;
    throw new PanalError("too-large", `an event is longer than ${MAX_MESSAGE_LENGTH} characters`);
  }

  function endMessage(): EventStreamMessage | undefined {
    const message = { event: event === "" ? "message" : event, data: data.join("\n"), lastEventId };
    const isMessage = data.length > 0;
    data = [];
    event = "";
    length = 0;
    return isMessage ? message : undefined;
  }

  function endLine(text: string): EventStreamMessage | undefined {
    if (text === "") return endMessage();
    const colon = text.indexOf(":");
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + (text[colon + 1] === " " ? 2 : 1));
    if (field === "data") data.push(value);
    else if (field === "event") event = value;
    else if (field === "id" && value.length <= MAX_ID_LENGTH && isHeaderValue(value)) lastEventId = value;
    // A comment, or a field of another time: it doesn't count, however many there are.
    else length -= Math.min(length, text.length + 1);
    return undefined;
  }

  return {
    push(bytes) {
      const messages: EventStreamMessage[] = [];
      const text = decoder.decode(bytes, { stream: true });
      let start = 0;
      for (const { index, 0: end } of text.matchAll(/[\r\n]/g)) {
        const isSecondHalf = end === "\n" && isAfterReturn && index === start && line.length === 0;
        isAfterReturn = end === "\r";
        const part = text.slice(start, index);
        start = index + 1;
        if (isSecondHalf) continue;
        measure(part.length + 1);
        const message = endLine(line.join("") + part);
        line = [];
        if (message !== undefined) messages.push(message);
      }
      const rest = text.slice(start);
      if (rest === "") return messages;
      isAfterReturn = false;
      measure(rest.length);
      line.push(rest);
      return messages;
    },
    get lastEventId() {
      return lastEventId;
    },
  };
}

/** It goes back as a header, where `fetch` refuses all else. */
function isHeaderValue(text: string): boolean {
  return /^[\u0020-\u007e]*$/.test(text);
}
