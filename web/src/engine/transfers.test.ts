import { type FileDetails, PanalError, type TrackerClient } from "@panal/sdk";
import { hashBlocksPortably } from "@panal/sdk/content";
import { createFakeSource, createSampleFile, createVirtualClock } from "@panal/sdk/testing";
import { createMemoryStore, type Source } from "@panal/sdk/transfer";
import { describe, expect, it } from "vitest";
import { createChangeQueue } from "./change-queue.ts";
import type { TransferChange } from "./engine-api.ts";
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
    createStore: () => createMemoryStore(),
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
    transfers.start(request);
    transfers.start(request);
    await until("done");
    const types = changes.map(({ type }) => type);
    expect(types.filter((type) => type === "finding")).toHaveLength(1);
    expect(types.indexOf("running")).toBeLessThan(types.indexOf("started"));
    expect(types.at(-1)).toBe("done");
  });

  it("waits, and goes on by itself, while nobody has the file and while the tracker is away", async () => {
    const away = new PanalError("unreachable", "no connection");
    const { transfers, changes, until } = setUp({ answers: [undefined, away, details] });
    transfers.start(request);
    await until("done");
    const types = changes.map(({ type }) => type);
    expect(types.slice(0, 4)).toEqual(["finding", "waiting", "waiting", "running"]);
  });

  it("fails with what no waiting cures", async () => {
    const { transfers, changes, until } = setUp({ answers: [new PanalError("protocol", "no JSON")] });
    transfers.start(request);
    await until("failed");
    expect(changes.at(-1)).toEqual({ type: "failed", code: "protocol", message: "no JSON" });
  });

  it("stop() pauses one that waits, and it can be started again", async () => {
    const { transfers, changes, until } = setUp({ answers: [undefined] });
    transfers.start(request);
    await until("waiting");
    await transfers.stop(fileId);
    await until("paused");
    changes.length = 0;
    transfers.start(request);
    await until("finding");
    await transfers.stop(fileId);
  });
});
