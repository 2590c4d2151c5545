import type { Job } from "./job.ts";

/** What somebody would write who wants a file and nothing else. */
const BUFFER_BYTES = 1024 * 1024;
const FILE_NAME = "bare";

/** A `fetch` of the /files door through a BYOB reader, into a file of the origin's storage or into nothing. */
export async function bareFetch({ fileId, peerUrl, target }: Job): Promise<void> {
  const response = await fetch(`${peerUrl}/files/${fileId}/bench.bin`, { cache: "no-store" });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const reader = response.body!.getReader({ mode: "byob" });
  const file = await openFile(target);
  let buffer = new ArrayBuffer(BUFFER_BYTES);
  for (let at = 0; ;) {
    const { value, done } = await reader.read(new Uint8Array(buffer));
    if (done) break;
    await file?.write(value, at);
    at += value.length;
    buffer = value.buffer;
  }
  await file?.close();
}

export async function removeBareFile(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(FILE_NAME).catch(() => {});
}

/** As a file picker would give it. */
export async function pickedFile(): Promise<FileSystemFileHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getFileHandle(FILE_NAME, { create: true });
}

interface OpenFile {
  write(data: Uint8Array<ArrayBuffer>, position: number): Promise<void> | void;
  close(): Promise<void> | void;
}

async function openFile(target: Job["target"]): Promise<OpenFile | undefined> {
  if (target === "nothing") return undefined;
  const handle = await pickedFile();
  if (target === "picked") {
    const swap = await handle.createWritable();
    return {
      write: (data, position) => swap.write({ type: "write", position, data }),
      close: () => swap.close(),
    };
  }
  const file = await handle.createSyncAccessHandle();
  return {
    write: (data, at) => void file.write(data, { at }),
    close() {
      file.flush();
      file.close();
    },
  };
}
