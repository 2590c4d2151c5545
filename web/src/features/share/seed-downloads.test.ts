import { type FileId, parseFileId } from "@panal/sdk/content";
import { describe, expect, it } from "vitest";
import { NOTHING_SHARED, type RootRequest, type SharedRoot } from "../../sharing/sharing-api.ts";
import type { Transfer } from "../transfers/index.ts";
import { seedDownloads } from "./seed-downloads.ts";
import type { SeedState } from "./seed-setting.ts";

const fileIdOf = (digit: string) => parseFileId(`${digit.repeat(64)}-5`);

function setUp({ state = "on" as SeedState } = {}) {
  const listeners = new Set<() => void>();
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const transfers = new Map<FileId, Transfer>();
  const added: RootRequest[] = [];
  const removed: string[] = [];
  let roots: SharedRoot[] = [];
  let opened = 0;
  function look(): Promise<void> {
    for (const listener of listeners) listener();
    return new Promise(setImmediate);
  }
  seedDownloads({
    store: {
      tabId: "tab",
      subscribe,
      state: () => ({ sharing: { ...NOTHING_SHARED, roots }, kept: [], problem: undefined }),
      async addDownload(root) {
        added.push(root);
      },
      async remove(id) {
        // As the store, which tells before the worker has heard of it.
        for (const listener of listeners) listener();
        removed.push(id);
        roots = roots.filter((root) => root.id !== id);
      },
    },
    setting: { subscribe, state: () => state },
    transfers: { subscribe, state: () => ({ transfers }) },
    async open() {
      opened++;
      return { file: new File(["12345"], "x"), manifest: undefined };
    },
    peerName: () => "Ana",
  });
  return {
    look,
    added,
    removed,
    opened: () => opened,
    roots: () => roots.map(({ id }) => id),
    /** As the worker tells it. */
    share(tabId: string, ...ids: string[]) {
      roots = ids.map((id) => ({ id, tabId, isDownload: id.startsWith("download-") }) as SharedRoot);
    },
    switchTo: (next: SeedState) => (state = next),
    transfer(digit: string, type: "done" | "running") {
      const fileId = fileIdOf(digit);
      transfers.set(fileId, { fileId, name: `dir/${digit}.txt`, phase: { type } } as Transfer);
      return `download-${fileId}`;
    },
    forget: (digit: string) => transfers.delete(fileIdOf(digit)),
  };
}

describe("seedDownloads()", () => {
  it("shares each download once it is complete, once", async () => {
    const scene = setUp();
    const id = scene.transfer("a", "running");
    await scene.look();
    expect(scene.added).toEqual([]);
    scene.transfer("a", "done");
    await scene.look();
    await scene.look();
    expect(scene.added).toMatchObject([
      { id, name: "a.txt", kind: "file", source: { type: "files", download: {} } },
    ]);
    scene.share("tab", id);
    await scene.look();
    expect(scene.added).toHaveLength(1);
  });

  it.each(["off", "metered"] as const)(
    "shares nothing while it is %s, and ends what is shared",
    async (state) => {
      const scene = setUp({ state });
      const id = scene.transfer("a", "done");
      await scene.look();
      expect(scene.opened()).toBe(0);
      scene.switchTo("on");
      await scene.look();
      scene.share("tab", id, "picked");
      scene.switchTo(state);
      await scene.look();
      expect(scene.added).toHaveLength(1);
      expect(scene.roots()).toEqual(["picked"]);
      expect(scene.removed).toEqual([id]);
    },
  );

  it("ends with the download", async () => {
    const scene = setUp();
    const id = scene.transfer("a", "done");
    await scene.look();
    scene.share("tab", id);
    scene.forget("a");
    await scene.look();
    expect(scene.roots()).toEqual([]);
  });

  it("leaves alone what another tab shares, and takes over when that has gone", async () => {
    const scene = setUp();
    const id = scene.transfer("a", "done");
    scene.share("other", id, "download-else");
    await scene.look();
    expect(scene.added).toEqual([]);
    expect(scene.roots()).toEqual([id, "download-else"]);
    scene.share("other");
    await scene.look();
    expect(scene.added.map((root) => root.id)).toEqual([id]);
  });
});
