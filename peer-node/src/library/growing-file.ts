import { realpath, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import {
  type FileId,
  type Manifest,
  PanalError,
  type PieceSet,
  type Store,
  fileIdLength,
  missingBytesOf,
} from "@panal/sdk";
import type { FileStore } from "@panal/sdk/node";
import { type FileStamp, stampOf } from "./file-stamp.ts";
import { createFolderTree } from "./folder-tree.ts";
import { openPart, openShared } from "./open-file.ts";
import type { AnnouncedFiles, ReadableFile, ServedChange, ServedFile, ServedFiles } from "./served-files.ts";

export interface GrowingFileOptions {
  fileId: FileId;
  /** What others are told it is called. */
  name: string;
  /** What others are told of its last change, milliseconds since 1970. */
  mtimeMs: number;
  /** It was whole, and it isn't what it was any more: nothing is served from now on. */
  onLost?: (error: PanalError) => void;
}

/**
 * One file that is served while it is being fetched: the pieces its store has, which are verified, and no others. It is
 * announced from its first piece on: before that nobody could get anything from us.
 */
export interface GrowingFile extends ServedFiles, AnnouncedFiles {
  /** To be given to the download in place of `store`: what the store has is served until it is closed or whole. */
  keepIn(store: FileStore): Store;
  /** The file is whole, at this path, and as it was when it had this stamp; served for as long as it stays that. */
  becomeWhole(manifest: Manifest, at: { path: string; stamp: FileStamp }): Promise<void>;
}

type State =
  /** Nothing is known of it but its id. */
  | { readonly type: "starting" }
  | Growing
  | {
      readonly type: "whole";
      readonly manifest: Manifest;
      readonly root: string;
      readonly name: string;
      readonly stamp: FileStamp;
    }
  | { readonly type: "gone" };

interface Growing {
  readonly type: "growing";
  readonly store: FileStore;
  readonly manifest: Manifest;
  readonly have: PieceSet;
  /** The file the download writes to, whatever it is called. */
  readonly part: Pick<FileStamp, "ino" | "dev">;
  /** Settles, in any case, when the part has got its own name. */
  completing: Promise<void> | undefined;
}

export function createGrowingFile(options: GrowingFileOptions): GrowingFile {
  const { fileId, name, mtimeMs } = options;
  const size = fileIdLength(fileId);
  const listeners = new Set<(change: ServedChange) => void>();
  let state: State = { type: "starting" };
  let isAnnounced = false;

  /** What others are told; undefined while there is nothing to be had. */
  function entry(): ServedFile | undefined {
    const file = { path: name, fileId, size, mtimeMs };
    switch (state.type) {
      case "starting":
      case "gone":
        return undefined;
      case "growing":
        if (state.have.isFull) return file;
        if (state.have.size === 0) return undefined;
        return { ...file, missingBytes: missingBytesOf(state.manifest, state.have) };
      case "whole":
        return file;
    }
  }

  function tellChange(): void {
    const file = entry();
    if ((file !== undefined) === isAnnounced) return;
    isAnnounced = file !== undefined;
    const change: ServedChange =
      file === undefined ? { type: "removed", path: name } : { type: "added", file };
    for (const listener of listeners) listener(change);
  }

  function become(next: State): void {
    state = next;
    tellChange();
  }

  function keepIn(store: FileStore): Store {
    let growing: Growing | undefined;
    let isComplete = false;
    return {
      async open(manifest, opening) {
        const have = (await store.open(manifest, opening)).clone();
        const part = stampOf(await stat(store.dataPath, { bigint: true }));
        growing = { type: "growing", store, manifest, have, part, completing: undefined };
        become(growing);
        return have.clone();
      },
      async write(pieceIndex, data) {
        await store.write(pieceIndex, data);
        growing?.have.add(pieceIndex);
        tellChange();
      },
      async complete() {
        const completing = store.complete();
        if (growing !== undefined) growing.completing = completing.catch(() => {});
        await completing;
        isComplete = true;
      },
      async close() {
        await store.close();
        // What isn't whole may be meddled with from here on: it isn't locked any more.
        if (state === growing && !isComplete) become({ type: "gone" });
      },
    };
  }

  async function openGrowing(growing: Growing): Promise<ReadableFile> {
    const { store, part } = growing;
    const path = store.dataPath;
    const openAt = (at: string) => openPart({ path: at, part, name, length: size });
    try {
      return await openAt(path);
    } catch (error) {
      // It may be getting its own name at this moment.
      await growing.completing;
      if (store.dataPath === path) throw error;
      return openAt(store.dataPath);
    }
  }

  return {
    keepIn,
    async becomeWhole(manifest, { path, stamp }) {
      if (state.type === "growing" && (state.part.ino !== stamp.ino || state.part.dev !== stamp.dev)) {
        return lose(new PanalError("changed", `${path} is not what was downloaded`));
      }
      const root = await realpath(dirname(path));
      become({ type: "whole", manifest, root, name: basename(path), stamp });
    },
    status() {
      const file = entry();
      return {
        fileCount: file ? 1 : 0,
        totalSize: file?.size ?? 0,
        isIndexing: false,
        isStarting: state.type === "starting",
      };
    },
    list(folder, page) {
      const tree = createFolderTree();
      const file = entry();
      if (file !== undefined) tree.add(file);
      return tree.list(folder, page);
    },
    availability(id) {
      if (id !== fileId) return undefined;
      if (state.type === "growing") return state.have.isFull ? "all" : state.have;
      return state.type === "whole" ? "all" : undefined;
    },
    hasName: (id, wanted) => id === fileId && wanted === name,
    manifest(id) {
      return id === fileId && "manifest" in state ? state.manifest : undefined;
    },
    async open(id) {
      if (id !== fileId) return undefined;
      const at = state;
      try {
        if (at.type === "growing") return await openGrowing(at);
        if (at.type !== "whole") return undefined;
        const file = await openShared({ root: at.root, path: at.name, stamp: at.stamp });
        return { ...file, path: name };
      } catch (thrown) {
        const error = PanalError.from(thrown);
        if (error.code !== "changed" && error.code !== "not-found") throw error;
        if (at.type === "whole" && state === at) lose(error);
        return undefined;
      }
    },
    *all() {
      const file = entry();
      if (file !== undefined) yield file;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  function lose(error: PanalError): void {
    become({ type: "gone" });
    options.onLost?.(error);
  }
}
