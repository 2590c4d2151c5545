import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PanalError } from "../errors.ts";
import { createCollector } from "../transfer/testing/index.ts";
import { feed } from "./byte-transport.ts";
import { createDownloadReader } from "./download-stream.ts";
import { connectStream, grpcWebStream } from "./stream-formats.ts";

const encoder = new TextEncoder();
const OK = grpcWebEnd("grpc-status: 0\r\n");

function bytes(...parts: (Uint8Array | number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function envelope(flags: number, content: Uint8Array): Uint8Array {
  const header = new Uint8Array(5);
  header[0] = flags;
  new DataView(header.buffer).setUint32(1, content.length);
  return bytes(header, content);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
}

function data(content: Uint8Array): Uint8Array {
  return envelope(0, bytes([0x0a], varint(content.length), content));
}

function grpcWebEnd(trailers: string): Uint8Array {
  return envelope(0x80, encoder.encode(trailers));
}

async function read(
  body: Uint8Array,
  {
    expected,
    chunkBytes = body.length,
    format = grpcWebStream,
  }: { expected: number; chunkBytes?: number; format?: typeof grpcWebStream },
): Promise<Uint8Array> {
  const sink = createCollector(Math.max(1, expected));
  const reader = createDownloadReader({ format, expectedBytes: expected, sink });
  const step = Math.max(1, chunkBytes);
  for (let start = 0; start < body.length; start += step) {
    await feed(body.subarray(start, start + step), reader);
  }
  reader.end();
  return sink.bytes;
}

const hello = encoder.encode("hello, comb");

describe("createDownloadReader()", () => {
  it.each([1, 2, 3, 5, 7, 1000])(
    "gives the bytes of all messages, however they are cut (%i at a time)",
    async (chunkBytes) => {
      const body = bytes(data(hello.subarray(0, 4)), data(hello.subarray(4)), OK);
      expect(await read(body, { expected: hello.length, chunkBytes })).toEqual(hello);
    },
  );

  it("has file data received straight into its place, and nothing else", () => {
    const sink = createCollector(hello.length, { maxRoomBytes: 7 });
    const reader = createDownloadReader({ format: grpcWebStream, expectedBytes: hello.length, sink });
    expect(reader.direct()).toBeUndefined();
    const first = data(hello.subarray(0, 5));
    expect(reader.take(first.subarray(0, 8))).toBe(8);
    // One of five is here; what comes next is the rest of this message and no more.
    expect(reader.direct()).toHaveLength(4);
    reader.direct()!.set(hello.subarray(1, 3));
    reader.filled(2);
    expect(reader.direct()).toHaveLength(2);
    reader.direct()!.set(hello.subarray(3, 5));
    reader.filled(2);
    expect(reader.direct()).toBeUndefined();
    reader.take(data(hello.subarray(5)));
    expect(reader.direct()).toBeUndefined();
    reader.take(OK);
    expect(reader.direct()).toBeUndefined();
    reader.end();
    expect(sink.bytes).toEqual(hello);
  });

  it("reads Connect streams as well", async () => {
    const body = bytes(data(hello), envelope(2, encoder.encode("{}")));
    expect(await read(body, { expected: hello.length, format: connectStream })).toEqual(hello);
  });

  it("skips fields it doesn't know", async () => {
    const message = bytes(
      [0x10, 0x96, 0x01],
      [0x1a, 2, 9, 9],
      [0x25, 1, 2, 3, 4],
      [0x29, 1, 2, 3, 4, 5, 6, 7, 8],
      [0x0a, 2],
      [7, 8],
    );
    expect(await read(bytes(envelope(0, message), OK), { expected: 2, chunkBytes: 3 })).toEqual(
      bytes([7, 8]),
    );
  });

  it("takes an empty stream and empty messages", async () => {
    expect(await read(OK, { expected: 0 })).toEqual(new Uint8Array(0));
    expect(
      await read(bytes(envelope(0, new Uint8Array(0)), data(new Uint8Array(0)), OK), { expected: 0 }),
    ).toEqual(new Uint8Array(0));
  });

  it("throws the error the stream ends with", async () => {
    const body = bytes(data(hello), grpcWebEnd("grpc-status: 10\r\ngrpc-message: file%20changed\r\n"));
    await expect(read(body, { expected: 100 })).rejects.toMatchObject({
      code: "changed",
      message: "file changed",
    });
    const end = envelope(2, encoder.encode('{"error":{"code":"not_found","message":"gone"}}'));
    await expect(read(end, { expected: 1, format: connectStream })).rejects.toMatchObject({
      code: "not-found",
    });
  });

  it.each([
    [connectStream, 2, "{"],
    [connectStream, 2, "7"],
    [grpcWebStream, 0x80, "\u0000\r\n: :"],
    [grpcWebStream, 0x80, "grpc-status: 5\r\ngrpc-message: %zz\r\n"],
  ])("turns an end that can't be read into an error (%#)", async (format, flag, content) => {
    const body = envelope(flag, encoder.encode(content));
    await expect(read(body, { expected: 1, format })).rejects.toBeInstanceOf(PanalError);
  });

  it.each<[string, Uint8Array, PanalError["code"]]>([
    ["more than was asked for", bytes(data(bytes(hello, [1])), OK), "protocol"],
    ["less than was asked for", bytes(data(hello.subarray(1)), OK), "protocol"],
    ["a stream without its end", data(hello), "unreachable"],
    ["an end that is cut off", bytes(data(hello), OK.subarray(0, 9)), "unreachable"],
    ["bytes after the end", bytes(data(hello), OK, [0]), "protocol"],
    ["a message of 4 GiB", bytes([0, 255, 255, 255, 255, 0x0a]), "protocol"],
    ["trailers of 16 MiB", bytes([0x80, 1, 0, 0, 0]), "protocol"],
    ["a compressed message", bytes([1, 0, 0, 0, 1, 0]), "protocol"],
    ["unknown flags", bytes([4, 0, 0, 0, 1, 0]), "protocol"],
    ["a field longer than its message", envelope(0, bytes([0x0a, 100, 1])), "protocol"],
    ["a message that ends within a tag", bytes(envelope(0, bytes([0x8a])), OK), "protocol"],
    ["a message without its field's length", bytes(envelope(0, bytes([0x0a])), OK), "protocol"],
    ["a number of eleven bytes", envelope(0, new Uint8Array(12).fill(0x80)), "protocol"],
    ["an unknown wire type", envelope(0, bytes([0x0b, 1])), "protocol"],
    ["trailers without a status", bytes(data(hello), grpcWebEnd("x: y\r\n")), "protocol"],
    ["nothing at all", new Uint8Array(0), "unreachable"],
  ])("refuses %s", async (_what, body, code) => {
    await expect(read(body, { expected: hello.length })).rejects.toMatchObject({ code });
  });

  it("never does anything but give the bytes or throw a PanalError", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 64 }),
        fc.integer({ min: 1, max: 70 }),
        async (noise, chunkBytes) => {
          try {
            expect((await read(noise, { expected: 8, chunkBytes })).length).toBe(8);
          } catch (error) {
            expect(error).toBeInstanceOf(PanalError);
          }
        },
      ),
    );
  });
});
