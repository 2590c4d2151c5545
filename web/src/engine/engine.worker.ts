import "../app/zod-without-eval.ts";
import { createTrackerClient, PanalError } from "@panal/sdk";
import {
  createBrowserHashBlocks,
  createBrowserPeerSource,
  createOpfsStore,
  createPickedFileStore,
  findOpfsDownload,
  keepOpfsDownload,
  keepPickedDownload,
  listOpfsDownloads,
  listPickedDownloads,
  openOpfsFile,
  removeOpfsDownload,
  removePickedDownload,
} from "@panal/sdk/browser";
import { type FileId, fileIdLength, manifestOf } from "@panal/sdk/content";
// oxlint-disable-next-line import/default -- Vite makes it: the URL of the built worker
import hashWorkerUrl from "@panal/sdk/hash-worker?worker&url";
import { type Endpoint, expose } from "comlink";
import { createChangeQueue } from "./change-queue.ts";
import type {
  Engine,
  KeptTransfer,
  ReadAnswer,
  SaveUpdate,
  StartRequest,
  TransferUpdate,
} from "./engine-api.ts";
import { createPeeks } from "./peeks.ts";
import { createSaving } from "./saving.ts";
import { createSeedSource } from "./seed-source.ts";
import { createSpeedLimit } from "./speed-limit.ts";
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

const speedLimit = createSpeedLimit();

const transfers = createTransfers({
  tracker: createTrackerClient({ url: self.location.origin }),
  queue,
  createSource: createBrowserPeerSource,
  createPickedStore: ({ handle, copies = [] }) => createPickedFileStore({ handle, copies }),
  mayWrite,
  createBrowserStore: createOpfsStore,
  findKept: findOpfsDownload,
  openComplete: openOpfsFile,
  removeKept: removeOpfsDownload,
  hashBlocks,
  speedLimit,
});

const peeks = createPeeks(transfers);

/** The newest of each save since the page was told. */
const saveNews = new Map<string, SaveUpdate>();
let tellSaves: ((updates: readonly SaveUpdate[]) => void) | undefined;

const saving = createSaving({
  readThrough: ({ fileId, path }, signal) => transfers.readThrough({ fileId, name: path }, signal),
  tell: (update) => saveNews.set(update.id, update),
});

setInterval(() => {
  const updates = queue.take();
  if (updates.length > 0) tell?.(updates);
  if (saveNews.size === 0) return;
  tellSaves?.([...saveNews.values()]);
  saveNews.clear();
}, TELL_MS);

async function answer(port: MessagePort, bytes: Promise<Uint8Array<ArrayBuffer>>): Promise<void> {
  const said = await bytes.then(
    (given): ReadAnswer => ({ type: "bytes", bytes: given }),
    (error: unknown): ReadAnswer => {
      const { code, message } = PanalError.from(error);
      return { type: "failed", code, message };
    },
  );
  port.postMessage(said, said.type === "bytes" ? [said.bytes.buffer] : []);
  port.close();
}

/** Those that are being remembered before they begin: nobody may have them before this page is closed. */
const starting = new Map<FileId, Promise<void>>();

async function keep({ fileId, name, target }: StartRequest): Promise<void> {
  if (target.type === "browser") return keepOpfsDownload(fileId, name);
  await keepPickedDownload(fileId, { handle: target.handle, copies: target.copies ?? [] });
}

/** Without asking: in a worker nobody can be asked. */
async function mayWrite(handle: FileSystemFileHandle & Partial<AskedHandle>): Promise<boolean> {
  return ((await handle.queryPermission?.({ mode: "readwrite" })) ?? "granted") === "granted";
}

interface AskedHandle {
  queryPermission(options: { mode: "readwrite" }): Promise<PermissionState>;
}

const engine: Engine = {
  subscribe(listener) {
    tell = listener;
  },
  start(request) {
    const kept = keep(request)
      // What is wrong with its place is told when something is to be written there.
      .catch(() => {})
      .then(() => transfers.start(request))
      .finally(() => starting.delete(request.fileId));
    starting.set(request.fileId, kept);
  },
  async pause(fileId) {
    await starting.get(fileId);
    await transfers.pause(fileId);
  },
  async discard(fileId) {
    await starting.get(fileId);
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
    // Who is in both places goes to the picked one, and takes over what is in the other.
    const pickedIds = new Set(picked.map(({ fileId }) => fileId));
    return [
      ...inBrowser
        .filter(({ fileId }) => !pickedIds.has(fileId))
        .map((kept): KeptTransfer => ({ ...kept, target: { type: "browser" } })),
      ...picked.map(({ handle, copies, ...kept }): KeptTransfer => ({
        ...kept,
        target: { type: "picked", handle, copies },
      })),
    ];
  },
  setSpeedLimit: (bytesPerSecond) => speedLimit.set(bytesPerSecond),
  keep,
  async isSame(fileId, handle) {
    const content = await handle.getFile();
    if (content.size !== fileIdLength(fileId)) return false;
    return (await manifestOf(content.stream(), content.size, hashBlocks)).fileId === fileId;
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
    const { read } = request.isPeek === true ? peeks : transfers;
    await answer(port, read(request, cancelled.signal));
  },
  subscribeSaves(listener) {
    tellSaves = listener;
  },
  openSave: (request) => saving.open(request),
  readSave: (id, port) => answer(port, saving.read(id)),
  cancelSave: (id) => saving.cancel(id),
  async openSeed(fileId, port) {
    const seed = transfers.openSeed(fileId);
    if (seed === undefined) {
      port.close();
      return undefined;
    }
    expose(createSeedSource(seed.growing), port as Endpoint);
    return seed.manifest;
  },
  setOwnPeer: transfers.setOwnPeer,
  openPeek: peeks.open,
  closePeek: peeks.close,
  readSmall: (fileId) =>
    transfers.readSmall(fileId, AbortSignal.timeout(READ_SMALL_TIMEOUT_MS)).catch(() => undefined),
};

expose(engine);
