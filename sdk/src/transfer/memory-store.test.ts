import { expect, test } from "vitest";
import { pieceLengthFor } from "../content/blocks.ts";
import { parseFileId } from "../content/file-id.ts";
import { createMemoryStore } from "./memory-store.ts";
import { describeStore } from "./testing/store-suite.ts";

describeStore("createMemoryStore()", async () => {
  const store = createMemoryStore();
  return {
    createStore: () => store,
    finishedBytes: async () => store.bytes,
    remove: async () => {},
  };
});

test("createMemoryStore() refuses a file that would take all memory before any is spent", async () => {
  const length = 2 ** 40;
  const manifest = {
    fileId: parseFileId(`${"00".repeat(32)}-${length}`),
    length,
    pieceLength: pieceLengthFor(length),
    pieceCount: 65_536,
    piecesRoot: new Uint8Array(32),
    pieceLayer: new Uint8Array(0),
  };
  const { signal } = new AbortController();
  await expect(createMemoryStore().open(manifest, { signal })).rejects.toMatchObject({ code: "too-large" });
});
