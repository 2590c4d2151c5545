import { createHash } from "node:crypto";
import { type AnnouncedFile, createTrackerClient, fileIdOf } from "@panal/sdk";

/** A peer that only announces: files as a test wants them, without a byte behind them. */
export interface AnnouncingPeer {
  readonly peerId: string;
  add(files: readonly AnnouncedFile[]): Promise<void>;
  remove(paths: readonly string[]): Promise<void>;
  leave(): Promise<void>;
}

/** Registers at a tracker as any peer does, with these files. It sends no heartbeats: the tracker's leases have to be long. */
export async function announceFiles(
  trackerUrl: string,
  { name, port, files }: { name: string; port: number; files: readonly AnnouncedFile[] },
): Promise<AnnouncingPeer> {
  const tracker = createTrackerClient({ url: trackerUrl, timeoutMs: 120_000 });
  const { peerId, lease } = await tracker.register({ name, port });
  let revision = 1;
  await tracker.putFiles(peerId, { revision, files }, { lease });
  const patch = async (change: { added?: AnnouncedFile[]; removed?: string[] }) => {
    await tracker.patchFiles(
      peerId,
      { ...change, baseRevision: revision, revision: revision + 1 },
      { lease },
    );
    revision++;
  };
  return {
    peerId,
    add: (added) => patch({ added: [...added] }),
    remove: (removed) => patch({ removed: [...removed] }),
    leave: () => tracker.logout(peerId, { lease }),
  };
}

/** A file of this path and length; its content is said to follow from `content`, by default from the path. */
export function announcedFile(
  path: string,
  options: { lengthBytes?: number; mtime?: string; content?: string } = {},
): AnnouncedFile {
  const { lengthBytes = 1_000_000, mtime = "2026-01-01T00:00:00Z", content = path } = options;
  const root = createHash("sha256").update(content).digest();
  return { path, fileId: fileIdOf(root, lengthBytes), mtime };
}
