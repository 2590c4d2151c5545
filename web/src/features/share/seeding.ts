import { openOpfsFile, readOpfsManifest } from "@panal/sdk/browser";
import i18n from "i18next";
import type { Transfer } from "../transfers/index.ts";
import { type SeedDownloadsDeps, seedDownloads } from "./seed-downloads.ts";
import { seedSetting } from "./seed-setting.ts";
import { shareOfThisTab } from "./this-tab.ts";
import { peerName } from "./use-peer-name.ts";

let isStarted = false;

/** From the first call on, whatever view is shown. */
export function startSeeding(transfers: SeedDownloadsDeps["transfers"]): void {
  if (isStarted) return;
  isStarted = true;
  seedDownloads({
    store: shareOfThisTab(),
    setting: seedSetting(),
    transfers,
    open,
    peerName: () => peerName().trim() || i18n.t("share.someTab"),
  });
}

async function open({ fileId, name, target }: Transfer) {
  if (target.type === "picked") {
    const file = await target.handle.getFile();
    return { file, manifest: undefined };
  }
  const file = await openOpfsFile(fileId, name);
  return file && { file, manifest: await readOpfsManifest(fileId) };
}
