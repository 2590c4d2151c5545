import { type FileId, type Manifest, safeFileName } from "@panal/sdk/content";
import type { ShareRequest } from "../../sharing/sharing-api.ts";
import type { Transfer } from "../transfers/index.ts";
import type { SeedSetting } from "./seed-setting.ts";
import type { ShareStore } from "./share-store.ts";

export interface SeedDownloadsDeps {
  store: Pick<ShareStore, "tabId" | "subscribe" | "state" | "addDownload" | "remove">;
  setting: Pick<SeedSetting, "subscribe" | "state">;
  transfers: {
    subscribe(listener: () => void): () => void;
    /** Once it has crashed nothing runs, and nothing can be read of what ran. */
    state(): { transfers: ReadonlyMap<FileId, Transfer>; isCrashed: boolean };
    openSeed(fileId: FileId, port: MessagePort): Promise<Manifest | undefined>;
    setOwnPeer(peerId: string): void;
  };
  /** Of a complete download; undefined when it can't be read here. */
  open(transfer: Transfer): Promise<{ file: File; manifest: Manifest | undefined } | undefined>;
  peerName(): string;
}

/**
 * Shares what is downloaded here, as long as that is wanted: a file from its first verified piece on, as long as it comes, and
 * from when it is complete until it is removed.
 */
export function seedDownloads({ store, setting, transfers, open, peerName }: SeedDownloadsDeps): void {
  /** Handed over, growing or whole, and not seen yet; or not to be had. */
  const tried = new Map<string, boolean>();
  /** No longer wanted, and still seen. */
  const ending = new Set<string>();
  let ownPeerId: string | undefined;

  async function sourceOf(transfer: Transfer, name: string): Promise<ShareRequest["source"] | undefined> {
    if (isGrowing(transfer)) {
      const { port1, port2 } = new MessageChannel();
      const manifest = await transfers.openSeed(transfer.fileId, port1);
      return manifest && { type: "growing", port: port2, manifest };
    }
    const opened = await open(transfer);
    if (opened === undefined) return undefined;
    const { file, manifest } = opened;
    return { type: "files", files: [{ path: name, file }], download: { manifest } };
  }

  async function share(id: string, transfer: Transfer): Promise<void> {
    tried.set(id, isGrowing(transfer));
    const name = safeFileName(transfer.name);
    const source = await sourceOf(transfer, name).catch(() => undefined);
    const now = wanted().get(id);
    const isStill = now !== undefined && isGrowing(now) === isGrowing(transfer);
    if (source !== undefined && isStill)
      return store.addDownload({ id, name, kind: "file", source }, peerName());
    // Of one that runs there may be something soon.
    if (isGrowing(transfer) && tried.get(id) === true) tried.delete(id);
  }

  function wanted(): Map<string, Transfer> {
    if (setting.state() !== "on") return new Map();
    const { transfers: all, isCrashed } = transfers.state();
    const there = [...all.values()].filter(
      (transfer) =>
        transfer.phase.type === "done" || (!isCrashed && isGrowing(transfer) && transfer.verifiedBytes > 0),
    );
    return new Map(there.map((transfer) => [`download-${transfer.fileId}`, transfer]));
  }

  /** A download doesn't ask those it gives to, where that is the same. */
  function tellOwnPeer(): void {
    const { connection } = store.state().sharing;
    if (connection.type !== "sharing" || connection.peerId === ownPeerId) return;
    ownPeerId = connection.peerId;
    transfers.setOwnPeer(ownPeerId);
  }

  function look(): void {
    tellOwnPeer();
    const now = wanted();
    /** Those that need not be handed over again. */
    const shared = new Set<string>();
    const seen = new Set<string>();
    for (const root of store.state().sharing.roots) {
      const { id } = root;
      seen.add(id);
      if (tried.get(id) === root.isGrowing) tried.delete(id);
      const transfer = now.get(id);
      // Another tab knows best about its own.
      const isOurs = root.isDownload && root.tabId === store.tabId;
      const hasBecomeWhole = isOurs && root.isGrowing && transfer?.phase.type === "done";
      if (!hasBecomeWhole) shared.add(id);
      if (!isOurs || transfer !== undefined || ending.has(id)) continue;
      ending.add(id);
      void store.remove(id);
    }
    for (const id of ending) if (!seen.has(id)) ending.delete(id);
    for (const [id, transfer] of now) {
      if (tried.has(id) && tried.get(id) !== isGrowing(transfer)) tried.delete(id);
      if (!shared.has(id) && !tried.has(id)) void share(id, transfer);
    }
    for (const id of tried.keys()) if (!now.has(id)) tried.delete(id);
  }

  for (const each of [store, setting, transfers]) each.subscribe(look);
  look();
}

/** It comes, or waits for somebody who has the rest. */
function isGrowing({ phase }: Transfer): boolean {
  return phase.type === "running" || phase.type === "waiting";
}
