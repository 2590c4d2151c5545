import { HASH_LENGTH, pieceCountFor } from "../content/blocks.ts";
import { type FileId, fileIdLength } from "../content/file-id.ts";
import { type Manifest, manifestOfLayer, manifestOfSinglePiece } from "../content/manifest.ts";
import { findDownloadFolder, openDownloadFolder } from "./opfs-downloads.ts";

/** Beside a complete file of several pieces: its piece layer. */
const LAYER_FILE = "layer";

/** The manifest of a complete file, without reading it; undefined when it isn't known, or doesn't lead to the file's id. */
export async function readOpfsManifest(fileId: FileId): Promise<Manifest | undefined> {
  const single = manifestOfSinglePiece(fileId);
  if (single !== undefined) return single;
  try {
    const folder = await findDownloadFolder(fileId);
    const layer = await (await folder.getFileHandle(LAYER_FILE)).getFile();
    const pieceLayer = new Uint8Array(
      await layer.slice(0, pieceCountFor(fileIdLength(fileId)) * HASH_LENGTH).arrayBuffer(),
    );
    return manifestOfLayer(fileId, pieceLayer);
  } catch {
    // Of an older version of the app, or the disk has failed: it can be hashed.
    return undefined;
  }
}

/** For `readOpfsManifest`. In workers only. */
export async function keepOpfsManifest({ fileId, pieceLayer }: Manifest): Promise<void> {
  if (pieceLayer.length === 0) return;
  const folder = await openDownloadFolder(fileId);
  const handle = await (await folder.getFileHandle(LAYER_FILE, { create: true })).createSyncAccessHandle();
  try {
    handle.write(pieceLayer as Uint8Array<ArrayBuffer>, { at: 0 });
  } finally {
    handle.close();
  }
}
