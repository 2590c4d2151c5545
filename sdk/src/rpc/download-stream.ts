import { PanalError } from "../errors.ts";
import type { ByteSink } from "../transfer/byte-sink.ts";
import type { BodyReader } from "./byte-transport.ts";

/** No honest peer sends longer messages of file data (1 MiB, and its protobuf tag). */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** Trailers, or the JSON at the end of a Connect stream. */
const MAX_END_BYTES = 64 * 1024;

const ENVELOPE_BYTES = 5;
const FLAG_COMPRESSED = 0x01;

/** DownloadFileResponse.data: field 1, length-delimited. */
const DATA_FIELD = 1;
const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_BYTES = 2;
const WIRE_FIXED32 = 5;

export interface StreamFormat {
  /** The flag of the envelope that ends the stream: 0x02 in Connect, 0x80 in gRPC-Web. */
  readonly endFlag: number;
  /** The error its content tells, if any. */
  parseEnd(content: Uint8Array): PanalError | undefined;
}

/**
 * Takes the file bytes out of the body of a DownloadFile answer and puts them into a sink: nothing is collected, whatever
 * the size of a message, and where file data is due it can be received straight into its place. Every announced
 * length is checked before anything is done with it. Throws the error the stream ends with, and "protocol" for anything
 * that isn't a whole stream of exactly `expectedBytes`.
 */
export function createDownloadReader(options: {
  format: StreamFormat;
  expectedBytes: number;
  sink: ByteSink;
}): BodyReader {
  const { format, expectedBytes, sink } = options;
  const envelope = new Uint8Array(ENVELOPE_BYTES);
  let envelopeFilled = 0;
  /** Of the current message, still to come. */
  let messageLeft = 0;
  /** Of the current data field, or of a field to be skipped. */
  let fieldLeft = 0;
  let isData = false;
  const varint = createVarintReader();
  let tag: number | undefined;
  let end: { content: Uint8Array; filled: number } | undefined;
  let total = 0;

  /** Of the field's data, so many bytes are dealt with. */
  function pass(bytes: number): void {
    fieldLeft -= bytes;
    messageLeft -= bytes;
  }

  function beginMessage(): void {
    envelopeFilled = 0;
    const { flags, length } = parseEnvelope(envelope);
    const isEnd = flags === format.endFlag;
    if (!isEnd && flags !== 0) throw new PanalError("protocol", `unexpected message flags ${flags}`);
    if (length > (isEnd ? MAX_END_BYTES : MAX_MESSAGE_BYTES)) {
      throw new PanalError("protocol", `a message of ${length} bytes is announced`);
    }
    if (isEnd) end = { content: new Uint8Array(length), filled: 0 };
    else messageLeft = length;
  }

  /** A byte of a tag or a length. */
  function takeFieldHeader(byte: number): void {
    messageLeft--;
    const value = varint.push(byte);
    if (value !== undefined) {
      if (tag === undefined) {
        tag = value;
        isData = tag === ((DATA_FIELD << 3) | WIRE_BYTES);
        fieldLeft = fixedLength(tag);
        if (fieldLeft > 0) tag = undefined;
      } else {
        if ((tag & 7) === WIRE_BYTES) fieldLeft = value;
        tag = undefined;
      }
      if (fieldLeft > messageLeft) throw new PanalError("protocol", "a field is longer than its message");
      if (isData && total + fieldLeft > expectedBytes) {
        throw new PanalError("protocol", `more than the ${expectedBytes} bytes asked for`);
      }
    }
    if (messageLeft === 0 && (tag !== undefined || varint.isPartial)) {
      throw new PanalError("protocol", "a message ends within a field");
    }
  }

  /** Bytes of the current field from the beginning of `part`; gives how many it took. */
  function takeField(part: Uint8Array): number {
    if (!isData) {
      pass(part.length);
      return part.length;
    }
    const room = sink.room();
    if (room === undefined) return 0;
    const fitting = part.length > room.length ? part.subarray(0, room.length) : part;
    room.set(fitting);
    reader.filled(fitting.length);
    return fitting.length;
  }

  function takeEnd(part: Uint8Array, { content, filled }: { content: Uint8Array; filled: number }): number {
    const fitting = part.subarray(0, content.length - filled);
    if (fitting.length === 0) throw new PanalError("protocol", "bytes after the end of the stream");
    content.set(fitting, filled);
    end!.filled += fitting.length;
    return fitting.length;
  }

  const reader: BodyReader = {
    direct() {
      if (fieldLeft === 0 || !isData || end !== undefined) return undefined;
      const room = sink.room();
      return room !== undefined && room.length > fieldLeft ? room.subarray(0, fieldLeft) : room;
    },
    filled(bytes) {
      pass(bytes);
      total += bytes;
      sink.advance(bytes);
    },
    take(chunk) {
      let at = 0;
      while (at < chunk.length && !sink.isSatisfied) {
        if (end !== undefined) {
          at += takeEnd(chunk.subarray(at), end);
        } else if (messageLeft === 0) {
          envelope[envelopeFilled++] = chunk[at++]!;
          if (envelopeFilled === ENVELOPE_BYTES) beginMessage();
        } else if (fieldLeft > 0) {
          const taken = takeField(chunk.subarray(at, at + fieldLeft));
          if (taken === 0) break;
          at += taken;
        } else {
          takeFieldHeader(chunk[at++]!);
        }
      }
      return at;
    },
    whenRoom: () => sink.whenRoom(),
    get isDone() {
      return sink.isSatisfied;
    },
    end() {
      if (end === undefined || end.filled < end.content.length) {
        throw new PanalError("unreachable", `the stream broke off after ${total} of ${expectedBytes} bytes`);
      }
      const error = format.parseEnd(end.content);
      if (error !== undefined) throw error;
      if (total !== expectedBytes) {
        throw new PanalError("protocol", `the stream ended after ${total} of ${expectedBytes} bytes`);
      }
    },
  };
  return reader;
}

function parseEnvelope(envelope: Uint8Array): { flags: number; length: number } {
  const flags = envelope[0]!;
  if ((flags & FLAG_COMPRESSED) !== 0)
    throw new PanalError("protocol", "a compressed message, which nobody asked for");
  return { flags, length: new DataView(envelope.buffer, envelope.byteOffset).getUint32(1) };
}

/** Bytes that follow a tag without a length of their own; 0 when a varint comes. */
function fixedLength(tag: number): number {
  switch (tag & 7) {
    case WIRE_VARINT:
    case WIRE_BYTES:
      return 0;
    case WIRE_FIXED64:
      return 8;
    case WIRE_FIXED32:
      return 4;
    default:
      throw new PanalError("protocol", `unknown wire type ${tag & 7}`);
  }
}

function createVarintReader() {
  let value = 0;
  let bytes = 0;
  return {
    get isPartial() {
      return bytes > 0;
    },
    /** The number, once its last byte is in. Numbers past 2^53 lose digits: no length that is accepted is near. */
    push(byte: number): number | undefined {
      if (bytes >= 10) throw new PanalError("protocol", "a number is longer than ten bytes");
      value += (byte & 0x7f) * 2 ** (7 * bytes);
      bytes++;
      if ((byte & 0x80) !== 0) return undefined;
      const done = value;
      value = 0;
      bytes = 0;
      return done;
    },
  };
}
