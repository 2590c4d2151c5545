import type { FileDetails, TrackerClient } from "@panal/sdk";
import { equalBytes, hashBlocksPortably } from "@panal/sdk/content";
import { createFakeSource, createSampleFile, createVirtualClock } from "@panal/sdk/testing";
import { type ByteSink, createMemoryStore } from "@panal/sdk/transfer";
import { describe, expect, it } from "vitest";
import { createChangeQueue } from "./change-queue.ts";
import type { PickedTarget, TransferChange } from "./engine-api.ts";
import { createTransfers } from "./transfers.ts";

const MIB = 1024 * 1024;
const { content, manifest } = await createSampleFile(6 * MIB + 17);
const { fileId } = manifest;
const name = "nectar.bin";
const signal = new AbortController().signal;
const details: FileDetails = {
  fileId,
  size: content.length,
  kind: "other",
  names: [],
  peers: [{ peerId: "ana", name: "Ana", endpoints: [], path: name, mtime: "2026-01-01T00:00:00Z" }],
};

/** A sink that tells of each byte that comes into it. */
function counting(sink: ByteSink, count: (bytes: number) => void): ByteSink {
  return {
    room: () => sink.room(),
    whenRoom: () => sink.whenRoom(),
    advance(bytes) {
      count(bytes);
      sink.advance(bytes);
    },
    get isSatisfied() {
      return sink.isSatisfied;
    },
  };
}

/** One peer, which sends no byte from `heldFrom` on before `release` is called, and a picked file. */
function setUp({ heldFrom = 3 * MIB, mayWrite = true } = {}) {
  const clock = createVirtualClock();
  const queue = createChangeQueue();
  const changes: TransferChange[] = [];
  const picked = createMemoryStore();
  const kept = createMemoryStore();
  let isKept = false;
  let sentBytes = 0;
  let isHeld = true;
  let areWeListed = false;
  const asked = { times: 0 };
  const sources: string[] = [];
  let released = Promise.withResolvers<void>();
  const handle = { isSameEntry: async () => true } as Partial<FileSystemFileHandle> as FileSystemFileHandle;
  const target: PickedTarget = { type: "picked", handle };
  const transfers = createTransfers({
    tracker: {
      async getFile() {
        asked.times++;
        const us = { ...details.peers[0]!, peerId: "us" };
        return areWeListed ? { ...details, peers: [...details.peers, us] } : details;
      },
    } as Partial<TrackerClient> as TrackerClient,
    queue,
    createSource: ({ id }) => {
      sources.push(id);
      const source = createFakeSource({
        id,
        content,
        manifest,
        clock,
        async beforeChunk({ position, signal: stopped }) {
          if (!isHeld || position < heldFrom) return;
          const gone = Promise.withResolvers<void>();
          stopped.addEventListener("abort", () => gone.reject(stopped.reason), { once: true });
          await Promise.race([released.promise, gone.promise]);
        },
      });
      return {
        ...source,
        read: (id, range, { sink, ...options }) =>
          source.read(id, range, { ...options, sink: counting(sink, (bytes) => (sentBytes += bytes)) }),
      };
    },
    createPickedStore: () => ({ ...picked, committed: () => undefined }),
    mayWrite: async () => mayWrite,
    createBrowserStore() {
      isKept = true;
      return kept;
    },
    findKept: async () => (isKept ? { isComplete: false } : undefined),
    openComplete: async () => undefined,
    removeKept: async () => void (isKept = false),
    hashBlocks: hashBlocksPortably,
    clock,
  });
  /** Settles when so many changes are of this kind, all in all. */
  async function until(is: (change: TransferChange) => boolean, count = 1): Promise<void> {
    while (changes.filter(is).length < count) {
      await new Promise(setImmediate);
      for (const update of queue.take()) changes.push(...update.changes);
    }
  }
  return {
    transfers,
    changes,
    picked,
    request: { fileId, name, target },
    watching: { fileId, name, picked: undefined, isApart: false },
    watchingPicked: { fileId, name, picked: target, isApart: true },
    /** Who was made ready to be asked. */
    sources,
    /** The tracker lists this browser, too, and has been asked since. */
    async listUs(): Promise<void> {
      areWeListed = true;
      const before = asked.times;
      while (asked.times < before + 2) await new Promise(setImmediate);
    },
    sentBytes: () => sentBytes,
    isKept: () => isKept,
    release() {
      isHeld = false;
      released.resolve();
      released = Promise.withResolvers();
    },
    until,
    whenDone: () => until(({ type }) => type === "done"),
    /** Reads one piece, as a player does. */
    async expectPiece(index: number): Promise<void> {
      const range = { start: index * MIB, end: Math.min(content.length, (index + 1) * MIB) };
      const bytes = await transfers.read({ fileId, name, ...range }, signal);
      expect(equalBytes(bytes, content.slice(range.start, range.end))).toBe(true);
    },
    expectSaved: () => expect(picked.bytes !== undefined && equalBytes(picked.bytes, content)).toBe(true),
  };
}

const isVerified = (change: TransferChange) =>
  change.type === "progress" && change.progress.verifiedBytes === 3 * MIB;

describe("watching what goes to a picked file", () => {
  it("asks for each byte once: what came before the player, what comes while it plays, and what is saved then", async () => {
    const scene = setUp();
    const { transfers } = scene;
    await transfers.start(scene.request);
    await scene.until(isVerified);
    await transfers.watch(scene.watchingPicked);
    for (const index of [0, 2]) await scene.expectPiece(index);
    // This one is on its way to the picked file: the player waits for that.
    const waiting = scene.expectPiece(3);
    scene.release();
    await waiting;
    await scene.whenDone();
    scene.expectSaved();
    // It plays on from where it was saved.
    for (const index of [0, 6]) await scene.expectPiece(index);
    await transfers.unwatch(fileId);
    expect(scene.sentBytes()).toBe(content.length);
    expect(scene.isKept()).toBe(false);
    expect(scene.changes.filter(({ type }) => type === "finding")).toHaveLength(1);
  });

  it("takes over what was watched before when it is saved to a picked file later", async () => {
    const scene = setUp();
    const { transfers } = scene;
    await transfers.watch(scene.watching);
    await scene.expectPiece(0);
    await scene.until(isVerified);
    await transfers.unwatch(fileId);
    expect(scene.sentBytes()).toBe(3 * MIB);
    scene.release();
    await transfers.start(scene.request);
    await scene.whenDone();
    scene.expectSaved();
    expect(scene.sentBytes()).toBe(content.length);
    expect(scene.isKept()).toBe(false);
  });

  it("takes over what is being watched, and the player goes on reading", async () => {
    const scene = setUp();
    const { transfers } = scene;
    await transfers.watch(scene.watching);
    await scene.expectPiece(0);
    await scene.until(isVerified);
    const waiting = scene.expectPiece(4);
    await transfers.start(scene.request);
    scene.release();
    await waiting;
    await scene.whenDone();
    scene.expectSaved();
    await scene.expectPiece(1);
    expect(scene.sentBytes()).toBe(content.length);
  });

  it("plays one that was paused, goes on with it, and stops where it was when nobody watches any more", async () => {
    const scene = setUp();
    const { transfers } = scene;
    await transfers.start(scene.request);
    await scene.until(isVerified);
    await transfers.pause(fileId);
    await transfers.watch(scene.watchingPicked);
    await scene.expectPiece(1);
    await transfers.unwatch(fileId);
    await scene.until(({ type }) => type === "paused", 2);
    expect(scene.isKept()).toBe(false);
    scene.release();
    await transfers.start(scene.request);
    await scene.whenDone();
    scene.expectSaved();
    expect(scene.sentBytes()).toBe(content.length);
  });

  it("fetches what is played elsewhere, and quietly, while the picked file may not be written; it is taken over then", async () => {
    const scene = setUp({ mayWrite: false });
    const { transfers, changes } = scene;
    await transfers.watch(scene.watchingPicked);
    await scene.expectPiece(2);
    expect(changes).toEqual([]);
    const waiting = scene.expectPiece(4);
    await transfers.start(scene.request);
    scene.release();
    await waiting;
    await scene.whenDone();
    scene.expectSaved();
    expect(scene.sentBytes()).toBe(content.length);
    expect(changes.filter(({ type }) => type === "finding")).toHaveLength(1);
  });

  it("plays on from the browser's storage when the picked file takes nothing more", async () => {
    const scene = setUp();
    const { transfers, picked } = scene;
    picked.write = async () => {
      throw new DOMException("gone", "NotFoundError");
    };
    await transfers.start(scene.request);
    await transfers.watch(scene.watchingPicked);
    await scene.until(({ type }) => type === "failed");
    await scene.expectPiece(2);
  });
});

describe("a download that others read from", () => {
  it("gives what has come, goes on with that when it is complete, and doesn't ask its own peer", async () => {
    const scene = setUp();
    const { transfers } = scene;
    expect(transfers.openSeed(fileId)).toBeUndefined();
    await transfers.start({ ...scene.request, target: { type: "browser" } });
    await scene.until(isVerified);
    transfers.setOwnPeer("us");
    const seed = transfers.openSeed(fileId);
    expect(seed?.manifest.fileId).toBe(fileId);
    expect(seed?.growing.pieces()?.size).toBe(3);
    await expect(seed?.growing.read({ start: 3 * MIB, end: 3 * MIB + 1 })).rejects.toMatchObject({
      code: "unreachable",
    });
    await scene.listUs();
    scene.release();
    await scene.whenDone();
    expect(seed?.growing.pieces()?.isFull).toBe(true);
    expect(await seed?.growing.read({ start: 3, end: 5 })).toEqual(content.slice(3, 5));
    expect(scene.sources).toEqual(["ana"]);
    expect(transfers.openSeed(fileId)).toBeUndefined();
  });

  it("asks its own peer as any other while it doesn't seed: other tabs of this browser may have the file", async () => {
    const scene = setUp();
    const { transfers } = scene;
    transfers.setOwnPeer("us");
    await transfers.start(scene.request);
    await scene.listUs();
    expect(scene.sources).toEqual(["ana", "us"]);
    await transfers.stop(fileId);
  });

  it("gives nothing more when it is paused", async () => {
    const scene = setUp();
    const { transfers } = scene;
    await transfers.start({ ...scene.request, target: { type: "browser" } });
    await scene.until(isVerified);
    const seed = transfers.openSeed(fileId);
    await transfers.pause(fileId);
    expect(seed?.growing.pieces()).toBeUndefined();
  });
});
