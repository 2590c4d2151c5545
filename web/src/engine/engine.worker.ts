import "../app/zod-without-eval.ts";
import { createTrackerClient, PanalError } from "@panal/sdk";
import {
  createBrowserHashBlocks,
  createBrowserPeerSource,
  createOpfsStore,
  createPickedFileStore,
  listOpfsDownloads,
  listPickedDownloads,
  openOpfsFile,
  removeOpfsDownload,
  removePickedDownload,
} from "@panal/sdk/browser";
// oxlint-disable-next-line import/default -- Vite makes it: the URL of the built worker
import hashWorkerUrl from "@panal/sdk/hash-worker?worker&url";
import { expose } from "comlink";
import { createChangeQueue } from "./change-queue.ts";
import type { Engine, KeptTransfer, ReadAnswer, TransferUpdate } from "./engine-api.ts";
import { createTransfers } from "./transfers.ts";
import { trustedScriptUrls } from "./trusted-script.ts";

/** The page draws at most this often; more messages would only keep it busy. */
const TELL_MS = 150;
/** A small file that takes longer isn't waited for. */
const READ_SMALL_TIMEOUT_MS = 30_000;

const [trustedHashWorkerUrl] = trustedScriptUrls([hashWorkerUrl]);
const hashBlocks = createBrowserHashBlocks({
  start: () => new Worker(trustedHashWorkerUrl, { type: "module", name: "panal-hash" }),
});

const queue = createChangeQueue();
let tell: ((updates: readonly TransferUpdate[]) => void) | undefined;

const transfers = createTransfers({
  tracker: createTrackerClient({ url: self.location.origin }),
  queue,
  createSource: createBrowserPeerSource,
  createPickedStore: (handle) => createPickedFileStore({ handle }),
  createBrowserStore: createOpfsStore,
  openComplete: openOpfsFile,
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
  pause: (fileId) => transfers.pause(fileId),
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
  watch(request) {
    // What goes wrong is told with the download, and to whoever reads.
    transfers.watch(request).catch(() => {});
  },
  unwatch: (fileId) => transfers.unwatch(fileId),
  async read(request, port) {
    const cancelled = new AbortController();
    port.addEventListener("message", () => cancelled.abort(), { once: true });
    port.start();
    const answer = await transfers.read(request, cancelled.signal).then(
      (bytes): ReadAnswer => ({ type: "bytes", bytes }),
      (error: unknown): ReadAnswer => {
        const { code, message } = PanalError.from(error);
        return { type: "failed", code, message };
      },
    );
    port.postMessage(answer, answer.type === "bytes" ? [answer.bytes.buffer] : []);
    port.close();
  },
  readSmall: (fileId) =>
    transfers.readSmall(fileId, AbortSignal.timeout(READ_SMALL_TIMEOUT_MS)).catch(() => undefined),
};

expose(engine);
