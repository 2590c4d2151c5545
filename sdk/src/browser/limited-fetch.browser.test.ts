import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { expect, test } from "vitest";
import { createPeerClient } from "../rpc/peer-client.ts";
import { createLimitedFetch, limitFrames } from "./limited-fetch.ts";

const LIMIT = 8;

async function pass(...chunks: number[][]): Promise<number[]> {
  const { readable, writable } = limitFrames(LIMIT);
  const writer = writable.getWriter();
  const writing = (async () => {
    for (const chunk of chunks) await writer.write(Uint8Array.from(chunk));
    await writer.close();
  })();
  const bytes: number[] = [];
  const [reading] = await Promise.allSettled([
    (async () => {
      for await (const chunk of readable) bytes.push(...chunk);
    })(),
    writing,
  ]);
  if (reading.status === "rejected") throw reading.reason;
  return bytes;
}

const frame = (length: number) => [0, 0, 0, 0, length, ...Array.from({ length }, (_, index) => index)];

test("limitFrames() passes on frames up to the limit, however they are cut", async () => {
  const bytes = [...frame(LIMIT), ...frame(0), ...frame(3)];
  expect(await pass(bytes)).toEqual(bytes);
  expect(await pass(...bytes.map((byte) => [byte]))).toEqual(bytes);
  expect(await pass(bytes.slice(0, 7), bytes.slice(7))).toEqual(bytes);
});

test.each([
  ["one byte too long", [0, 0, 0, 0, LIMIT + 1]],
  ["nearly 4 GiB", [0, 0xff, 0xff, 0xff, 0xff]],
  ["too long after one that wasn't", [...frame(2), 0x80, 0, 1, 0, 0]],
])("limitFrames() refuses a frame that is %s as soon as its length is known", async (_name, bytes) => {
  await expect(pass(bytes)).rejects.toMatchObject({ code: "protocol" });
  await expect(pass(...bytes.map((byte) => [byte]))).rejects.toMatchObject({ code: "protocol" });
});

test("createLimitedFetch() keeps connect-web from allocating what a hostile peer announces", async () => {
  const hostile = createLimitedFetch(1024, (_input, init) =>
    fetch("/answers/huge-frame", { method: "POST", ...init }),
  );
  const client = createPeerClient(createGrpcWebTransport({ baseUrl: location.origin, fetch: hostile }));
  await expect(client.getPeer({})).rejects.toMatchObject({ cause: { code: "protocol" } });
});
