import type { RootUpload } from "../../uploading/uploading-api.ts";

/** Whether it would be cut off if the page were closed. */
export function isRunning({ phase }: Pick<RootUpload, "phase">): boolean {
  return phase === "listing" || phase === "running";
}

/** Whether all of it is there. */
export function isThrough({ phase, failedCount }: Pick<RootUpload, "phase" | "failedCount">): boolean {
  return phase === "done" && failedCount === 0;
}

/** Whether it has ended, and something of it isn't there. */
export function hasFailed({ phase, failedCount }: Pick<RootUpload, "phase" | "failedCount">): boolean {
  return phase === "failed" || (phase === "done" && failedCount > 0);
}

/** Whether it stopped because the peer didn't answer: it may go well when that is back. */
export function isPeerAway({ failure }: Pick<RootUpload, "failure">): boolean {
  return failure?.code === "unreachable" || failure?.code === "timeout";
}

/** 0 to 1, of what is at the peer: of one that isn't through, or of several together. */
export function fractionOf({ doneBytes, totalBytes }: Pick<RootUpload, "doneBytes" | "totalBytes">): number {
  return totalBytes === 0 ? 0 : Math.min(1, doneBytes / totalBytes);
}
