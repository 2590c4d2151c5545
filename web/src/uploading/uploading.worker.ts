import "../app/zod-without-eval.ts";
import { createBrowserHashBlocks, createBrowserUploadTarget } from "@panal/sdk/browser";
// oxlint-disable-next-line import/default -- Vite makes it: the URL of the built worker
import hashWorkerUrl from "@panal/sdk/hash-worker?worker&url";
import { expose } from "comlink";
import { trustedScriptUrls } from "../engine/trusted-script.ts";
import type { RootUpload, UploadingApi } from "./uploading-api.ts";
import { createUploads } from "./uploads.ts";

/** The page draws at most this often. */
const TELL_MS = 200;

const [trustedHashWorkerUrl] = trustedScriptUrls([hashWorkerUrl]);
const uploads = createUploads({
  createTarget: ({ peerId, ...peer }) => createBrowserUploadTarget({ id: peerId, ...peer }),
  hashBlocks: createBrowserHashBlocks({
    start: () => new Worker(trustedHashWorkerUrl, { type: "module", name: "panal-hash" }),
  }),
  onPhase: () => queueMicrotask(tell),
});
let listener: ((state: readonly RootUpload[]) => void) | undefined;

function tell(): void {
  const state = uploads.takeState();
  if (state !== undefined) listener?.(state);
}
setInterval(tell, TELL_MS);

const api: UploadingApi = {
  ...uploads,
  subscribe(next) {
    listener = next;
  },
};
expose(api);
