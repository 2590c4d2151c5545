import { fileIdOf } from "@panal/sdk/content";
import type { DownloadProgress } from "@panal/sdk/transfer";
import { expect, it } from "vitest";
import { createChangeQueue } from "./change-queue.ts";
import { PieceMark } from "./engine-api.ts";

const fileId = fileIdOf(new Uint8Array(32).fill(1), 5_000_000);
const progress = (verifiedBytes: number): DownloadProgress => ({
  length: 5_000_000,
  verifiedBytes,
  resumedBytes: 0,
  bytesPerSecond: 1,
  state: "running",
  sources: [],
});

it("take() gives each change once, pieces in one row, and only the newest progress", () => {
  const queue = createChangeQueue();
  queue.addEvent(fileId, { type: "source-joined", sourceId: "a", name: "Ana", route: "direct" });
  queue.addEvent(fileId, { type: "piece-requested", pieceIndex: 0, sourceId: "a" });
  queue.addEvent(fileId, { type: "progress", progress: progress(0) });
  queue.addEvent(fileId, { type: "piece-verified", pieceIndex: 0, sourceId: "a", bytes: 9 });
  queue.addEvent(fileId, { type: "progress", progress: progress(9) });
  queue.addEvent(fileId, { type: "piece-requested", pieceIndex: 1, sourceId: "b" });
  expect(queue.take()).toEqual([
    {
      fileId,
      changes: [
        { type: "source", index: 0, sourceId: "a", name: "Ana", route: "direct" },
        {
          type: "pieces",
          triples: [0, 0, PieceMark.requested, 0, 0, PieceMark.verified, 1, 1, PieceMark.requested],
        },
        { type: "progress", progress: progress(9) },
      ],
    },
  ]);
  expect(queue.take()).toEqual([]);
});

it("addEvent() keeps what a dropped source did before apart from what comes after", () => {
  const queue = createChangeQueue();
  queue.addEvent(fileId, { type: "piece-requested", pieceIndex: 0, sourceId: "a" });
  const dropped = { sourceId: "a", code: "corrupt", reason: "piece 0", isLying: true } as const;
  queue.addEvent(fileId, { type: "source-dropped", name: "Ana", ...dropped });
  queue.addEvent(fileId, { type: "piece-requested", pieceIndex: 0, sourceId: "b" });
  expect(queue.take()[0]?.changes.map(({ type }) => type)).toEqual(["pieces", "source-dropped", "pieces"]);
});

it("addEvent() marks corrupt pieces as failed and says nothing of overtaken ones", () => {
  const queue = createChangeQueue();
  for (const why of ["corrupt", "failed", "duplicate"] as const) {
    queue.addEvent(fileId, { type: "piece-wasted", pieceIndex: 3, sourceId: "a", bytes: 1, why });
  }
  expect(queue.take()[0]?.changes).toEqual([
    { type: "pieces", triples: [3, 0, PieceMark.failed, 3, 0, PieceMark.absent] },
  ]);
});

it("addEvent() gives a source the same index when a download goes on", () => {
  const queue = createChangeQueue();
  for (const sourceId of ["a", "b"]) {
    queue.addEvent(fileId, { type: "source-joined", sourceId, name: sourceId, route: "direct" });
  }
  queue.take();
  queue.addEvent(fileId, { type: "source-joined", sourceId: "b", name: "b", route: "direct" });
  expect(queue.take()[0]?.changes).toMatchObject([{ type: "source", index: 1, sourceId: "b" }]);
});
