import type { FileId, Manifest } from "@panal/sdk/content";
import { safeFileName } from "@panal/sdk/content";
import type { Transfer } from "../transfers/index.ts";
import type { SeedSetting } from "./seed-setting.ts";
import type { ShareStore } from "./share-store.ts";

export interface SeedDownloadsDeps {
  store: Pick<ShareStore, "tabId" | "subscribe" | "state" | "addDownload" | "remove">;
  setting: Pick<SeedSetting, "subscribe" | "state">;
  transfers: {
    subscribe(listener: () => void): () => void;
    state(): { transfers: ReadonlyMap<FileId, Transfer> };
  };
  /** Of a complete download; undefined when it can't be read here. */
  open(transfer: Transfer): Promise<{ file: File; manifest: Manifest | undefined } | undefined>;
  peerName(): string;
}

/** Shares what was downloaded here, as long as that is wanted: a file from when it is complete until it is removed. */
export function seedDownloads({ store, setting, transfers, open, peerName }: SeedDownloadsDeps): void {
  /** Handed over and not seen yet, or not to be had. */
  const tried = new Set<string>();
  /** No longer wanted, and still seen. */
  const ending = new Set<string>();

  async function share(id: string, transfer: Transfer): Promise<void> {
    tried.add(id);
    const opened = await open(transfer).catch(() => undefined);
    if (opened === undefined || !wanted().has(id)) return;
    const { file, manifest } = opened;
    const name = safeFileName(transfer.name);
    const source = { type: "files" as const, files: [{ path: name, file }], download: { manifest } };
    await store.addDownload({ id, name, kind: "file", source }, peerName());
  }

  function wanted(): Map<string, Transfer> {
    if (setting.state() !== "on") return new Map();
    const done = [...transfers.state().transfers.values()].filter(({ phase }) => phase.type === "done");
    return new Map(done.map((transfer) => [`download-${transfer.fileId}`, transfer]));
  }

  function look(): void {
    const now = wanted();
    const shared = new Set<string>();
    for (const { id, tabId, isDownload } of store.state().sharing.roots) {
      shared.add(id);
      tried.delete(id);
      // Another tab knows best about its own.
      if (!isDownload || tabId !== store.tabId || now.has(id) || ending.has(id)) continue;
      ending.add(id);
      void store.remove(id);
    }
    for (const id of ending) if (!shared.has(id)) ending.delete(id);
    for (const id of tried) if (!now.has(id)) tried.delete(id);
    for (const [id, transfer] of now) if (!shared.has(id) && !tried.has(id)) void share(id, transfer);
  }

  for (const each of [store, setting, transfers]) each.subscribe(look);
  look();
}
