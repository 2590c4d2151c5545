import "../app/zod-without-eval.ts";
import { createTrackerClient, PanalError } from "@panal/sdk";
import {
  createBrowserHashBlocks,
  createBrowserPeerSource,
  createOpfsStore,
  createPickedFileStore,
  listOpfsDownloads,
  listPickedDownloads,
  removeOpfsDownload,
  removePickedDownload,
} from "@panal/sdk/browser";
// oxlint-disable-next-line import/default -- Vite makes it: the URL of the built worker
import hashWorkerUrl from "@panal/sdk/hash-worker?worker&url";
import { expose } from "comlink";
import { createChangeQueue } from "./change-queue.ts";
import type { Engine, KeptTransfer, TransferUpdate } from "./engine-api.ts";
import { createTransfers } from "./transfers.ts";
import { trustedScriptUrl } from "./trusted-script.ts";

/** The page draws at most this often; more messages would only keep it busy. */
const TELL_MS = 150;

const trustedHashWorkerUrl = trustedScriptUrl(hashWorkerUrl);
const hashBlocks = createBrowserHashBlocks({
  start: () => new Worker(trustedHashWorkerUrl, { type: "module", name: "panal-hash" }),
});

const queue = createChangeQueue();
let tell: ((updates: readonly TransferUpdate[]) => void) | undefined;

const transfers = createTransfers({
  tracker: createTrackerClient({ url: self.location.origin }),
  queue,
  createSource: createBrowserPeerSource,
  createStore: ({ fileId, name, target }) =>
    target.type === "picked"
      ? createPickedFileStore({ handle: target.handle })
      : createOpfsStore({ fileId, name }),
  hashBlocks,
});

setInterval(() => {
  const updates = queue.take();
  if (updates.length > 0) tell?.(updates);
}, TELL_MS);

const engine: Engine = {
  subscribe(listener) {
    tell = listener;
  },
  start: (request) => transfers.start(request),
  pause: (fileId) => transfers.stop(fileId),
  async discard(fileId) {
    await transfers.stop(fileId);
    try {
      await removeOpfsDownload(fileId);
      await removePickedDownload(fileId);
      return undefined;
    } catch (error) {
      const { code, message } = PanalError.from(error);
      return { code, message };
    }
  },
  async listKept() {
    const [inBrowser, picked] = await Promise.all([listOpfsDownloads(), listPickedDownloads()]);
    return [
      ...inBrowser.map((kept): KeptTransfer => ({ ...kept, target: { type: "browser" } })),
      ...picked.map(({ handle, ...kept }): KeptTransfer => ({ ...kept, target: { type: "picked", handle } })),
    ];
  },
};

expose(engine);
