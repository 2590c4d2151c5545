import { join } from "node:path";
import { type Inbox, type ShareAround, openInbox } from "./inbox.ts";
import { type MessageMemory, createMessageMemory } from "./message-memory.ts";
import { loadUploadCode } from "./upload-code.ts";
import { type UploadGate, createUploadGate } from "./upload-gate.ts";
import { openUploadLedger } from "./upload-ledger.ts";
import { type ReceivedFile, type UploadedFiles, type Uploads, openUploads } from "./uploads.ts";

export const DEFAULT_UPLOAD_QUOTA = 50e9;
/** How often it is looked for uploads nobody goes on with. */
const EXPIRY_CHECK_MS = 3_600_000;

/** How a peer takes uploads. */
export interface UploadSettings {
  /** The folder they go to; default: `inbox` in the share. */
  inbox?: string | undefined;
  /** Bytes an address may upload in 24 hours; default 50 GB. */
  quotaBytes?: number | undefined;
  /** Whether it does without a code. */
  isOpen?: boolean;
}

/** All that takes uploads in a peer. */
export interface PeerUploads {
  readonly uploads: Uploads;
  readonly inbox: Inbox;
  readonly files: UploadedFiles;
  readonly memory: MessageMemory;
  readonly gate: UploadGate;
  /** Undefined when none is needed. */
  readonly code: string | undefined;
  close(): Promise<void>;
}

export interface OpenPeerUploadsOptions {
  settings: UploadSettings;
  share: ShareAround;
  /** Where the code and the quotas are kept. */
  statePath: string;
  files: UploadedFiles;
  onReceived?: (file: ReceivedFile) => void;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** Bytes that are free where the inbox is. */
  freeBytes?: () => Promise<number>;
}

/** Throws "invalid", "no-permission" and the like for the inbox. */
export async function openPeerUploads(options: OpenPeerUploadsOptions): Promise<PeerUploads> {
  const { settings, statePath, files, onReceived, now = Date.now } = options;
  const inbox = await openInbox(settings.inbox, options.share);
  const code = settings.isOpen === true ? undefined : await loadUploadCode(join(statePath, "upload-code"));
  const ledger = await openUploadLedger({
    path: join(statePath, "uploads.json"),
    quotaBytes: settings.quotaBytes ?? DEFAULT_UPLOAD_QUOTA,
    now,
  });
  const memory = createMessageMemory();
  const uploads = await openUploads({
    inbox,
    files,
    ledger,
    hashBlocks: memory.hashBlocks,
    now,
    ...(onReceived === undefined ? {} : { onReceived }),
    ...(options.freeBytes === undefined ? {} : { freeBytes: options.freeBytes }),
  });
  await uploads.expire();
  // What can't be thrown away now can be the next time.
  const timer = setInterval(() => void uploads.expire().catch(() => {}), EXPIRY_CHECK_MS).unref();
  return {
    uploads,
    inbox,
    files,
    memory,
    gate: createUploadGate({ code, now }),
    code,
    async close() {
      clearInterval(timer);
      await uploads.close();
      await ledger.close();
      await memory.close();
    },
  };
}
