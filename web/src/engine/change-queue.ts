import type { FileId } from "@panal/sdk/content";
import type { DownloadEvent } from "@panal/sdk/transfer";
import { PieceMark, type TransferChange, type TransferUpdate } from "./engine-api.ts";

/** Gathers what happens, so that thousands of events become a few messages. */
export interface ChangeQueue {
  add(fileId: FileId, change: TransferChange): void;
  addEvent(fileId: FileId, event: DownloadEvent): void;
  /** All since the last call. */
  take(): TransferUpdate[];
}

interface Pending {
  readonly changes: TransferChange[];
  /** Only the newest counts, and pieces go on in one row meanwhile. */
  progress?: TransferChange;
}

/** Progress stays before what came after it: a source that left, another run. */
function settleProgress(ofFile: Pending): void {
  if (ofFile.progress === undefined) return;
  ofFile.changes.push(ofFile.progress);
  delete ofFile.progress;
}

export function createChangeQueue(): ChangeQueue {
  const pending = new Map<FileId, Pending>();
  /** The index of each source of a file; it stays the same when a download is paused and goes on. */
  const indexes = new Map<FileId, Map<string, number>>();

  function add(fileId: FileId, change: TransferChange): void {
    let ofFile = pending.get(fileId);
    if (ofFile === undefined) {
      ofFile = { changes: [] };
      pending.set(fileId, ofFile);
    }
    const { changes } = ofFile;
    if (change.type === "progress") {
      ofFile.progress = change;
      return;
    }
    const last = changes.at(-1);
    if (change.type !== "pieces") settleProgress(ofFile);
    else if (last?.type === "pieces") {
      last.triples.push(...change.triples);
      return;
    }
    changes.push(change);
  }

  function indexOf(fileId: FileId, sourceId: string): number {
    let ofFile = indexes.get(fileId);
    if (ofFile === undefined) {
      ofFile = new Map();
      indexes.set(fileId, ofFile);
    }
    const known = ofFile.get(sourceId);
    if (known !== undefined) return known;
    ofFile.set(sourceId, ofFile.size);
    return ofFile.size - 1;
  }

  function addPiece(fileId: FileId, event: { pieceIndex: number; sourceId: string }, mark: number): void {
    add(fileId, { type: "pieces", triples: [event.pieceIndex, indexOf(fileId, event.sourceId), mark] });
  }

  return {
    add,
    addEvent(fileId, event) {
      switch (event.type) {
        case "started": {
          const { length, pieceCount, have } = event;
          return add(fileId, { type: "started", length, pieceCount, have });
        }
        case "source-joined": {
          const { sourceId, name, route } = event;
          return add(fileId, { type: "source", index: indexOf(fileId, sourceId), sourceId, name, route });
        }
        case "source-dropped": {
          const { sourceId, code, reason, isLying } = event;
          return add(fileId, { type: "source-dropped", sourceId, code, reason, isLying });
        }
        case "source-failed":
          return add(fileId, { type: "source-failed", sourceId: event.sourceId, reason: event.reason });
        case "piece-requested":
          return addPiece(fileId, event, PieceMark.requested);
        case "piece-verified":
          return addPiece(fileId, event, PieceMark.verified);
        case "piece-released":
          return addPiece(fileId, event, PieceMark.absent);
        case "piece-wasted":
          // One that was overtaken is there already, one that was cancelled is released: they only cost bytes.
          if (event.why === "duplicate" || event.why === "cancelled") return;
          return addPiece(fileId, event, event.why === "corrupt" ? PieceMark.failed : PieceMark.absent);
        case "progress":
          return add(fileId, { type: "progress", progress: event.progress });
        case "waiting":
          return add(fileId, { type: "waiting" });
        case "resumed":
          return add(fileId, { type: "running" });
        case "completed":
          // The worker says "done" itself, once the files are closed.
          return;
      }
    },
    take() {
      const updates = [...pending].map(([fileId, ofFile]) => {
        settleProgress(ofFile);
        return { fileId, changes: ofFile.changes };
      });
      pending.clear();
      return updates;
    },
  };
}
