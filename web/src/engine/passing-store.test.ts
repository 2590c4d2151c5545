import { createSampleFile } from "@panal/sdk/testing";
import { expect, it } from "vitest";
import { createPassingStore } from "./passing-store.ts";

const { content, manifest } = await createSampleFile(3 * 1024 * 1024 + 17);
const { signal } = new AbortController();

it("createPassingStore() gives each byte once, across pieces, whatever order they came in", async () => {
  const store = createPassingStore();
  await store.open(manifest, { signal });
  const { pieceLength, pieceCount } = manifest;
  for (let index = pieceCount - 1; index >= 0; index--)
    await store.write(index, content.subarray(index * pieceLength, (index + 1) * pieceLength));
  await store.complete();
  await store.close();
  const middle = pieceLength + 5;
  expect(await store.read({ start: 0, end: middle })).toEqual(content.slice(0, middle));
  expect(await store.read({ start: middle, end: content.length })).toEqual(content.slice(middle));
  await expect(store.read({ start: 0, end: 1 })).rejects.toMatchObject({ code: "out-of-range" });
});
