import { PanalError } from "../errors.ts";
import type { BodyReader } from "../rpc/byte-transport.ts";

/** Of a status line with all headers, and of trailers. */
const MAX_HEAD_BYTES = 16 * 1024;
/** Of the line in front of a chunk: its size in hexadecimal, and perhaps extensions. */
const MAX_SIZE_LINE_BYTES = 1024;
/** Digits of a length: below 2^53, and of a chunk's size. */
const MAX_LENGTH_DIGITS = 15;
const MAX_SIZE_DIGITS = 12;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Status and headers of an answer. */
export interface ResponseHead {
  readonly status: number;
  /** By lower-case name; of a repeated one the first. */
  readonly headers: ReadonlyMap<string, string>;
}

/**
 * Takes one HTTP/1.1 answer (RFC 9112) apart as it comes, and gives its body to a reader without keeping any of it. Throws
 * "protocol" for what is no answer or over a limit.
 */
export interface Http1Parser {
  /** Undefined until it is whole. */
  readonly head: ResponseHead | undefined;
  /** The whole answer has been taken. */
  readonly isOver: boolean;
  /** Whether the connection can take another request after this answer. */
  readonly keepsAlive: boolean;
  /** Takes bytes, gives how many: fewer than all when the body waits for its reader or for room, or is over. */
  take(chunk: Uint8Array): number;
  /** Memory of the reader for the next bytes of the body; `filled` says how many have come there. */
  direct(): Uint8Array | undefined;
  filled(bytes: number): void;
  /** Who takes the body; before that it waits. */
  attach(reader: BodyReader): void;
  /** The connection has ended. Throws "unreachable" when the answer isn't over by that. */
  connectionEnded(): void;
}

type State =
  | { type: "head" }
  | { type: "size" }
  /** So many bytes of the body come; Infinity: all until the connection ends. */
  | { type: "payload"; left: number; isChunk: boolean }
  | { type: "chunk-end" }
  | { type: "trailers" }
  | { type: "over" };

export function createHttp1Parser(): Http1Parser {
  let state: State = { type: "head" };
  let line = "";
  let headBytes = 0;
  let status: { code: number; isHttp11: boolean } | undefined;
  let headers = new Map<string, string>();
  let head: ResponseHead | undefined;
  let keepsAlive = false;
  let reader: BodyReader | undefined;

  /** A line without its end, once that has come. */
  function takeLine(byte: number, maxBytes: number): string | undefined {
    if (++headBytes > maxBytes)
      throw new PanalError("protocol", `more than ${maxBytes} bytes in front of the data`);
    if (byte !== LINE_FEED) {
      line += String.fromCharCode(byte);
      return undefined;
    }
    const whole = line.charCodeAt(line.length - 1) === CARRIAGE_RETURN ? line.slice(0, -1) : line;
    line = "";
    return whole;
  }

  function takeHeadLine(text: string): void {
    if (status === undefined) status = parseStatus(text);
    else if (text !== "") addHeader(headers, text);
    else if (status.code >= 100 && status.code < 200) beginHead();
    else endHead(status);
  }

  /** After an interim answer (100, 103) comes the real one. */
  function beginHead(): void {
    if (status?.code === 101) throw new PanalError("protocol", "HTTP 101, which nobody asked for");
    status = undefined;
    headers = new Map();
  }

  function endHead({ code, isHttp11 }: { code: number; isHttp11: boolean }): void {
    head = { status: code, headers };
    headBytes = 0;
    state = bodyOf(head);
    const closes = /(^|,)\s*close\s*(,|$)/i.test(headers.get("connection") ?? "");
    keepsAlive = isHttp11 && !closes && !(state.type === "payload" && state.left === Infinity);
    endPayload();
  }

  /** The payload, if it is over, is followed by whatever comes next. */
  function endPayload(): void {
    if (state.type === "payload" && state.left === 0) {
      state = { type: state.isChunk ? "chunk-end" : "over" };
    }
  }

  function takeSize(text: string): void {
    headBytes = 0;
    const digits = text.split(";", 1)[0]!.trim();
    if (digits.length > MAX_SIZE_DIGITS || !/^[0-9a-f]+$/i.test(digits)) {
      throw new PanalError("protocol", "a chunk without a size");
    }
    const left = Number.parseInt(digits, 16);
    state = left === 0 ? { type: "trailers" } : { type: "payload", left, isChunk: true };
  }

  /** Takes what the state is about from the beginning of `chunk`; gives how many bytes. */
  function step(chunk: Uint8Array): number {
    switch (state.type) {
      case "head": {
        const text = takeLine(chunk[0]!, MAX_HEAD_BYTES);
        if (text !== undefined) takeHeadLine(text);
        return 1;
      }
      case "size": {
        const text = takeLine(chunk[0]!, MAX_SIZE_LINE_BYTES);
        if (text !== undefined) takeSize(text);
        return 1;
      }
      case "payload": {
        if (reader === undefined || reader.isDone) return 0;
        const taken = reader.take(chunk.length > state.left ? chunk.subarray(0, state.left) : chunk);
        state.left -= taken;
        endPayload();
        return taken;
      }
      case "chunk-end": {
        const text = takeLine(chunk[0]!, 2);
        if (text === undefined) return 1;
        if (text !== "") throw new PanalError("protocol", "a chunk longer than its size");
        headBytes = 0;
        state = { type: "size" };
        return 1;
      }
      case "trailers": {
        if (takeLine(chunk[0]!, MAX_HEAD_BYTES) === "") state = { type: "over" };
        return 1;
      }
      case "over":
        return 0;
    }
  }

  return {
    get head() {
      return head;
    },
    get isOver() {
      return state.type === "over";
    },
    get keepsAlive() {
      return keepsAlive;
    },
    take(chunk) {
      let at = 0;
      while (at < chunk.length) {
        const taken = step(at === 0 ? chunk : chunk.subarray(at));
        if (taken === 0) break;
        at += taken;
      }
      return at;
    },
    direct() {
      if (state.type !== "payload" || reader === undefined || reader.isDone) return undefined;
      const memory = reader.direct();
      return memory !== undefined && memory.length > state.left ? memory.subarray(0, state.left) : memory;
    },
    filled(bytes) {
      if (state.type !== "payload") throw new PanalError("internal", "bytes where none are due");
      state.left -= bytes;
      reader?.filled(bytes);
      endPayload();
    },
    attach(bodyReader) {
      reader = bodyReader;
    },
    connectionEnded() {
      if (state.type === "over") return;
      if (state.type !== "payload" || state.left !== Infinity) {
        throw new PanalError("unreachable", "the connection broke");
      }
      state = { type: "over" };
    },
  };
}

function parseStatus(text: string): { code: number; isHttp11: boolean } {
  const match = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/.exec(text);
  if (match === null) throw new PanalError("protocol", "no HTTP answer");
  return { code: Number(match[2]), isHttp11: match[1] === "1" };
}

function addHeader(headers: Map<string, string>, text: string): void {
  const match = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(text);
  if (match === null) throw new PanalError("protocol", "a header that can't be read");
  const name = match[1]!.toLowerCase();
  const value = match[2]!;
  const before = headers.get(name);
  if (before === undefined) headers.set(name, value);
  else if (name === "content-length" && before !== value) {
    throw new PanalError("protocol", "two different lengths");
  }
}

/** What follows the head (RFC 9112, 6.3). */
function bodyOf({ status, headers }: ResponseHead): State {
  if (status === 204 || status === 304) return { type: "over" };
  const encoding = headers.get("transfer-encoding");
  if (encoding !== undefined) {
    if (encoding.toLowerCase() !== "chunked") {
      throw new PanalError("protocol", "a transfer encoding nobody asked for");
    }
    return { type: "size" };
  }
  const length = headers.get("content-length");
  if (length === undefined) return { type: "payload", left: Infinity, isChunk: false };
  if (!/^\d+$/.test(length) || length.length > MAX_LENGTH_DIGITS) {
    throw new PanalError("protocol", "a length that can't be read");
  }
  return { type: "payload", left: Number(length), isChunk: false };
}
