import { type FileDetails, PanalError, type TrackerClient } from "@panal/sdk";
import { hashBlocksPortably } from "@panal/sdk/content";
import { createFakeSource, createSampleFile, createVirtualClock } from "@panal/sdk/testing";
import { createMemoryStore, type Source } from "@panal/sdk/transfer";
import { describe, expect, it } from "vitest";
import { createChangeQueue } from "./change-queue.ts";
import type { TransferChange } from "./engine-api.ts";
import type { WatchRequest } from "./engine-api.ts";
import { createTransfers } from "./transfers.ts";

const { content, manifest } = await createSampleFile(3 * 1024 * 1024 + 17);
const { fileId } = manifest;
const request = { fileId, name: "nectar.bin", target: { type: "browser" } } as const;

/** `answers`: what the tracker says, one after the other; the last one again and again. */
function setUp(options: { answers: (FileDetails | undefined | PanalError)[]; source?: Partial<Source> }) {
  const clock = createVirtualClock();
  const queue = createChangeQueue();
  const changes: TransferChange[] = [];
  let asked = 0;
  const tracker = {
    getFile: async () => {
      const answer = options.answers[Math.min(asked++, options.answers.length - 1)];
      if (answer instanceof PanalError) throw answer;
      return answer;
    },
  } as Partial<TrackerClient> as TrackerClient;
  const transfers = createTransfers({
    tracker,
    queue,
    createSource: ({ id }) => ({ ...createFakeSource({ id, content, manifest, clock }), ...options.source }),
    createPickedStore: () => ({ ...createMemoryStore(), committed: () => undefined }),
    mayWrite: async () => true,
    createBrowserStore: () => createMemoryStore(),
    findKept: async () => undefined,
    openComplete: async () => undefined,
    removeKept: async () => {},
    hashBlocks: hashBlocksPortably,
    clock,
  });
  /** Settles when a change of this type was told. */
  async function until(type: TransferChange["type"]): Promise<void> {
    while (!changes.some((change) => change.type === type)) {
      await new Promise(setImmediate);
      for (const update of queue.take()) changes.push(...update.changes);
    }
  }
  return { transfers, changes, until };
}

const details: FileDetails = {
  fileId,
  size: content.length,
  kind: "other",
  names: [],
  peers: [
    { peerId: "peer-one", name: "Ana", endpoints: [], path: "nectar.bin", mtime: "2026-01-01T00:00:00Z" },
  ],
};

describe("createTransfers()", () => {
  it("tells of a download from finding its peers to its end", async () => {
    const { transfers, changes, until } = setUp({ answers: [details] });
    await transfers.start(request);
    await transfers.start(request);
    await until("done");
    const types = changes.map(({ type }) => type);
    expect(types.filter((type) => type === "finding")).toHaveLength(1);
    expect(types.indexOf("running")).toBeLessThan(types.indexOf("started"));
    expect(types.at(-1)).toBe("done");
  });

  it("waits, and goes on by itself, while nobody has the file and while the tracker is away", async () => {
    const away = new PanalError("unreachable", "no connection");
    const { transfers, changes, until } = setUp({ answers: [undefined, away, details] });
    await transfers.start(request);
    await until("done");
    const types = changes.map(({ type }) => type);
    expect(types.slice(0, 5)).toEqual(["finding", "wanted", "waiting", "waiting", "running"]);
  });

  it("fails with what no waiting cures", async () => {
    const { transfers, changes, until } = setUp({ answers: [new PanalError("protocol", "no JSON")] });
    await transfers.start(request);
    await until("failed");
    expect(changes.at(-1)).toEqual({ type: "failed", code: "protocol", message: "no JSON" });
  });

  it("stop() pauses one that waits, and it can be started again", async () => {
    const { transfers, changes, until } = setUp({ answers: [undefined] });
    await transfers.start(request);
    await until("waiting");
    await transfers.stop(fileId);
    await until("paused");
    changes.length = 0;
    await transfers.start(request);
    await until("finding");
    await transfers.stop(fileId);
  });

  const watching: WatchRequest = { fileId, name: "nectar.bin", picked: undefined, isApart: false };
  const signal = new AbortController().signal;

  it("watch() fetches only what is read, until the whole file is wanted", async () => {
    const { transfers, changes, until } = setUp({ answers: [details] });
    await transfers.watch(watching);
    await until("started");
    expect(changes).toContainEqual({ type: "wanted", isWhole: false });
    const bytes = await transfers.read({ ...watching, start: 3, end: 5 }, signal);
    expect(bytes).toEqual(content.slice(3, 5));
    await transfers.start(request);
    await until("done");
    expect(changes).toContainEqual({ type: "wanted", isWhole: true });
  });

  it("pause() of one that is watched goes back to what is read; unwatch() ends that", async () => {
    const { transfers, changes, until } = setUp({ answers: [undefined] });
    await transfers.watch(watching);
    await transfers.start(request);
    await transfers.pause(fileId);
    await until("waiting");
    expect(changes.findLast(({ type }) => type === "wanted")).toEqual({ type: "wanted", isWhole: false });
    expect(changes.map(({ type }) => type)).not.toContain("paused");
    await transfers.unwatch(fileId);
    await until("paused");
  });

  it("unwatch() lets one go on whose whole file is wanted", async () => {
    const { transfers, until } = setUp({ answers: [undefined, details] });
    await transfers.watch(watching);
    await transfers.start(request);
    await transfers.unwatch(fileId);
    await until("done");
  });

  it("read() rejects for a file that nobody watches, and says why when the download ends", async () => {
    const { transfers } = setUp({ answers: [undefined] });
    await expect(transfers.read({ ...watching, start: 0, end: 1 }, signal)).rejects.toMatchObject({
      code: "not-found",
    });
    await transfers.watch(watching);
    const waiting = expect(transfers.read({ ...watching, start: 0, end: 1 }, signal)).rejects.toMatchObject({
      code: "aborted",
    });
    await new Promise(setImmediate);
    await transfers.stop(fileId);
    await waiting;
  });

  it("watches a file apart whose download can't be read, and tells nothing of that", async () => {
    const { transfers, changes, until } = setUp({ answers: [details] });
    await transfers.watch({ ...watching, isApart: true });
    expect(await transfers.read({ ...watching, start: 0, end: 2 }, signal)).toEqual(content.slice(0, 2));
    await transfers.unwatch(fileId);
    await transfers.start({ ...request, target: { type: "picked", handle: {} as FileSystemFileHandle } });
    await until("done");
    expect(changes.filter(({ type }) => type === "finding")).toHaveLength(1);
  });

  it("readSmall() gives a small file as a whole, and refuses others", async () => {
    const { transfers } = setUp({ answers: [details] });
    expect(await transfers.readSmall(fileId, signal)).toEqual(content);
    const large = fileId.replace(/-\d+$/, "-5000000") as typeof fileId;
    await expect(transfers.readSmall(large, signal)).rejects.toMatchObject({ code: "too-large" });
  });
});
