import { PanalError } from "@panal/sdk";
import type { z } from "zod";
import { InvalidFieldsError } from "./problem.ts";

/** Bodies of single things: a registration, a logout. */
export const MAX_SMALL_BODY_BYTES = 64 * 1024;
/** A list of files, or a part of one. */
export const MAX_LIST_BODY_BYTES = 32 * 1024 * 1024;

/** What of a request is needed to read its body. */
interface BodyRequest {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly headers: Headers;
}

/**
 * The body as text. Throws "too-large" before memory is spent on more than `maxBytes`, "invalid" when it is
 * compressed or no UTF-8.
 */
export async function readText(request: BodyRequest, maxBytes: number): Promise<string> {
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") throw new PanalError("invalid", `body: send it without ${encoding} encoding`);
  const tooLarge = () => new PanalError("too-large", `body: at most ${maxBytes} bytes are taken at once`);
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();
  if (request.body === null) return "";
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const parts: string[] = [];
  let total = 0;
  try {
    for await (const chunk of request.body) {
      total += chunk.length;
      if (total > maxBytes) throw tooLarge();
      parts.push(decoder.decode(chunk, { stream: true }));
    }
    parts.push(decoder.decode());
  } catch (error) {
    if (error instanceof PanalError) throw error;
    throw new PanalError("invalid", "body: not UTF-8, or it broke off", { cause: error });
  }
  return parts.join("");
}

/** The body as JSON of this shape, whatever its Content-Type: curl says it sends a form. */
export async function readJson<T extends z.ZodType>(
  request: BodyRequest,
  schema: T,
  maxBytes: number = MAX_SMALL_BODY_BYTES,
): Promise<z.output<T>> {
  return parseWith(schema, parseJson(await readText(request, maxBytes), "body"), "body");
}

/** A list as a JSON array or as NDJSON, one value a line: told apart by Content-Type, or by how it begins. */
export async function readList<T extends z.ZodType>(request: BodyRequest, schema: T): Promise<z.output<T>> {
  const text = await readText(request, MAX_LIST_BODY_BYTES);
  const isLines = /ndjson|jsonl/i.test(request.headers.get("content-type") ?? "") || /^\s*\{/.test(text);
  const list = isLines ? parseLines(text) : parseJson(text, "files");
  return parseWith(schema, list, "files");
}

function parseLines(text: string): unknown[] {
  const values: unknown[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() !== "") values.push(parseJson(line, `line ${index + 1}`));
  }
  return values;
}

function parseJson(text: string, field: string): unknown {
  if (text.trim() === "") throw new InvalidFieldsError([{ field, message: "is empty; expected JSON" }]);
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : "";
    throw new InvalidFieldsError([{ field, message: `is not JSON: ${why.slice(0, 200)}` }]);
  }
}

function parseWith<T extends z.ZodType>(schema: T, value: unknown, root: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw InvalidFieldsError.fromZod(parsed.error, root);
  return parsed.data;
}
