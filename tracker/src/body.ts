import { PanalError } from "@panal/sdk";
import type { z } from "zod";
import { createGate } from "./gate.ts";
import { parseItems } from "./parse-items.ts";
import { InvalidFieldsError, invalidField, tooLargeField } from "./invalid-fields.ts";

/** Bodies of single things: a registration, a logout. */
export const MAX_SMALL_BODY_BYTES = 64 * 1024;
/** A list of files, or a part of one. */
export const MAX_LIST_BODY_BYTES = 32 * 1024 * 1024;
/** Of all bodies that are here or on their way in, so that many senders together cost no more. */
const MAX_BUFFERED_BYTES = 256 * 1024 * 1024;
/** Of bodies being parsed and stored at once: each then takes several times its length. Small ones share what is stored together. */
const MAX_PARSED_BYTES = 16 * 1024 * 1024;
/** An empty one takes some, too. */
const MIN_PARSED_BYTES = 64 * 1024;

/** What of a request is needed to read its body. */
interface BodyRequest {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly headers: Headers;
}

/** Reads bodies into bounded memory. */
export interface BodyReader {
  /**
   * Gives the body as text to `work`. Throws "too-large" before memory is spent on more than `maxBytes`, "busy" when
   * others' bodies fill what there is, "invalid" when it is compressed or no UTF-8.
   */
  use<T>(request: BodyRequest, maxBytes: number, work: (text: string) => Promise<T>): Promise<T>;
}

export function createBodyReader({ maxBufferedBytes = MAX_BUFFERED_BYTES } = {}): BodyReader {
  const gate = createGate(MAX_PARSED_BYTES);
  let buffered = 0;
  return {
    async use(request, maxBytes, work) {
      const encoding = request.headers.get("content-encoding") ?? "identity";
      if (encoding !== "identity")
        throw new PanalError("invalid", `body: send it without ${encoding} encoding`);
      const tooLarge = () => tooLargeField("body", `at most ${maxBytes} bytes are taken at once`);
      if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();
      let total = 0;
      const count = (bytes: number) => {
        total += bytes;
        buffered += bytes;
        if (total > maxBytes) throw tooLarge();
        if (buffered > maxBufferedBytes)
          throw new PanalError("busy", "too many lists at once; send it again soon");
      };
      try {
        const bytes = request.body === null ? [] : await readBytes(request.body, count);
        // What waits stays as it came: as text it might take twice the space, and of the heap.
        return await gate.run(() => work(textOf(bytes)), Math.max(MIN_PARSED_BYTES, total));
      } finally {
        buffered -= total;
      }
    },
  };
}

/** `count` may throw, and is asked before more memory is spent. */
async function readBytes(
  body: ReadableStream<Uint8Array>,
  count: (bytes: number) => void,
): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  try {
    for await (const chunk of body) {
      count(chunk.length);
      parts.push(chunk);
    }
  } catch (error) {
    if (error instanceof PanalError) throw error;
    throw new PanalError("invalid", "body: broke off", { cause: error });
  }
  return parts;
}

/** Empties `parts`: what is read isn't kept twice. */
function textOf(parts: Uint8Array[]): string {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    const text = parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
    parts.length = 0;
    return text;
  } catch (error) {
    throw new PanalError("invalid", "body: is not UTF-8", { cause: error });
  }
}

/** A body as JSON of this shape, whatever its Content-Type: curl says it sends a form. */
export function parseJsonBody<T extends z.ZodType>(text: string, schema: T): z.output<T> {
  return parseWith(schema, parseJson(text, "body"), "body");
}

/** A list as a JSON array or as NDJSON, one value a line: told apart by Content-Type, or by how it begins. */
export async function parseListBody<T extends z.ZodType>(
  text: string,
  { schema, maxItems, contentType = "" }: { schema: T; maxItems: number; contentType?: string | undefined },
): Promise<z.output<T>[]> {
  const isLines = /ndjson|jsonl/i.test(contentType) || /^\s*\{/.test(text);
  const values = isLines ? parseLines(text) : parseJson(text, "files");
  return parseItems(values, { schema, field: "files", maxItems });
}

function parseLines(text: string): unknown[] {
  const values: unknown[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() !== "") values.push(parseJson(line, `line ${index + 1}`));
  }
  return values;
}

function parseJson(text: string, field: string): unknown {
  if (text.trim() === "") throw invalidField(field, "is empty; expected JSON");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidField(field, `is not JSON: ${error instanceof Error ? error.message.slice(0, 200) : ""}`);
  }
}

function parseWith<T extends z.ZodType>(schema: T, value: unknown, root: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw InvalidFieldsError.fromZod(parsed.error, { root, value });
  return parsed.data;
}
