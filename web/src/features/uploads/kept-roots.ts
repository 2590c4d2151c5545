import type { KeptUpload } from "@panal/sdk/browser";
import { mayUse } from "../../app/may-use.ts";
import type { RootRequest } from "../../sharing/sharing-api.ts";
import { rootOfHandle } from "../share/index.ts";

/** What a page keeps itself of files it has no handle for: pasted pictures have no other place. */
const MAX_COPY_BYTES = 8 * 1024 * 1024;

/** What is remembered of something that is sent, should the page be closed before it is through. */
export function keptOf({ id, name, kind, source }: RootRequest): KeptUpload {
  const record = { id, peerId: undefined, name, kind };
  if (source.type === "handle") return { ...record, handle: source.handle, files: [] };
  const totalBytes = source.files.reduce((sum, { file }) => sum + file.size, 0);
  const isCopied = totalBytes <= MAX_COPY_BYTES;
  return {
    ...record,
    files: source.files.map(({ path, file }) => ({
      path,
      size: file.size,
      modifiedMs: file.lastModified,
      ...(isCopied ? { file } : {}),
    })),
  };
}

/** Whether the page can have it again without asking for the files. */
export function isAtHand({ handle, files }: KeptUpload): boolean {
  return handle !== undefined || files.every(({ file }) => file !== undefined);
}

/** Undefined when the browser doesn't give it; from a click, since it may ask. */
export async function rootOfKept({
  id,
  name,
  kind,
  handle,
  files,
}: KeptUpload): Promise<RootRequest | undefined> {
  if (handle !== undefined) {
    return (await mayUse(handle, "read")) ? rootOfHandle(handle, id) : undefined;
  }
  const copies = files.flatMap(({ path, file }) => (file === undefined ? [] : [{ path, file }]));
  if (copies.length < files.length) return undefined;
  return { id, name, kind, source: { type: "files", files: copies } };
}
