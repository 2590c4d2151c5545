import { PanalError, createGate } from "@panal/sdk";
import type { z } from "zod";
import { type Part, createListSplitter, parseJson } from "./list-splitter.ts";
import { InvalidFieldsError, tooLargeField } from "./invalid-fields.ts";
import { type Wait, waitMs, withinTime } from "./wait.ts";

/** Bodies of single things: a registration, a logout. */
export const MAX_SMALL_BODY_BYTES = 64 * 1024;
/** A list of files, or a part of one. */
export const MAX_LIST_BODY_BYTES = 32 * 1024 * 1024;
/** Of all bodies that are here or on their way in, so that many senders together cost no more. */
const MAX_BUFFERED_BYTES = 256 * 1024 * 1024;
/** Of bodies being parsed and stored at once: each then takes several times its length. Small ones share what is stored together. */
const MAX_PARSED_BYTES = 8 * 1024 * 1024;
/** An empty one takes some, too. */
const MIN_PARSED_BYTES = 64 * 1024;
/** Of text in a part of a list: a thousand files. */
const PART_LENGTH = 256 * 1024;
/** Of a sender of whom more is expected. While what came is being stored, it isn't counted: that is for us to hurry up. */
const SILENCE_MS = 60_000;

/** What of a request is needed to read its body. */
interface BodyRequest {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly headers: Headers;
}

/** Reads bodies into bounded memory. */
export interface BodyReader {
  /**
   * Gives the body as text to `work`. Throws "too-large" before memory is spent on more than `maxBytes`, "busy" when
   * others' bodies fill what there is, "timeout" when the sender falls silent, "invalid" when it is compressed or no UTF-8.
   */
  use<T>(request: BodyRequest, maxBytes: number, work: (text: string) => Promise<T>): Promise<T>;
  /**
   * Gives a list to `work` a part at a time, and reads on when that is done: a long one is never here as a whole. The last part
   * may be empty. Throws as `use` does, and "invalid" for what isn't JSON.
   */
  useParts(request: BodyRequest, maxBytes: number, work: (part: Part) => Promise<void>): Promise<void>;
}

export interface BodyReaderOptions {
  readonly maxBufferedBytes?: number;
  readonly wait?: Wait;
  /** Told when long lists come and none came before, and when the last of them is stored. */
  readonly onBulk?: ((isBulk: boolean) => void) | undefined;
}

export function createBodyReader({
  maxBufferedBytes = MAX_BUFFERED_BYTES,
  wait = waitMs,
  onBulk,
}: BodyReaderOptions = {}): BodyReader {
  const gate = createGate(MAX_PARSED_BYTES);
  let [buffered, long] = [0, 0];

  /** Counts what is here of one body. */
  function startCount(request: BodyRequest, maxBytes: number) {
    const encoding = request.headers.get("content-encoding") ?? "identity";
    if (encoding !== "identity")
      throw new PanalError("invalid", `body: send it without ${encoding} encoding`);
    const tooLarge = () => tooLargeField("body", `at most ${maxBytes} bytes are taken at once`);
    if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();
    let [total, here] = [0, 0];
    const isLong = () => total > PART_LENGTH;
    const letGo = () => {
      buffered -= here;
      here = 0;
    };
    return {
      get here() {
        return here;
      },
      /** May throw, and is asked before more memory is spent. */
      add(bytes: number) {
        const wasLong = isLong();
        total += bytes;
        here += bytes;
        buffered += bytes;
        if (!wasLong && isLong() && long++ === 0) onBulk?.(true);
        if (total > maxBytes) throw tooLarge();
        if (buffered > maxBufferedBytes)
          throw new PanalError("busy", "too many lists at once; send it again soon");
      },
      letGo,
      end() {
        letGo();
        if (isLong() && --long === 0) onBulk?.(false);
      },
    };
  }

  return {
    async use(request, maxBytes, work) {
      const count = startCount(request, maxBytes);
      try {
        const parts: Uint8Array[] = [];
        for await (const chunk of chunksOf(request.body, wait)) {
          count.add(chunk.length);
          parts.push(chunk);
        }
        // What waits stays as it came: as text it might take twice the space, and of the heap.
        return await gate.run(() => work(textOf(parts)), Math.max(MIN_PARSED_BYTES, count.here));
      } finally {
        count.end();
      }
    },
    async useParts(request, maxBytes, work) {
      const count = startCount(request, maxBytes);
      const decoder = createDecoder();
      const contentType = request.headers.get("content-type") ?? undefined;
      const list = createListSplitter({ contentType, partLength: PART_LENGTH });
      const handOn = (part: Part) => gate.run(() => work(part), Math.max(MIN_PARSED_BYTES, count.here));
      try {
        for await (const chunk of chunksOf(request.body, wait)) {
          count.add(chunk.length);
          const part = list.push(decoder.decode(chunk));
          if (part === undefined) continue;
          await handOn(part);
          count.letGo();
        }
        // Nothing more, unless it broke off within a character.
        decoder.end();
        await handOn(list.end());
      } finally {
        count.end();
      }
    },
  };
}

async function* chunksOf(body: BodyRequest["body"], wait: Wait): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    for (;;) {
      const chunk = await nextChunk(reader, wait);
      if (chunk === undefined) return;
      yield chunk;
    }
  } finally {
    // Whatever ended it: of one that came whole, nothing is left to be told.
    void reader.cancel().catch(() => {});
  }
}

async function nextChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  wait: Wait,
): Promise<Uint8Array | undefined> {
  const reading = reader.read().catch((error: unknown) => {
    throw new PanalError("invalid", "body: broke off", { cause: error });
  });
  const late = () => new PanalError("timeout", "body: nothing came for too long");
  return (await withinTime(reading, { ms: SILENCE_MS, wait, late })).value;
}

function createDecoder() {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (chunk?: Uint8Array) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (error) {
      throw new PanalError("invalid", "body: is not UTF-8", { cause: error });
    }
  };
  return { decode: (chunk: Uint8Array) => decode(chunk), end: () => decode() };
}

/** Empties `parts`: what is read isn't kept twice. */
function textOf(parts: Uint8Array[]): string {
  const decoder = createDecoder();
  const text = parts.map((part) => decoder.decode(part)).join("") + decoder.end();
  parts.length = 0;
  return text;
}

/** A body as JSON of this shape, whatever its Content-Type: curl says it sends a form. */
export function parseJsonBody<T extends z.ZodType>(text: string, schema: T): z.output<T> {
  return parseWith(schema, parseJson(text, "body"), "body");
}

function parseWith<T extends z.ZodType>(schema: T, value: unknown, root: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw InvalidFieldsError.fromZod(parsed.error, { root, value });
  return parsed.data;
}
