import { type FileId, type Manifest, parseFileId } from "@panal/sdk/content";
import { describe, expect, it } from "vitest";
import {
  NOTHING_SHARED,
  type ShareRequest,
  type SharedRoot,
  type SharingConnection,
} from "../../sharing/sharing-api.ts";
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
  const added: ShareRequest[] = [];
  const removed: string[] = [];
  let roots: SharedRoot[] = [];
  let connection: SharingConnection = { type: "connecting" };
  let hasPieces = true;
  let isCrashed = false;
  const ownPeers: string[] = [];
  let opened = 0;
  function look(): Promise<void> {
    for (const listener of listeners) listener();
    return new Promise(setImmediate);
  }
  seedDownloads({
    store: {
      tabId: "tab",
      subscribe,
      state: () => ({ sharing: { ...NOTHING_SHARED, roots, connection }, kept: [], problem: undefined }),
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
    transfers: {
      subscribe,
      state: () => ({ transfers, isCrashed }),
      async openSeed(fileId, port) {
        port.close();
        return hasPieces ? ({ fileId } as Manifest) : undefined;
      },
      setOwnPeer: (peerId) => void ownPeers.push(peerId),
    },
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
    ownPeers,
    /** As the worker tells it. */
    share(tabId: string, ...ids: string[]) {
      roots = ids.map(
        (id) => ({ id, tabId, isDownload: id.startsWith("download-"), isGrowing: false }) as SharedRoot,
      );
    },
    /** As the worker tells it of what was handed over last. */
    showLast() {
      const last = added.at(-1)!;
      const isGrowing = last.source.type === "growing";
      roots = [{ id: last.id, tabId: "tab", isDownload: true, isGrowing } as SharedRoot];
    },
    connectAs: (peerId: string) => (connection = { type: "sharing", peerId }),
    crash: () => (isCrashed = true),
    haveNothing: (isSo: boolean) => (hasPieces = !isSo),
    switchTo: (next: SeedState) => (state = next),
    transfer(digit: string, type: "done" | "running" | "stopping", verifiedBytes = 0) {
      const fileId = fileIdOf(digit);
      transfers.set(fileId, { fileId, name: `dir/${digit}.txt`, phase: { type }, verifiedBytes } as Transfer);
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

  it("shares one that runs from its first piece on, and goes on with it when it is complete", async () => {
    const scene = setUp();
    const id = scene.transfer("a", "running", 3);
    scene.haveNothing(true);
    await scene.look();
    expect(scene.added).toEqual([]);
    scene.haveNothing(false);
    await scene.look();
    await scene.look();
    expect(scene.added).toMatchObject([{ id, name: "a.txt", source: { type: "growing" } }]);
    scene.showLast();
    await scene.look();
    expect(scene.added).toHaveLength(1);
    scene.transfer("a", "done");
    await scene.look();
    await scene.look();
    expect(scene.added.slice(1)).toMatchObject([{ id, name: "a.txt", source: { type: "files" } }]);
    scene.showLast();
    await scene.look();
    expect(scene.added).toHaveLength(2);
    expect(scene.removed).toEqual([]);
  });

  it("ends one that runs as soon as it is to stop, and begins anew when it goes on", async () => {
    const scene = setUp();
    const id = scene.transfer("a", "running", 3);
    await scene.look();
    scene.showLast();
    scene.transfer("a", "stopping", 3);
    await scene.look();
    expect(scene.removed).toEqual([id]);
    await scene.look();
    scene.transfer("a", "running", 3);
    await scene.look();
    expect(scene.added.map(({ source }) => source.type)).toEqual(["growing", "growing"]);
  });

  it("ends those that run when the engine has crashed", async () => {
    const scene = setUp();
    const id = scene.transfer("a", "running", 3);
    await scene.look();
    scene.showLast();
    scene.crash();
    await scene.look();
    expect(scene.removed).toEqual([id]);
  });

  it("tells the engine once who it is to others, so that it doesn't ask itself", async () => {
    const scene = setUp();
    await scene.look();
    scene.connectAs("peer-a");
    await scene.look();
    await scene.look();
    scene.connectAs("peer-b");
    await scene.look();
    expect(scene.ownPeers).toEqual(["peer-a", "peer-b"]);
  });

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
