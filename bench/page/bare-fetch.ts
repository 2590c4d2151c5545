import type { Job } from "./job.ts";

/** What somebody would write who wants a file and nothing else. */
const BUFFER_BYTES = 1024 * 1024;
const FILE_NAME = "bare";

/** A `fetch` of the /files door through a BYOB reader, into a file of the origin's storage or into nothing. */
export async function bareFetch({ fileId, peerUrl, target }: Job): Promise<void> {
  const response = await fetch(`${peerUrl}/files/${fileId}/bench.bin`, { cache: "no-store" });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const reader = response.body!.getReader({ mode: "byob" });
  const file = target === "opfs" ? await openFile() : undefined;
  let buffer = new ArrayBuffer(BUFFER_BYTES);
  for (let at = 0; ;) {
    const { value, done } = await reader.read(new Uint8Array(buffer));
    if (done) break;
    file?.write(value, { at });
    at += value.length;
    buffer = value.buffer;
  }
  file?.flush();
  file?.close();
}

export async function removeBareFile(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(FILE_NAME).catch(() => {});
}

async function openFile(): Promise<FileSystemSyncAccessHandle> {
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle(FILE_NAME, { create: true });
  return handle.createSyncAccessHandle();
}
