import type { BigIntStats } from "node:fs";

/** What tells whether a file is still the one that was hashed. Its time of creation and access don't matter. */
export interface FileStamp {
  /** Bytes. */
  readonly size: number;
  /** Last change of the content, nanoseconds since 1970. */
  readonly mtimeNs: bigint;
  readonly ino: bigint;
  readonly dev: bigint;
}

/** A file as it was when it was looked at. */
export interface StampedFile {
  /** Within the share, "/" between names. */
  readonly path: string;
  readonly stamp: FileStamp;
}

export function stampOf(stats: BigIntStats): FileStamp {
  return { size: Number(stats.size), mtimeNs: stats.mtimeNs, ino: stats.ino, dev: stats.dev };
}

/** Whether it is the same file with the same content, on the same disk. */
export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.dev === b.dev && isSameContent(a, b);
}

/**
 * The same without the disk: numbers of disks change when a machine starts anew, and hashing everything again for
 * that would be wrong.
 */
export function isSameContent(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.ino === b.ino;
}

/** Milliseconds since 1970. */
export function mtimeMsOf(stamp: FileStamp): number {
  return Number(stamp.mtimeNs / 1_000_000n);
}
