import { randomBytes } from "node:crypto";
import { lstat, statfs } from "node:fs/promises";
import { join } from "node:path";
import {
  type FileId,
  type HashBlocks,
  type Manifest,
  PanalError,
  type PieceSet,
  fileIdLength,
} from "@panal/sdk";
import { PART_SUFFIX } from "@panal/sdk/node";
import { checkFolders, publishIn } from "./inbox-path.ts";
import { type Inbox, shownPath } from "./inbox.ts";
import { type KeptUploads, loadKeptUploads } from "./kept-uploads.ts";
import type { UploadLedger } from "./upload-ledger.ts";
import { type UploadHeader, type UploadPart, openUploadPart, removeUploadPart } from "./upload-part.ts";

/** A writer that has sent nothing for so long may be gone: another one may take over what it began. */
const HOLD_MS = 15_000;
/** What nobody asks for any more is thrown away. */
export const EXPIRE_MS = 24 * 3600 * 1000;
/** Uploads that are open at a time; what is idle longest is closed for the next one, and asked for again it goes on. */
const MAX_OPEN = 256;
const MAX_OPEN_LAYER_BYTES = 64 * 1024 * 1024;
/** Uploads of one address that aren't finished, open or not: a million tiny files come one after the other. */
const MAX_UNFINISHED_OF_CLIENT = 512;
/** Finished ones whose answer may have been lost: asked again, it is the same. */
const MAX_REMEMBERED = 1000;

/** What becomes of what was uploaded. */
export interface UploadedFiles {
  /** Where the share has this content, if it can be at `wanted`; undefined when it doesn't have it. */
  pathOf(fileId: FileId, wanted: string): string | undefined;
  /** A file of the share that was just published, and what is in it. */
  adopt(path: string, manifest: Manifest): Promise<void>;
}

export interface UploadsOptions {
  inbox: Inbox;
  files: UploadedFiles;
  ledger: UploadLedger;
  hashBlocks: HashBlocks;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Bytes that are free where the inbox is. */
  freeBytes?: () => Promise<number>;
  onReceived?: (file: ReceivedFile) => void;
}

export interface ReceivedFile {
  /** As people find it. */
  readonly path: string;
  readonly fileId: FileId;
  readonly client: string;
}

export interface BeginRequest {
  /** Within the inbox, as `inboxPathOf` makes it. */
  readonly path: string;
  readonly manifest: Manifest;
  readonly modifiedMs: number;
  readonly writer: string;
  readonly client: string;
}

export type Begun =
  | { readonly type: "there"; readonly path: string }
  | { readonly type: "open"; readonly uploadId: string; readonly have: PieceSet };

/** Files that come piece by piece from others, until they are whole and published. */
export interface Uploads {
  /** Throws "conflict" for another writer's, "busy" for the quota, "no-space", "unreachable" when too many are open. */
  begin(request: BeginRequest): Promise<Begun>;
  /** Throws "not-found", and what `UploadPart.put` throws. Gives the pieces that are missing. */
  put(uploadId: string, part: { piece: number; offset: number; data: Uint8Array }): Promise<number>;
  /** Gives where the file is. Throws "not-found", "invalid" while pieces are missing. */
  commit(uploadId: string): Promise<string>;
  abort(uploadId: string): Promise<void>;
  /** For files that come by other ways: throws when there is no place for it. */
  checkPlace(path: string, length: number, client: string): Promise<void>;
  publish(path: string, partPath: string, file: { manifest: Manifest; client: string }): Promise<string>;
  /** Throws away what nobody has asked for in a day. */
  expire(): Promise<void>;
  close(): Promise<void>;
}

interface OpenUpload {
  readonly id: string;
  readonly header: UploadHeader;
  readonly manifest: Manifest;
  readonly part: UploadPart;
  /** Parts that are being written. */
  readonly calls: Set<Promise<unknown>>;
  usedMs: number;
  committing: Promise<string> | undefined;
}

/** Opens the inbox for uploads; those of earlier runs go on when they are asked for. */
export async function openUploads(options: UploadsOptions): Promise<Uploads> {
  const { inbox, files, ledger, hashBlocks, now } = options;
  const freeBytes = options.freeBytes ?? (() => freeBytesAt(inbox.root));
  const kept: KeptUploads = await loadKeptUploads(inbox.parts);
  const open = new Map<string, OpenUpload>();
  /** By upload id and by key: where a finished one is. */
  const finished = new Map<string, string>();
  /** Of what is being begun: the same upload is opened once. */
  const beginning = new Map<string, Promise<unknown>>();
  const closing = new AbortController();
  const stemOf = (id: string) => join(inbox.parts, id);

  function openOf(id: string): OpenUpload {
    const upload = open.get(id);
    if (upload === undefined)
      throw new PanalError("not-found", `no upload ${id.slice(0, 64)} is open: begin again`);
    upload.usedMs = now();
    return upload;
  }

  async function during(upload: OpenUpload, call: Promise<void>): Promise<void> {
    upload.calls.add(call);
    try {
      await call;
    } finally {
      upload.calls.delete(call);
      upload.usedMs = now();
    }
  }

  /** Closes it when nobody writes any more; what it has stays on the disk. */
  async function shut(upload: OpenUpload): Promise<void> {
    open.delete(upload.id);
    await Promise.allSettled(upload.calls);
    await upload.part.close();
  }

  async function makeRoom(layerBytes: number): Promise<void> {
    const layers = () =>
      [...open.values()].reduce((sum, { manifest }) => sum + manifest.pieceLayer.length, 0);
    while (open.size >= MAX_OPEN || layers() + layerBytes > MAX_OPEN_LAYER_BYTES) {
      const idle = [...open.values()].filter(isIdle).sort((a, b) => a.usedMs - b.usedMs)[0];
      if (idle === undefined)
        throw new PanalError("unreachable", "too many uploads at once: try again in a moment");
      await shut(idle);
    }
  }

  async function checkPlace(path: string, length: number, client: string): Promise<void> {
    await checkFolders(inbox.root, path);
    const pending = [...kept.values()].filter((header) => header.client === client);
    if (pending.length >= MAX_UNFINISHED_OF_CLIENT) {
      throw new PanalError(
        "unreachable",
        `${pending.length} uploads of yours aren't finished: finish or abort those first`,
      );
    }
    ledger.check(client, [...pending.map(({ fileId }) => fileIdLength(fileId)), length]);
    await checkSpace(length);
  }

  async function checkSpace(bytes: number): Promise<void> {
    const free = await freeBytes();
    const reserved = [...open.values()].reduce((sum, { part }) => sum + part.missingBytes, 0);
    if (bytes + reserved <= free) return;
    throw new PanalError(
      "no-space",
      `${bytes} bytes are needed, ${Math.max(0, free - reserved)} are free at this peer`,
    );
  }

  async function begin(request: BeginRequest): Promise<Begun> {
    const { path, manifest, writer } = request;
    const there = await whereIs(manifest, path);
    if (there !== undefined) return { type: "there", path: there };
    const header: UploadHeader = {
      path,
      fileId: manifest.fileId,
      writer,
      client: request.client,
      modifiedMs: request.modifiedMs,
    };
    const id = kept.find(path, manifest.fileId);
    const running = id === undefined ? undefined : open.get(id);
    if (running !== undefined) {
      const isHeld = !isIdle(running) || now() - running.usedMs < HOLD_MS;
      if (running.committing !== undefined) return { type: "there", path: await running.committing };
      if (running.header.writer === writer) {
        running.usedMs = now();
        running.part.forgetBegun();
        return { type: "open", uploadId: running.id, have: running.part.have };
      }
      if (isHeld) throw new PanalError("conflict", `${path} is being uploaded by somebody else just now`);
      await shut(running);
    } else if (id === undefined) {
      await checkPlace(path, manifest.length, request.client);
    }
    const uploadId = await idFor(id, writer);
    await makeRoom(manifest.pieceLayer.length);
    const part = await openUploadPart({
      stem: stemOf(uploadId),
      header,
      manifest,
      hashBlocks,
      signal: closing.signal,
    });
    kept.set(uploadId, header);
    open.set(uploadId, {
      id: uploadId,
      header,
      manifest,
      part,
      calls: new Set(),
      usedMs: now(),
      committing: undefined,
    });
    return { type: "open", uploadId, have: part.have };
  }

  /** Its own again for whoever began it; after somebody else, that one is not to write any more. */
  async function idFor(id: string | undefined, writer: string): Promise<string> {
    if (id === undefined) return newId();
    if (kept.get(id)?.writer === writer) return id;
    const uploadId = newId();
    await kept.rename(id, uploadId);
    return uploadId;
  }

  async function whereIs({ fileId, length }: Manifest, path: string): Promise<string | undefined> {
    const shown = shownPath(inbox, path);
    const inShare = files.pathOf(fileId, shown);
    // Empty files are all the same: one that is elsewhere isn't this one.
    if (inShare !== undefined && (length > 0 || inShare === shown)) return inShare;
    const done = finished.get(keyOf(path, fileId));
    if (done === undefined || inbox.sharePath !== undefined) return undefined;
    const found = await lstat(join(inbox.root, done)).catch(() => undefined);
    return found?.isFile() && found.size === length ? done : undefined;
  }

  async function commit(upload: OpenUpload): Promise<string> {
    const { id, header, manifest, part } = upload;
    const missing = manifest.pieceCount - part.have.size;
    if (missing > 0)
      throw new PanalError("invalid", `${missing} of ${manifest.pieceCount} pieces are missing`);
    await part.finish();
    const path = await publish(header.path, stemOf(id) + PART_SUFFIX, { manifest, client: header.client });
    await shut(upload);
    kept.delete(id);
    await removeUploadPart(stemOf(id));
    remember(id, path);
    remember(keyOf(header.path, header.fileId), path);
    return path;
  }

  async function publish(
    wanted: string,
    partPath: string,
    { manifest, client }: { manifest: Manifest; client: string },
  ): Promise<string> {
    const path = await publishIn(inbox.root, wanted, partPath);
    const shown = shownPath(inbox, path);
    if (inbox.sharePath !== undefined) await files.adopt(shown, manifest);
    await ledger.add(client, manifest.length);
    options.onReceived?.({ path: shown, fileId: manifest.fileId, client });
    return shown;
  }

  function remember(key: string, path: string): void {
    finished.set(key, path);
    const [oldest] = finished.keys();
    if (finished.size > 2 * MAX_REMEMBERED && oldest !== undefined) finished.delete(oldest);
  }

  return {
    async begin(request) {
      const key = keyOf(request.path, request.manifest.fileId);
      while (beginning.has(key)) await beginning.get(key);
      const begun = begin(request);
      beginning.set(
        key,
        begun.then(
          () => beginning.delete(key),
          () => beginning.delete(key),
        ),
      );
      return begun;
    },
    async put(uploadId, { piece, offset, data }) {
      const upload = openOf(uploadId);
      const { manifest, part } = upload;
      if (piece >= manifest.pieceCount || offset >= manifest.pieceLength) {
        throw new PanalError("out-of-range", `byte ${offset} of piece ${piece} of ${manifest.pieceCount}`);
      }
      await during(upload, part.put(piece * manifest.pieceLength + offset, data));
      return manifest.pieceCount - part.have.size;
    },
    async commit(uploadId) {
      const done = finished.get(uploadId);
      if (done !== undefined) return done;
      const upload = openOf(uploadId);
      upload.committing ??= commit(upload).finally(() => (upload.committing = undefined));
      return upload.committing;
    },
    async abort(uploadId) {
      const upload = openOf(uploadId);
      if (upload.committing !== undefined) throw new PanalError("conflict", "it is being finished");
      kept.delete(uploadId);
      await shut(upload);
      await removeUploadPart(stemOf(uploadId));
    },
    checkPlace,
    publish,
    async expire() {
      for (const upload of open.values()) {
        if (isIdle(upload) && now() - upload.usedMs >= EXPIRE_MS) await shut(upload);
      }
      await kept.expire(now() - EXPIRE_MS, (id) => open.has(id));
    },
    async close() {
      closing.abort();
      await Promise.allSettled([...open.values()].flatMap(({ committing }) => committing ?? []));
      for (const upload of open.values()) await shut(upload);
    },
  };
}

function isIdle({ calls, committing }: OpenUpload): boolean {
  return calls.size === 0 && committing === undefined;
}

function newId(): string {
  return randomBytes(16).toString("hex");
}

function keyOf(path: string, fileId: FileId): string {
  return `${fileId}/${path}`;
}

async function freeBytesAt(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
