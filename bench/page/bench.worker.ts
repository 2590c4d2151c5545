import { download, type FileId, parseFileId, PieceSet, type Store } from "@panal/sdk";
import {
  browserHashBlocks,
  createBrowserPeerSource,
  createOpfsStore,
  createPickedFileStore,
  removeOpfsDownload,
  removePickedDownload,
} from "@panal/sdk/browser";
import { bareFetch, pickedFile, removeBareFile } from "./bare-fetch.ts";
import type { Job, Outcome, Reply } from "./job.ts";

/** Our client as the web app uses it: gRPC-Web, every piece checked. */
async function panal({ fileId, peerUrl, target }: Job): Promise<void> {
  const id = parseFileId(fileId);
  await download({
    fileId: id,
    sources: [
      createBrowserPeerSource({ id: "bench", name: "bench", endpoints: [{ url: peerUrl, route: "direct" }] }),
    ],
    store: await storeFor(target, id),
    hashBlocks: browserHashBlocks,
  });
}

async function storeFor(target: Job["target"], fileId: FileId): Promise<Store> {
  switch (target) {
    case "opfs":
      return createOpfsStore({ fileId, name: "bench.bin" });
    case "picked":
      return createPickedFileStore({ handle: await pickedFile() });
    case "nothing":
      return createNoStore();
  }
}

/** Forgets what it is given. */
function createNoStore(): Store {
  return {
    open: async ({ pieceCount }) => new PieceSet(pieceCount),
    write: async () => {},
    complete: async () => {},
    close: async () => {},
  };
}

addEventListener("message", ({ data: job }: MessageEvent<Job>) => {
  const reply = (message: Reply) => postMessage(message);
  run(job).then(
    (outcome) => reply(outcome),
    (error: unknown) => reply({ error: String(error) }),
  );
});

/** Timed until the bytes are handed to the disk; what earlier jobs have left goes away before. */
async function run(job: Job): Promise<Outcome> {
  if (job.target !== "nothing") {
    await removeOpfsDownload(parseFileId(job.fileId));
    await removePickedDownload(parseFileId(job.fileId));
    await removeBareFile();
  }
  const startedAt = performance.now();
  await (job.client === "panal" ? panal(job) : bareFetch(job));
  const milliseconds = performance.now() - startedAt;
  const workerScripts = performance
    .getEntriesByType("resource")
    .map(({ name }) => name)
    .filter((name) => name.includes(".worker"));
  return { milliseconds, workerScripts };
}
