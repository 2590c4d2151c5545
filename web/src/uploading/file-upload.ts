import {
  type Clock,
  type Gate,
  type HashBlocks,
  type Manifest,
  PanalError,
  type PauseSwitch,
  type UploadTarget,
  hashPiece,
  manifestOfPieces,
  pieceLengthFor,
  throwIfAborted,
  upload,
} from "@panal/sdk";
import { checkReadable } from "../sharing/read-file.ts";
import { readInOrder } from "./read-in-order.ts";
import type { FileUpload, UploadFailure } from "./uploading-api.ts";

/** What goes over the line at a time, of all files together: fewer than the six connections a browser has to a peer. */
export const PARTS_AT_ONCE = 4;
const PART_BYTES = 4 * 1024 * 1024;
/** What is read and hashed at a time of a file, in pieces and, where pieces are long, in bytes. */
const PIECES_AT_ONCE = 4;
const HASHING_BYTES = 16 * 1024 * 1024;

export interface FileUploadOptions {
  path: string;
  file: File;
  target: UploadTarget;
  writer: string;
  hashBlocks: HashBlocks;
  /** One at a time reads the whole disk. */
  hashing: Gate;
  /** PARTS_AT_ONCE of them. */
  sending: Gate;
  pause: PauseSwitch;
  clock: Clock;
  signal: AbortSignal;
  onProgress(progress: Pick<FileUpload, "phase" | "doneBytes"> & { waitingFor?: string }): void;
}

export type FileOutcome =
  | { readonly type: "sent" | "there"; readonly at: string }
  | { readonly type: "failed"; readonly failure: UploadFailure };

/** Hashes a file and sends what the target misses of it. The next one is hashed meanwhile. Throws "aborted" only. */
export async function sendFile(options: FileUploadOptions): Promise<FileOutcome> {
  const { file, hashing, sending, signal } = options;
  try {
    const manifest = await hashing.run(() => hashed(options), 1, signal);
    const parallel = Math.min(PARTS_AT_ONCE, Math.max(1, Math.ceil(file.size / PART_BYTES)));
    return await sending.run(() => sent(options, manifest, parallel), parallel, signal);
  } catch (error) {
    throwIfAborted(signal);
    const { code, message } = PanalError.from(error);
    return { type: "failed", failure: { code, message } };
  }
}

async function sent(options: FileUploadOptions, manifest: Manifest, parallel: number): Promise<FileOutcome> {
  const { path, file, target, writer, pause, clock, signal, onProgress } = options;
  let doneBytes = 0;
  onProgress({ phase: "sending", doneBytes });
  const [outcome] = await upload({
    path,
    manifest,
    modifiedMs: file.lastModified,
    writer,
    // The browser reads it while it sends it, which costs the page nothing.
    source: {
      read: async ({ start, end }) => file.slice(start, end),
      check: (range) => checkReadable(file, range),
    },
    targets: [target],
    parallel,
    pause,
    clock,
    signal,
    onEvent(event) {
      if (event.type === "progress") doneBytes = event.bytes;
      if (event.type === "finished") return;
      const waiting = event.type === "waiting" ? { waitingFor: event.reason } : {};
      onProgress({ phase: "sending", doneBytes, ...waiting });
    },
  });
  if (outcome === undefined) throw new PanalError("internal", "there was no target");
  if (outcome.state !== "failed") return { type: outcome.state, at: outcome.path };
  return { type: "failed", failure: { code: outcome.code, message: outcome.reason } };
}

/** The next pieces are read while one is hashed. */
async function hashed(options: FileUploadOptions): Promise<Manifest> {
  const { file, hashBlocks, pause, signal, onProgress } = options;
  let doneBytes = 0;
  onProgress({ phase: "hashing", doneBytes });
  const reader = readInOrder(file, () => pause.whenRunning(signal));
  const hashing = manifestOfPieces({
    length: file.size,
    openHasher: () => async (range) => hashPiece(await reader.read(range), file.size, hashBlocks),
    parallel: Math.max(1, Math.min(PIECES_AT_ONCE, Math.floor(HASHING_BYTES / pieceLengthFor(file.size)))),
    signal,
    onBytes(bytes) {
      doneBytes += bytes;
      onProgress({ phase: "hashing", doneBytes });
    },
  });
  return hashing.finally(reader.close);
}
