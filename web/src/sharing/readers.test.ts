import { createSampleFile } from "@panal/sdk/testing";
import { expect, test } from "vitest";
import { clientOf, createReaders } from "./readers.ts";

const { manifest } = await createSampleFile(10);
const file = { path: "garden/rose.txt", file: new Blob([]), manifest, mtimeMs: 0 };

async function* chunks(...lengths: number[]): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (const length of lengths) yield new Uint8Array(length);
}

test("createReaders() counts what it is told of a request, until that has ended", () => {
  let now = 0;
  const readers = createReaders(() => now);
  const reader = readers.open({ agent: "curl/8.5.0", file });
  reader.sent(300);
  now = 10_000;
  expect(readers.sample()).toMatchObject([{ client: "curl", path: file.path, sentBytes: 300 }]);
  reader.close();
  now = 20_000;
  expect(readers.sample()).toEqual([]);
});

test("createReaders() puts the requests of a client for a file together, measures, and forgets who has gone", async () => {
  let now = 0;
  const readers = createReaders(() => now);
  const first = readers.count(chunks(100, 50), { agent: "curl/8.5.0", file });
  const second = readers.count(chunks(200), { agent: "curl/8.5.0", file });
  await first.next();
  await second.next();
  now = 2_000;
  expect(readers.sample()).toMatchObject([
    { client: "curl", path: file.path, sentBytes: 300, bytesPerSecond: 150 },
  ]);
  await first.return(undefined);
  await second.return(undefined);
  now = 5_000;
  expect(readers.sample()).toMatchObject([{ sentBytes: 300, bytesPerSecond: 0 }]);
  now = 20_000;
  expect(readers.sample()).toEqual([]);
});

test.each([
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
    "Chrome",
  ],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox"],
  ["Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0", "Edge"],
  ["curl/8.5.0", "curl"],
  ["<img src=x>", ""],
  ["\u202egpj.exe", ""],
  [undefined, ""],
])("clientOf(%j) is %j", (agent, client) => {
  expect(clientOf(agent)).toBe(client);
});
