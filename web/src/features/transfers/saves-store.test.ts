import { fileIdOf } from "@panal/sdk/content";
import { describe, expect, it } from "vitest";
import type { SaveOpened, SaveUpdate } from "../../engine/engine-api.ts";
import { createSavesStore } from "./saves-store.ts";

const file = { fileId: fileIdOf(new Uint8Array(32), 5), path: "a.txt", modifiedMs: 0 };
const request = { name: "a.txt", files: [file], isZip: false };

/** Its engine and service worker answer when they are told to. */
function setUp() {
  const calls: string[] = [];
  const ready = Promise.withResolvers<boolean>();
  const opened = Promise.withResolvers<SaveOpened>();
  let tell: (updates: readonly SaveUpdate[]) => void = () => {};
  const store = createSavesStore({
    engine: {
      subscribeSaves: async (listener) => void (tell = listener),
      openSave({ id }) {
        calls.push(`open ${id}`);
        return opened.promise;
      },
      cancelSave: async (id) => void calls.push(`cancel ${id}`),
      isSame: async () => false,
    },
    streams: {
      ready: () => ready.promise,
      urlOfSave: ({ id }) => `/save/${id}`,
      endSave: (id) => calls.push(`end ${id}`),
    },
    newId: () => "x",
    saveUrl(url) {
      calls.push(`save ${url}`);
      return () => calls.push("frame gone");
    },
  });
  const stateOf = () => store.state()[0]?.state;
  return { store, calls, ready, opened, stateOf, tell: (update: SaveUpdate) => tell([update]) };
}

describe("createSavesStore()", () => {
  it("hands a save to the browser once its length is known, and lets it go when it is done", async () => {
    const { store, calls, ready, opened, stateOf, tell } = setUp();
    const started = store.start(request);
    ready.resolve(true);
    opened.resolve({ lengthBytes: 5 });
    await started;
    expect(calls).toEqual(["open x", "save /save/x"]);
    tell({ id: "x", state: "done", givenBytes: 5 });
    expect(calls.slice(2)).toEqual(["end x", "frame gone"]);
    expect(stateOf()).toBe("done");
  });

  it("opens nothing for one that is cancelled while the service worker starts", async () => {
    const { store, calls, ready, stateOf } = setUp();
    const started = store.start(request);
    store.cancel("x");
    ready.resolve(true);
    await started;
    expect(calls).toEqual(["end x", "cancel x"]);
    expect(stateOf()).toBe("cancelled");
  });

  it("is cancelled, not failed, when the service worker then doesn't start", async () => {
    const { store, ready, stateOf } = setUp();
    const started = store.start(request);
    store.cancel("x");
    ready.resolve(false);
    await started;
    expect(stateOf()).toBe("cancelled");
  });

  it("ends in the engine what was cancelled, even forgotten, while the engine opened it", async () => {
    const { store, calls, ready, opened, stateOf, tell } = setUp();
    const started = store.start(request);
    ready.resolve(true);
    await ready.promise;
    store.cancel("x");
    store.forget("x");
    opened.resolve({ lengthBytes: 5 });
    await started;
    expect(calls).toEqual(["open x", "end x", "cancel x", "cancel x"]);
    tell({ id: "x", state: "running", givenBytes: 1 });
    expect(stateOf()).toBeUndefined();
  });
});
