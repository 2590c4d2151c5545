import { type Clock, type HashBlocks, type UploadTarget, createGate, systemClock } from "@panal/sdk";
import { endingSpeed } from "../sharing/smoothed-speed.ts";
import { PARTS_AT_ONCE } from "./file-upload.ts";
import { type RunningUpload, startRootUpload } from "./root-upload.ts";
import type { RootUpload, UploadPeer, UploadRequest, UploadingApi } from "./uploading-api.ts";

export interface UploadsOptions {
  createTarget(peer: UploadPeer): UploadTarget;
  hashBlocks: HashBlocks;
  clock?: Clock;
  /** Something begins or ends: the state is to be taken now, not at the next time. */
  onPhase?: () => void;
}

/** All that a page sends. */
export interface Uploads extends Omit<UploadingApi, "subscribe"> {
  /** Undefined when nothing has changed since. To be called from time to time: speeds are measured between. */
  takeState(): readonly RootUpload[] | undefined;
}

interface Shown {
  readonly upload: RunningUpload;
  sampledBytes: number;
  bytesPerSecond: number;
}

export function createUploads({
  createTarget,
  hashBlocks,
  clock = systemClock,
  onPhase = () => {},
}: UploadsOptions): Uploads {
  const uploads = new Map<string, Shown>();
  const hashing = createGate(1);
  const sending = createGate(PARTS_AT_ONCE);
  let isDirty = false;
  let sampledAtMs = clock.now();

  function onChange(): void {
    isDirty = true;
  }

  return {
    start(request: UploadRequest) {
      if (uploads.has(request.root.id)) return;
      const upload = startRootUpload(request, {
        createTarget,
        hashBlocks,
        hashing,
        sending,
        clock,
        onChange,
        onPhase,
      });
      uploads.set(request.root.id, { upload, sampledBytes: 0, bytesPerSecond: 0 });
      onChange();
    },
    pause: (rootId) => uploads.get(rootId)?.upload.pause(),
    resume: (rootId) => uploads.get(rootId)?.upload.resume(),
    retry: (rootId, peer) => uploads.get(rootId)?.upload.retry(peer),
    async cancel(rootId) {
      const shown = uploads.get(rootId);
      uploads.delete(rootId);
      onChange();
      await shown?.upload.cancel();
    },
    forget(rootId) {
      uploads.delete(rootId);
      onChange();
    },
    takeState() {
      const elapsedMs = Math.max(1, clock.now() - sampledAtMs);
      sampledAtMs = clock.now();
      for (const shown of uploads.values()) {
        const bytes = shown.upload.sentBytes - shown.sampledBytes;
        shown.sampledBytes = shown.upload.sentBytes;
        const before = shown.bytesPerSecond;
        shown.bytesPerSecond = endingSpeed(before, { bytes, elapsedMs });
        if (shown.bytesPerSecond !== before) isDirty = true;
      }
      if (!isDirty) return undefined;
      isDirty = false;
      return Array.from(uploads.values(), ({ upload, bytesPerSecond }) => upload.state(bytesPerSecond));
    },
  };
}
