import { closeSync, constants, fstatSync, openSync, readlinkSync, realpathSync } from "node:fs";
import { type FileHandle, open, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import { PanalError } from "@panal/sdk/thread";
import { type FileStamp, type StampedFile, isSameStamp, stampOf } from "./file-stamp.ts";
import type { ReadableFile } from "./served-files.ts";

/** A shared file that is open and the one that was hashed. Must be closed. */
export interface OpenedFile extends ReadableFile {
  /** For the hashing threads, which share the process's descriptors. */
  readonly fd: number;
  /** Throws "changed" when the file isn't what it was when it was hashed. */
  check(): Promise<void>;
}

// A pipe that took the file's place must not block us, a link must not lead us elsewhere. Windows has neither flag.
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

interface SharedFile extends StampedFile {
  /** Real path of the share. */
  readonly root: string;
}

/**
 * Opens a file of the share by its path in the index. Throws "changed" when there is another file by now or the path
 * leads through a link, "not-found", "no-permission".
 */
export async function openShared({ root, path, stamp }: SharedFile): Promise<OpenedFile> {
  const fullPath = join(root, path);
  const changed = () => changedError(path);
  const file = await openItself(fullPath, path);
  const check = async () => {
    if (!isSameStamp(stampOf(await file.stat({ bigint: true })), stamp)) throw changed();
  };
  try {
    // At once: two calls in a row would make each small range wait twice.
    const [realPath] = await Promise.all([pathOfOpenFile(file, fullPath), check()]);
    if (realPath !== fullPath) throw changed();
  } catch (error) {
    await file.close();
    throw PanalError.from(error);
  }
  return {
    path,
    length: stamp.size,
    fd: file.fd,
    check,
    async read(targets, position) {
      await fill(file, targets, { position, changed });
      // After the bytes are here: what is given out is from the file that was hashed.
      await check();
    },
    close: () => file.close(),
  };
}

/**
 * Opens what a download of ours is writing to, which changes all the time: only that it is the same file is checked.
 * `name` is what others are told. Throws "changed" when another file is at `path`, "not-found", "no-permission".
 */
export async function openPart(options: {
  path: string;
  part: Pick<FileStamp, "ino" | "dev">;
  name: string;
  length: number;
}): Promise<ReadableFile> {
  const { path, part, name, length } = options;
  const changed = () => new PanalError("changed", `${path} is not what the download wrote`);
  const file = await openItself(path, path);
  try {
    const { ino, dev } = await file.stat({ bigint: true });
    if (ino !== part.ino || dev !== part.dev) throw changed();
  } catch (error) {
    await file.close();
    throw PanalError.from(error);
  }
  return {
    path: name,
    length,
    read: (targets, position) => fill(file, targets, { position, changed }),
    close: () => file.close(),
  };
}

/** The file at a path, not what a link there points to; `name` is for the error. */
async function openItself(fullPath: string, name: string): Promise<FileHandle> {
  try {
    return await open(fullPath, FLAGS);
  } catch (error) {
    throw openError(error, name);
  }
}

async function fill(
  file: FileHandle,
  targets: readonly Uint8Array[],
  { position, changed }: { position: number; changed: () => PanalError },
): Promise<void> {
  let rest = restAfter(targets, 0);
  for (let at = position; rest.length > 0;) {
    const { bytesRead } = await file.readv(rest, at);
    if (bytesRead === 0) throw changed();
    at += bytesRead;
    rest = restAfter(rest, bytesRead);
  }
}

/** What a read left empty, which may begin within a target. */
function restAfter(targets: readonly Uint8Array[], filledBytes: number): readonly Uint8Array[] {
  let filled = filledBytes;
  const next = targets.findIndex(({ length }) => {
    if (filled < length) return true;
    filled -= length;
    return false;
  });
  return next < 0 ? [] : [targets[next]!.subarray(filled), ...targets.slice(next + 1)];
}

/** The same for as long as `use` takes, for threads: waits for the disk. Also throws "changed" when it changed meanwhile. */
export function withSharedSync<T>({ root, path, stamp }: SharedFile, use: (fd: number) => T): T {
  const fullPath = join(root, path);
  let fd: number;
  try {
    fd = openSync(fullPath, FLAGS);
  } catch (error) {
    throw openError(error, path);
  }
  const check = () => {
    if (!isSameStamp(stampOf(fstatSync(fd, { bigint: true })), stamp)) throw changedError(path);
  };
  try {
    check();
    if (pathOfOpenFileSync(fd, fullPath) !== fullPath) throw changedError(path);
    const result = use(fd);
    check();
    return result;
  } finally {
    closeSync(fd);
  }
}

function changedError(path: string): PanalError {
  return new PanalError("changed", `${path} is not what it was when it was hashed`);
}

function openError(error: unknown, path: string): PanalError {
  // What O_NOFOLLOW says about a link.
  if (error instanceof Error && "code" in error && error.code === "ELOOP") return changedError(path);
  return PanalError.from(error, "unreachable");
}

/**
 * Where an open file really is. Linux says it of the file itself; elsewhere the path is followed once more, and a
 * link that was swapped in and out again meanwhile is caught by the inode number alone.
 */
async function pathOfOpenFile(file: FileHandle, fullPath: string): Promise<string> {
  if (process.platform === "linux") {
    const path = await readlink(`/proc/self/fd/${file.fd}`).catch(() => undefined);
    if (path !== undefined) return path;
  }
  return realpath(fullPath);
}

function pathOfOpenFileSync(fd: number, fullPath: string): string {
  if (process.platform === "linux") {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // Without /proc it is as elsewhere.
    }
  }
  return realpathSync(fullPath);
}
