import { forgetUpload, keepUpload, listKeptUploads } from "@panal/sdk/browser";
import { proxy } from "comlink";
import { createLeaveWarning } from "../../app/warn-of-leaving.ts";
import { startUploading } from "../../uploading/start-uploading.ts";
import { newId } from "../share/index.ts";
import { isRunning } from "./upload-state.ts";
import { type UploadsStore, createUploadsStore } from "./uploads-store.ts";

const WRITER_KEY = "panal.uploader";

let store: UploadsStore | undefined;

/** What this page uploads, from when it is first looked at until the page is gone. */
export function uploadsOfThisPage(): UploadsStore {
  if (store !== undefined) return store;
  const created = createUploadsStore({
    start(listener, onCrash) {
      const worker = startUploading(onCrash);
      void worker.subscribe(proxy(listener));
      return worker;
    },
    kept: { list: listKeptUploads, keep: keepUpload, forget: forgetUpload },
    writer: writerOfThisBrowser(),
  });
  const warnOfLeaving = createLeaveWarning();
  created.subscribe(() => warnOfLeaving(created.state().uploads.some(isRunning)));
  store = created;
  return created;
}

/** The same after a reload: else a peer would take the page for somebody else, and have it wait. */
function writerOfThisBrowser(): string {
  try {
    const known = localStorage.getItem(WRITER_KEY);
    if (known !== null && /^[0-9a-f]{24}$/.test(known)) return known;
    const writer = newId();
    localStorage.setItem(WRITER_KEY, writer);
    return writer;
  } catch {
    return newId();
  }
}
