import { hexFromBytes } from "@panal/sdk/content";
import type { RootRequest } from "../../sharing/sharing-api.ts";

type Handle = FileSystemFileHandle | FileSystemDirectoryHandle;

/** What only some browsers have. */
interface Pickers {
  showOpenFilePicker?(options: { multiple: true }): Promise<FileSystemFileHandle[]>;
  showDirectoryPicker?(options: { mode: "read" }): Promise<FileSystemDirectoryHandle>;
}

interface DroppedItem extends DataTransferItem {
  getAsFileSystemHandle?(): Promise<Handle | null | undefined>;
}

/** Whether the browser has pickers whose handles can be kept. */
export function hasPickers(): boolean {
  const { showOpenFilePicker, showDirectoryPicker } = self as Pickers;
  return showOpenFilePicker !== undefined && showDirectoryPicker !== undefined;
}

/** Asks for files, or a folder. Nothing when the person thinks better of it. */
export async function pickRoots(kind: RootRequest["kind"]): Promise<RootRequest[]> {
  const { showOpenFilePicker, showDirectoryPicker } = self as Pickers;
  try {
    if (kind === "folder") {
      const folder = await showDirectoryPicker?.({ mode: "read" });
      return folder === undefined ? [] : [rootOfHandle(folder)];
    }
    return ((await showOpenFilePicker?.({ multiple: true })) ?? []).map((file) => rootOfHandle(file));
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return [];
    throw error;
  }
}

/** What was chosen in a field of a form: without handles, so that it can't be kept. */
export function rootsOfField(files: Iterable<File>): RootRequest[] {
  const folders = new Map<string, { path: string; file: File }[]>();
  const roots: RootRequest[] = [];
  for (const file of files) {
    const [folder = "", ...rest] = file.webkitRelativePath.split("/");
    if (rest.length === 0) {
      roots.push(rootOfFile(file));
      continue;
    }
    const inFolder = folders.get(folder) ?? [];
    inFolder.push({ path: rest.join("/"), file });
    folders.set(folder, inFolder);
  }
  for (const [name, of] of folders) roots.push(rootOfFiles(name, of));
  return roots;
}

/** What was dropped. Has to begin within the event: what is in it is gone afterwards. */
export async function rootsOfDrop(items: Iterable<DataTransferItem>): Promise<RootRequest[]> {
  const dropped = Array.from(items, (item: DroppedItem) => {
    if (item.kind !== "file") return undefined;
    const entry = item.webkitGetAsEntry();
    const file = item.getAsFile();
    return { handle: item.getAsFileSystemHandle?.() ?? Promise.resolve(null), entry, file };
  });
  const roots: RootRequest[] = [];
  for (const item of dropped) {
    if (item === undefined) continue;
    // Denied, of a page that may have none, or of no file on a disk.
    const handle = (await item.handle.catch(() => null)) ?? null;
    if (handle !== null) roots.push(rootOfHandle(handle));
    else if (item.entry?.isDirectory === true) {
      roots.push(
        rootOfFiles(item.entry.name, await filesOfEntry(item.entry as FileSystemDirectoryEntry, "")),
      );
    } else if (item.file !== null) roots.push(rootOfFile(item.file));
  }
  return roots;
}

export function rootOfHandle(handle: Handle, id = newId()): RootRequest {
  const kind = handle.kind === "file" ? "file" : "folder";
  return { id, name: handle.name, kind, source: { type: "handle", handle } };
}

function rootOfFile(file: File): RootRequest {
  const files = [{ path: file.name, file }];
  return { id: newId(), name: file.name, kind: "file", source: { type: "files", files } };
}

function rootOfFiles(name: string, files: readonly { path: string; file: File }[]): RootRequest {
  return { id: newId(), name, kind: "folder", source: { type: "files", files } };
}

async function filesOfEntry(
  folder: FileSystemDirectoryEntry,
  path: string,
): Promise<{ path: string; file: File }[]> {
  const files: { path: string; file: File }[] = [];
  const reader = folder.createReader();
  for (;;) {
    // A hundred at a time, until there are none.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (entries.length === 0) return files;
    for (const entry of entries) {
      const inFolder = path === "" ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory) {
        files.push(...(await filesOfEntry(entry as FileSystemDirectoryEntry, inFolder)));
        continue;
      }
      const file = await new Promise<File>((resolve, reject) =>
        (entry as FileSystemFileEntry).file(resolve, reject),
      );
      files.push({ path: inFolder, file });
    }
  }
}

/** `randomUUID` is for secure pages only. */
export function newId(): string {
  return hexFromBytes(crypto.getRandomValues(new Uint8Array(12)));
}
