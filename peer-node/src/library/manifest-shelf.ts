import { type FileId, type Manifest, fileIdLength, manifestOfLayer, pieceLengthFor } from "@panal/sdk";
import type { IndexDb } from "./index-db.ts";

/** Manifests kept in memory: at most 32 times 4 MiB, usually far less. */
const MAX_KEPT = 32;

/** The manifests of hashed files of several pieces, from the index; the last ones asked for stay at hand. */
export interface ManifestShelf {
  /** Whether everything is there to make one; a file of one piece needs nothing. Not checked yet. */
  has(fileId: FileId): boolean;
  /** Checked against the file id; undefined when the index doesn't have it or has it wrong. */
  get(fileId: FileId): Manifest | undefined;
}

export function createManifestShelf(index: IndexDb): ManifestShelf {
  const kept = new Map<FileId, Manifest>();

  function read(fileId: FileId): Manifest | undefined {
    const pieceLayer = index.pieceLayer(fileId);
    if (pieceLayer === undefined) return undefined;
    try {
      return manifestOfLayer(fileId, pieceLayer);
    } catch {
      return undefined;
    }
  }

  return {
    has(fileId) {
      const length = fileIdLength(fileId);
      return length <= pieceLengthFor(length) || index.pieceLayer(fileId) !== undefined;
    },
    get(fileId) {
      const manifest = kept.get(fileId) ?? read(fileId);
      if (manifest === undefined) return undefined;
      kept.delete(fileId);
      kept.set(fileId, manifest);
      if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value!);
      return manifest;
    },
  };
}
