import { PanalError } from "../errors.ts";

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
 * The file bytes in the body of a DownloadFile answer, as views of the chunks they came in: nothing is copied or
 * collected, whatever the size of a message. Each view is valid until the next is asked for. Every announced length is
 * checked before anything is done with it. Throws the error the stream ends with, and "protocol" for anything that
 * isn't a whole stream of exactly `expectedBytes`.
 */
export async function* readDownloadStream(
  body: AsyncIterable<Uint8Array>,
  format: StreamFormat,
  expectedBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
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

  for await (const chunk of body) {
    let at = 0;
    while (at < chunk.length) {
      if (end !== undefined) {
        const part = chunk.subarray(at, at + end.content.length - end.filled);
        if (part.length === 0) throw new PanalError("protocol", "bytes after the end of the stream");
        end.content.set(part, end.filled);
        end.filled += part.length;
        at += part.length;
      } else if (messageLeft === 0) {
        envelope[envelopeFilled++] = chunk[at++]!;
        if (envelopeFilled < ENVELOPE_BYTES) continue;
        envelopeFilled = 0;
        const { flags, length } = parseEnvelope(envelope);
        const isEnd = flags === format.endFlag;
        if (!isEnd && flags !== 0) throw new PanalError("protocol", `unexpected message flags ${flags}`);
        if (length > (isEnd ? MAX_END_BYTES : MAX_MESSAGE_BYTES)) {
          throw new PanalError("protocol", `a message of ${length} bytes is announced`);
        }
        if (isEnd) end = { content: new Uint8Array(length), filled: 0 };
        else messageLeft = length;
      } else if (fieldLeft > 0) {
        const part = chunk.subarray(at, at + fieldLeft);
        at += part.length;
        fieldLeft -= part.length;
        messageLeft -= part.length;
        if (!isData) continue;
        total += part.length;
        if (total > expectedBytes)
          throw new PanalError("protocol", `more than the ${expectedBytes} bytes asked for`);
        yield part;
      } else {
        messageLeft--;
        const value = varint.push(chunk[at++]!);
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
        }
        if (messageLeft === 0 && (tag !== undefined || varint.isPartial)) {
          throw new PanalError("protocol", "a message ends within a field");
        }
      }
    }
  }
  if (end === undefined || end.filled < end.content.length) {
    throw new PanalError("unreachable", `the stream broke off after ${total} of ${expectedBytes} bytes`);
  }
  const error = format.parseEnd(end.content);
  if (error !== undefined) throw error;
  if (total !== expectedBytes) {
    throw new PanalError("protocol", `the stream ended after ${total} of ${expectedBytes} bytes`);
  }
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
