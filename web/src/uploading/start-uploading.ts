import { type Remote, wrap } from "comlink";
import { trustedScriptUrls } from "../engine/trusted-script.ts";
import type { UploadingApi } from "./uploading-api.ts";
// oxlint-disable-next-line import/default -- Vite makes it: the URL of the built worker
import workerUrl from "./uploading.worker.ts?worker&url";

/** Starts the worker that uploads: one for each page, and with it gone. */
export function startUploading(onCrash: () => void): Remote<UploadingApi> {
  const [url] = trustedScriptUrls([workerUrl]);
  const worker = new Worker(url, { type: "module", name: "panal-uploads" });
  worker.addEventListener("error", onCrash);
  return wrap<UploadingApi>(worker);
}
