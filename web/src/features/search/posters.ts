import { PanalError } from "@panal/sdk";
import { type FileId, fileIdLength, mediaTypeOf, pieceLengthFor } from "@panal/sdk/content";
import { MAX_PEEK_BYTES } from "../../engine/engine-api.ts";
import { MAX_PIXELS, pictureUrl, smallSize } from "./small-picture.ts";
import { createThumbnailLane, type ThumbnailLane } from "./thumbnail-lane.ts";

/** The start, an index at the end, and the picture itself, each across the border of two pieces. */
const MIN_PIECES = 6;
/** Films begin in the dark. */
const PICTURE_AT = 0.1;
const PICTURE_AT_MOST_SECONDS = 60;
/** A place that takes longer to get to may be out of reach: then the film's first picture has to do. */
const SEEK_TIMEOUT_MS = 10_000;
/** Of a film that takes longer there is none: its peers are slow, or away. */
const TIMEOUT_MS = 30_000;

interface PosterDeps {
  /** A picture of the film at this URL; undefined when this browser can't play it. */
  draw(url: string, signal: AbortSignal): Promise<string | undefined>;
  ready(): Promise<boolean>;
  /** Verified pieces of a file, at a URL, until it is closed. */
  openPeek(fileId: FileId): Promise<void>;
  urlOfPeek(fileId: FileId, name: string): string;
  closePeek(fileId: FileId): void;
  forget(url: string): void;
}

/** Whether a film is of a kind that this browser may play, and of a length whose pieces are few enough for a poster. */
export function hasPoster(fileId: FileId, name: string, canPlay: (mime: string) => boolean): boolean {
  const { kind, inline, mime } = mediaTypeOf(name);
  const lengthBytes = fileIdLength(fileId);
  const isCheap = lengthBytes > 0 && pieceLengthFor(lengthBytes) * MIN_PIECES <= MAX_PEEK_BYTES;
  return kind === "video" && inline && isCheap && canPlay(mime);
}

/** A picture of each film, from a few pieces of it. One at a time: a film's pieces are larger than a picture. */
export function createPosters(deps: PosterDeps): ThumbnailLane {
  return createThumbnailLane({
    atOnce: 1,
    async make(fileId, name) {
      if (!(await deps.ready())) return undefined;
      await deps.openPeek(fileId);
      try {
        return await deps.draw(deps.urlOfPeek(fileId, name), AbortSignal.timeout(TIMEOUT_MS));
      } finally {
        deps.closePeek(fileId);
      }
    },
    forget: deps.forget,
  });
}

/** Lets the browser's own player look for a picture, unseen and unheard. */
export async function drawPoster(url: string, signal: AbortSignal): Promise<string | undefined> {
  const video = document.createElement("video");
  video.muted = true;
  video.preload = "metadata";
  video.src = url;
  try {
    await told(video, "loadedmetadata", signal);
    const size = { width: video.videoWidth, height: video.videoHeight };
    if (size.width === 0 || size.width * size.height > MAX_PIXELS) return undefined;
    // A stream has no end, and then no other place than its start.
    const at = Number.isFinite(video.duration) ? video.duration * PICTURE_AT : 0;
    await seek(video, Math.min(at, PICTURE_AT_MOST_SECONDS), AbortSignal.timeout(SEEK_TIMEOUT_MS)).catch(() =>
      seek(video, 0, signal),
    );
    return await pictureUrl(video, smallSize(size));
  } finally {
    video.removeAttribute("src");
    video.load();
  }
}

async function seek(video: HTMLVideoElement, seconds: number, signal: AbortSignal): Promise<void> {
  video.currentTime = seconds;
  await told(video, "seeked", signal);
}

/** Settles with the event; rejects when it can't be played, or takes too long. */
async function told(video: HTMLVideoElement, event: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted || video.error !== null) throw new PanalError("unreachable", "it can't be played");
  const heard = Promise.withResolvers<void>();
  const listening = new AbortController();
  const options = { once: true, signal: listening.signal };
  const fail = (why: string) => () => heard.reject(new PanalError("unreachable", why));
  video.addEventListener(event, () => heard.resolve(), options);
  video.addEventListener("error", fail("not playable here"), options);
  signal.addEventListener("abort", fail("it took too long"), options);
  try {
    await heard.promise;
  } finally {
    listening.abort();
  }
}
