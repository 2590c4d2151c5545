import { markOpfsDownloadSaved, openOpfsFile } from "@panal/sdk/browser";
import { type FileId, mediaTypeOf, safeFileName } from "@panal/sdk/content";

/** URLs of complete files in the browser's storage; they refer to the disk, nothing is in memory. */
const urls = new Map<FileId, string>();

/**
 * The URL of a complete file in the browser's storage, undefined when there is none. Its type is ours, by the name's
 * extension and harmless ones only: a peer's bytes never become a page.
 */
export async function urlOfKeptFile(fileId: FileId, name: string): Promise<string | undefined> {
  const known = urls.get(fileId);
  if (known !== undefined) return known;
  const file = await openOpfsFile(fileId, name);
  if (file === undefined) return undefined;
  const { inline, mime } = mediaTypeOf(name);
  const type = inline ? mime : "application/octet-stream";
  const url = URL.createObjectURL(new File([file], safeFileName(name), { type }));
  urls.set(fileId, url);
  return url;
}

/** Hands a complete file over to the browser's downloads. False when it isn't there. */
export async function saveKeptFile(fileId: FileId, name: string): Promise<boolean> {
  const url = await urlOfKeptFile(fileId, name);
  if (url === undefined) return false;
  const link = document.createElement("a");
  link.href = url;
  link.download = safeFileName(name);
  document.body.append(link);
  link.click();
  link.remove();
  await markOpfsDownloadSaved(fileId);
  return true;
}

/** The file is removed: its URL leads nowhere. */
export function forgetKeptFile(fileId: FileId): void {
  const url = urls.get(fileId);
  if (url !== undefined) URL.revokeObjectURL(url);
  urls.delete(fileId);
}

/** Whether a browser shows such a file by itself: pictures, sound, film, text. */
export function canOpen(name: string): boolean {
  const { inline, mime } = mediaTypeOf(name);
  return inline && mime !== "application/pdf";
}
