import { type HashBlocks, PanalError, firstFreeName, manifestOf, parseSharePath } from "@panal/sdk";
import { createGrowingContent } from "./growing-content.ts";
import { type HashKeeper, type KnownHashes, knownHashesOf } from "./known-hashes.ts";
import { type PickedFile, pickedFiles } from "./picked-files.ts";
import { readFile } from "./read-file.ts";
import type { SharedFile, SharedFiles } from "./shared-files.ts";
import type { GrowingSource, SharedRoot, ShareRequest } from "./sharing-api.ts";

export interface SharedRootsOptions {
  shared: SharedFiles;
  hashBlocks: HashBlocks;
  /** Keeps what is known of roots that can be shared again after a reload. */
  hashKeeper?: HashKeeper | undefined;
  /** Something about them is different. */
  onChange: () => void;
}

/** What was picked: looked through and hashed one after the other, and shared file by file. */
export interface SharedRoots {
  /**
   * What is shared under this id already is looked through anew; a download isn't, which stays what it is, but for one that
   * was growing: it goes on as what comes now.
   */
  add(tabId: string, request: ShareRequest): void;
  remove(rootId: string): void;
  removeOfTab(tabId: string): void;
  removeAll(): void;
  /** It changed on the disk, or can't be read any more. */
  lose(file: SharedFile): void;
  list(): SharedRoot[];
}

interface Root {
  readonly shown: { -readonly [Key in keyof SharedRoot]: SharedRoot[Key] };
  readonly request: ShareRequest;
  readonly removing: AbortController;
  readonly paths: Set<string>;
}

export function createSharedRoots(options: SharedRootsOptions): SharedRoots {
  const { shared, hashBlocks, hashKeeper, onChange } = options;
  const roots = new Map<string, Root>();
  /** One after the other: each has the whole disk. */
  let work = Promise.resolve();
  let unread = 0;

  function freeName(name: string): string {
    const taken = new Set(Array.from(roots.values(), ({ shown }) => shown.name));
    return firstFreeName(name, (tried) => !taken.has(tried));
  }

  async function readRoot(root: Root): Promise<void> {
    const { signal } = root.removing;
    if (signal.aborted) return;
    root.shown.phase = "hashing";
    onChange();
    const { id, source } = root.request;
    if (source.type === "growing") return shareGrowing(root, source);
    const hashes = await knownHashesOf(id, source.type === "handle" ? hashKeeper : undefined);
    let isWhole = false;
    try {
      for await (const picked of pickedFiles({ ...root.request, source })) {
        if (signal.aborted) return;
        await shareFile(root, picked, hashes);
      }
      isWhole = true;
      const isEmpty = root.shown.fileCount === 0 && root.shown.failedCount > 0;
      root.shown.phase = isEmpty ? "failed" : "shared";
    } catch (error) {
      if (signal.aborted) return;
      fail(root, error);
      root.shown.phase = root.shown.fileCount > 0 ? "shared" : "failed";
    } finally {
      await hashes.end(isWhole);
    }
    onChange();
  }

  function shareGrowing(root: Root, { port, manifest }: GrowingSource): void {
    const { shown, paths } = root;
    shown.totalBytes = shown.knownBytes = manifest.length;
    try {
      const path = parseSharePath(shown.name);
      shared.add({ path, file: createGrowingContent(port, manifest), manifest, mtimeMs: Date.now() });
      paths.add(path);
      Object.assign(shown, { fileCount: 1, fileId: manifest.fileId, phase: "shared" });
    } catch (error) {
      Object.assign(shown, { phase: "failed", failedCount: 1 });
      fail(root, error);
    }
    onChange();
  }

  async function shareFile(root: Root, picked: PickedFile, hashes: KnownHashes): Promise<void> {
    const { signal } = root.removing;
    try {
      const path = parseSharePath(picked.path === "" ? root.shown.name : `${root.shown.name}/${picked.path}`);
      const file = await picked.open();
      root.shown.totalBytes += file.size;
      const known = picked.manifest ?? hashes.find(picked.path, file);
      if (known !== undefined) root.shown.knownBytes += file.size;
      const manifest = known ?? (await manifestOf(counted(root, file), file.size, hashBlocks));
      if (signal.aborted) return;
      if (known === undefined) await hashes.add({ path: picked.path, mtimeMs: file.lastModified, manifest });
      shared.add({ path, file, manifest, mtimeMs: file.lastModified });
      root.paths.add(path);
      root.shown.fileCount++;
      if (root.shown.kind === "file") root.shown.fileId = manifest.fileId;
    } catch (error) {
      if (signal.aborted) return;
      // One more than can be shared: so is every other.
      if (PanalError.from(error).code === "too-large") throw error;
      fail(root, error);
      root.shown.failedCount++;
    }
    onChange();
  }

  async function* counted(root: Root, file: File): AsyncGenerator<Uint8Array> {
    for await (const bytes of readFile(file, { start: 0, end: file.size })) {
      if (root.removing.signal.aborted) throw new PanalError("aborted", "no longer shared");
      root.shown.hashedBytes += bytes.length;
      onChange();
      yield bytes;
    }
  }

  function fail(root: Root, error: unknown): void {
    const { code, message } = PanalError.from(error);
    root.shown.error = { code, message };
  }

  function remove(root: Root): void {
    root.removing.abort();
    roots.delete(root.shown.id);
    for (const path of root.paths) shared.remove(path);
    onChange();
  }

  return {
    add(tabId, given) {
      const before = roots.get(given.id);
      const request = before === undefined ? given : afterGrowing(given, before.request);
      const { id, kind, source } = request;
      const isGrowing = source.type === "growing";
      const isDownload = isGrowing || (source.type === "files" && source.download !== undefined);
      // In the same place: others notice nothing.
      const growing = isDownload && before?.shown.isGrowing === true ? before : undefined;
      if (before !== undefined && growing === undefined) {
        if (isDownload && before.shown.phase !== "failed") return;
        remove(before);
      }
      const root: Root = {
        shown: {
          id,
          tabId,
          name: growing?.shown.name ?? freeName(request.name),
          kind,
          isDownload,
          isGrowing,
          phase: "waiting",
          fileCount: 0,
          totalBytes: 0,
          hashedBytes: 0,
          knownBytes: 0,
          failedCount: 0,
        },
        request,
        removing: new AbortController(),
        paths: growing?.paths ?? new Set(),
      };
      roots.set(id, root);
      unread++;
      shared.isIndexing = true;
      onChange();
      const reading = isKnown(source) ? readRoot(root) : work.then(() => readRoot(root));
      const ended = reading.finally(() => {
        shared.isIndexing = --unread > 0;
      });
      // What needs no reading waits for nobody, and nobody for it.
      if (!isKnown(source)) work = ended;
    },
    remove(rootId) {
      const root = roots.get(rootId);
      if (root !== undefined) remove(root);
    },
    removeOfTab(tabId) {
      for (const root of Array.from(roots.values())) if (root.shown.tabId === tabId) remove(root);
    },
    removeAll() {
      for (const root of Array.from(roots.values())) remove(root);
    },
    lose(file) {
      shared.remove(file.path);
      for (const root of roots.values()) {
        if (!root.paths.delete(file.path)) continue;
        root.shown.fileCount--;
        root.shown.failedCount++;
        fail(root, new PanalError("changed", `${file.path} has changed, or can't be read any more`));
        if (root.shown.fileCount === 0 && root.shown.phase === "shared") root.shown.phase = "failed";
      }
      onChange();
    },
    list: () => Array.from(roots.values(), ({ shown }) => ({ ...shown })),
  };
}

/** Nothing of it has to be hashed. */
function isKnown(source: ShareRequest["source"]): boolean {
  return source.type === "growing" || (source.type === "files" && source.download?.manifest !== undefined);
}

/** A download that was growing is known by its manifest when it is whole. */
function afterGrowing(request: ShareRequest, before: ShareRequest): ShareRequest {
  const { source } = request;
  if (before.source.type !== "growing" || source.type !== "files" || source.download === undefined)
    return request;
  const manifest = source.download.manifest ?? before.source.manifest;
  return { ...request, source: { ...source, download: { manifest } } };
}
