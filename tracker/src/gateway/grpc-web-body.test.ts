import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { GrpcWebBody, parseTrailers } from "./grpc-web-body.ts";

function frame(flag: number, body: string): Buffer {
  const bytes = Buffer.alloc(5 + body.length);
  bytes[0] = flag;
  bytes.writeUInt32BE(body.length, 1);
  bytes.write(body, 5, "latin1");
  return bytes;
}

async function through(chunks: Buffer[]): Promise<{ bytes: Buffer; trailers: GrpcWebBody["trailers"] }> {
  const body = new GrpcWebBody();
  const source = Readable.from(chunks);
  source.on("error", (error) => body.destroy(error));
  const bytes = await buffer(source.pipe(body));
  return { bytes, trailers: body.trailers };
}

describe("GrpcWebBody", () => {
  const messages = Buffer.concat([frame(0, "honey"), frame(0, ""), frame(1, "packed")]);
  const answer = Buffer.concat([
    messages,
    frame(0x80, "grpc-status: 0\r\ngrpc-message: fine\r\nx-own: no\r\n"),
  ]);

  test("passes on messages as they are, and keeps the trailers", async () => {
    expect(await through([answer])).toEqual({
      bytes: messages,
      trailers: { "grpc-status": "0", "grpc-message": "fine" },
    });
  });

  test("does so wherever the bytes are cut", async () => {
    const bytewise = Array.from(answer, (byte) => Buffer.from([byte]));
    expect((await through(bytewise)).bytes).toEqual(messages);
    for (let at = 1; at < answer.length; at++) {
      const { bytes, trailers } = await through([answer.subarray(0, at), answer.subarray(at)]);
      expect(bytes).toEqual(messages);
      expect(trailers?.["grpc-status"]).toBe("0");
    }
  });

  test.each([
    { what: "ends without trailers", bytes: messages },
    { what: "goes on after them", bytes: Buffer.concat([answer, messages]) },
    { what: "has trailers without measure", bytes: Buffer.from([0x80, 0xff, 0xff, 0xff, 0xff]) },
    { what: "breaks off within a message", bytes: messages.subarray(0, 7) },
  ])("refuses an answer that $what", async ({ bytes }) => {
    await expect(through([bytes])).rejects.toThrow(/trailers|end/);
  });
});

test("parseTrailers() keeps gRPC's own, whatever else is in there", () => {
  expect(parseTrailers("Grpc-Status:13\r\ngrpc-message: a%20b \r\nset-cookie: a=b\r\nnonsense\r\n")).toEqual({
    "grpc-status": "13",
    "grpc-message": "a%20b",
  });
});
