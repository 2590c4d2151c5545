import type { RootUpload } from "../../uploading/uploading-api.ts";

/** Whether it would be cut off if the page were closed. */
export function isRunning({ phase }: Pick<RootUpload, "phase">): boolean {
  return phase === "listing" || phase === "running";
}

/** 0 to 1, of what is at the peer. */
export function fractionOf({ phase, doneBytes, totalBytes, failedCount }: RootUpload): number {
  if (phase === "done" && failedCount === 0) return 1;
  return totalBytes === 0 ? 0 : Math.min(1, doneBytes / totalBytes);
}
