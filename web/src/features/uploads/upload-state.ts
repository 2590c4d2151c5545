import type { RootUpload } from "../../uploading/uploading-api.ts";

/** Whether it would be cut off if the page were closed. */
export function isRunning({ phase }: Pick<RootUpload, "phase">): boolean {
  return phase === "listing" || phase === "running";
}

/** Whether all of it is there. */
export function isThrough({ phase, failedCount }: Pick<RootUpload, "phase" | "failedCount">): boolean {
  return phase === "done" && failedCount === 0;
}

/** 0 to 1, of what is at the peer. */
export function fractionOf(upload: RootUpload): number {
  const { doneBytes, totalBytes } = upload;
  if (isThrough(upload)) return 1;
  return totalBytes === 0 ? 0 : Math.min(1, doneBytes / totalBytes);
}
