import { type RefObject, useEffect, useState } from "react";

/** How a player fares. */
export type PlayState =
  | { type: "playing" }
  /** What it was reading broke off: it goes on by itself. */
  | { type: "recovering" }
  /** The bytes are there, but the browser makes nothing of them. */
  | { type: "unplayable" };

/** Between a failure and the next try. */
const RETRY_MS = 2_000;

/**
 * Players say no more than "error" when a read fails and when they don't know a format. So the source is asked: if it
 * gives bytes, the format is to blame; else it is tried again from where it was, for as long as somebody looks.
 */
export function useRecovery(media: RefObject<HTMLMediaElement | null>, url: string): PlayState {
  const [state, setState] = useState<PlayState>({ type: "playing" });
  useEffect(() => {
    const element = media.current;
    if (element === null) return;
    const left = new AbortController();
    const { signal } = left;
    /** Where it goes on. */
    let positionSeconds = 0;
    let hasPlayed = false;
    let failedAtSeconds = -1;

    async function recover(): Promise<void> {
      const code = element!.error?.code;
      const isReadable = await answers(url, signal);
      if (signal.aborted) return;
      const isFormat =
        code === MediaError.MEDIA_ERR_DECODE || !hasPlayed || failedAtSeconds === positionSeconds;
      if (isReadable && isFormat && code !== MediaError.MEDIA_ERR_NETWORK)
        return setState({ type: "unplayable" });
      failedAtSeconds = isReadable ? positionSeconds : -1;
      setState({ type: "recovering" });
      if (!isReadable) await sleep(RETRY_MS, signal);
      if (signal.aborted) return;
      element!.load();
      element!.currentTime = positionSeconds;
      if (hasPlayed) void element!.play().catch(() => {});
    }

    element.addEventListener(
      "timeupdate",
      () => {
        if (element.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || element.error !== null) return;
        positionSeconds = element.currentTime;
        hasPlayed ||= positionSeconds > 0;
      },
      { signal },
    );
    element.addEventListener("seeking", () => (positionSeconds = element.currentTime), { signal });
    element.addEventListener("playing", () => setState({ type: "playing" }), { signal });
    element.addEventListener("error", () => void recover(), { signal });
    // It may have failed before anybody listened.
    if (element.error !== null) void recover();
    return () => left.abort();
  }, [media, url]);
  return state;
}

/** Whether a byte can be read. */
async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  // A file on this disk can always be read, and pages may not fetch such URLs.
  if (url.startsWith("blob:")) return true;
  try {
    const answer = await fetch(url, { headers: { range: "bytes=0-0" }, signal });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
