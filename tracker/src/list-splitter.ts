import { invalidField, tooLargeField } from "./invalid-fields.ts";

/** Cuts a list into parts as it comes in, so that it is never in memory as a whole. */
export interface ListSplitter {
  /** Takes more of its text; gives what is whole once there is enough of it. Throws "invalid" for what isn't JSON. */
  push(text: string): Part | undefined;
  /** No more comes: gives the rest. */
  end(): Part;
}

export interface Part {
  /** A list, unless the whole text is something else. */
  readonly values: unknown;
  /** Values in the parts before. */
  readonly start: number;
}

export interface ListSplitterOptions {
  contentType?: string | undefined;
  /** Of text in a part, about: all values that are whole when there is as much. */
  partLength: number;
}

/** A JSON array, or NDJSON, one value a line: told apart by Content-Type, or by how it begins. */
export function createListSplitter({ contentType = "", partLength }: ListSplitterOptions): ListSplitter {
  let text = "";
  let kind: "unknown" | "lines" | "array" | "other" = /ndjson|jsonl/i.test(contentType) ? "lines" : "unknown";
  let count = 0;
  let lines = 0;
  const array = createArrayScanner();

  function part(values: unknown[]): Part {
    const start = count;
    count += values.length;
    return { values, start };
  }

  function linesOf(whole: string): unknown[] {
    const values: unknown[] = [];
    for (const line of whole.split("\n")) {
      lines++;
      if (line.trim() !== "") values.push(parseJson(line, `line ${lines}`));
    }
    return values;
  }

  function find(): void {
    const first = /\S/.exec(text);
    if (first === null) return;
    kind = first[0] === "{" ? "lines" : first[0] === "[" ? "array" : "other";
    if (kind === "array") text = text.slice(first.index + 1);
  }

  /** What is whole; `text` is what comes after it. */
  function cut(end: number): string {
    const whole = text.slice(0, end);
    text = text.slice(end + 1);
    array.moved(end + 1);
    return whole;
  }

  /** Where what is whole ends; undefined when there is nothing yet. */
  function endOfWhole(): number | undefined {
    if (kind === "lines") return text.includes("\n") ? text.lastIndexOf("\n") : undefined;
    return kind === "array" ? array.lastComma(text) : undefined;
  }

  return {
    push(more) {
      text += more;
      if (kind === "unknown") find();
      if (text.length < partLength) return undefined;
      const end = endOfWhole();
      if (end !== undefined)
        return part(kind === "lines" ? linesOf(cut(end)) : valuesOf(`${cut(end)}]`, false));
      // Whatever it is, it is no file, and looked at again with everything that comes.
      if (text.length > 2 * partLength)
        throw tooLargeField("files", `has a value of more than ${partLength} characters`);
      return undefined;
    },
    end() {
      if (kind === "lines") return part(linesOf(text));
      if (kind === "array") return part(valuesOf(text, count === 0));
      return { values: parseJson(text, "files"), start: 0 };
    },
  };

  /** `mayBeEmpty`: there was no comma before. */
  function valuesOf(rest: string, mayBeEmpty: boolean): unknown[] {
    const values = parseJson(`[${rest}`, "files") as unknown[];
    if (values.length === 0 && !mayBeEmpty)
      throw invalidField("files", "is not JSON: there is a comma without a value");
    return values;
  }
}

/** Throws "invalid" that names the field. */
export function parseJson(text: string, field: string): unknown {
  if (text.trim() === "") throw invalidField(field, "is empty; expected JSON");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidField(field, `is not JSON: ${error instanceof Error ? error.message.slice(0, 200) : ""}`);
  }
}

/** Where in a text that grows the values of an array end. */
function createArrayScanner() {
  let at = 0;
  let depth = 0;
  let isInString = false;
  let comma: number | undefined;

  return {
    /** The last comma between two values of the array itself. */
    lastComma(text: string): number | undefined {
      for (; at < text.length; at++) {
        const character = text.charCodeAt(at);
        if (isInString) {
          if (character === BACKSLASH) at++;
          else if (character === QUOTE) isInString = false;
        } else if (character === QUOTE) isInString = true;
        else if (character === OPEN_BRACE || character === OPEN_BRACKET) depth++;
        else if (character === CLOSE_BRACE || character === CLOSE_BRACKET) depth--;
        else if (character === COMMA && depth === 0) comma = at;
      }
      return comma;
    },
    /** That much was cut off at the beginning. */
    moved(length: number): void {
      at -= length;
      comma = undefined;
    },
  };
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
