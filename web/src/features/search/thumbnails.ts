import { type FileId, fileIdLength, mediaTypeOf } from "@panal/sdk/content";
import { MAX_SMALL_FILE_BYTES } from "../../engine/engine-api.ts";
import { type ImageSize, imageSize } from "./image-size.ts";

/** Decoded at full size first: 4 bytes a pixel, so 160 MB at most, and only for a moment. */
const MAX_PIXELS = 40_000_000;
/** Their longer side, in pixels: a tile on a sharp screen. */
const THUMBNAIL_SIDE = 320;
/** Fetched side by side; downloads have the rest of the line. */
const MAX_AT_ONCE = 2;
/** Some kilobytes each. */
const MAX_KEPT = 300;

interface ThumbnailDeps {
  /** A small file as a whole, verified; undefined when it can't be had. */
  readSmall(fileId: FileId): Promise<Uint8Array | undefined>;
  /** A small picture as a URL of this page. */
  draw(bytes: Uint8Array, options: { mime: string; size: ImageSize }): Promise<string>;
  forget(url: string): void;
}

/** Pictures made small, from bytes that were verified piece by piece. */
export interface Thumbnails {
  /** A URL for `<img>`; undefined when there is none, or nobody wants it any more before its turn came. */
  get(fileId: FileId, options: { name: string; signal: AbortSignal }): Promise<string | undefined>;
}

/** Whether a picture is of a kind and length that a thumbnail is made of. */
export function hasThumbnail(fileId: FileId, name: string): boolean {
  const { kind, inline } = mediaTypeOf(name);
  return kind === "image" && inline && fileIdLength(fileId) <= MAX_SMALL_FILE_BYTES;
}

export function createThumbnails({ readSmall, draw, forget }: ThumbnailDeps): Thumbnails {
  const kept = new Map<FileId, Promise<string | undefined>>();
  const waiting: (() => void)[] = [];
  let underWay = 0;

  async function make(fileId: FileId, name: string): Promise<string | undefined> {
    const bytes = await readSmall(fileId);
    const size = bytes === undefined ? undefined : imageSize(bytes);
    if (bytes === undefined || size === undefined || size.width * size.height > MAX_PIXELS) return undefined;
    return draw(bytes, { mime: mediaTypeOf(name).mime, size });
  }

  function keep(fileId: FileId, made: Promise<string | undefined>): void {
    kept.set(fileId, made);
    for (const [oldest, url] of kept) {
      if (kept.size <= MAX_KEPT) break;
      kept.delete(oldest);
      void url.then((known) => known !== undefined && forget(known));
    }
  }

  async function inTurn(signal: AbortSignal): Promise<boolean> {
    if (underWay >= MAX_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    if (!signal.aborted) {
      underWay++;
      return true;
    }
    waiting.shift()?.();
    return false;
  }

  return {
    async get(fileId, { name, signal }) {
      const known = kept.get(fileId);
      if (known !== undefined) return known;
      if (!(await inTurn(signal))) return undefined;
      try {
        // What can't be had or isn't a picture isn't tried again.
        const made = kept.get(fileId) ?? make(fileId, name).catch(() => undefined);
        keep(fileId, made);
        return await made;
      } finally {
        underWay--;
        waiting.shift()?.();
      }
    },
  };
}

/** Draws with what browsers have. The type is ours, by the name: what the bytes claim to be doesn't count. */
export async function drawThumbnail(
  bytes: Uint8Array,
  { mime, size }: { mime: string; size: ImageSize },
): Promise<string> {
  const scale = Math.min(1, THUMBNAIL_SIDE / Math.max(size.width, size.height));
  const picture = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: mime }), {
    resizeWidth: Math.max(1, Math.round(size.width * scale)),
    resizeHeight: Math.max(1, Math.round(size.height * scale)),
    resizeQuality: "medium",
  });
  try {
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    canvas.getContext("2d")?.drawImage(picture, 0, 0);
    return URL.createObjectURL(await canvas.convertToBlob({ type: "image/webp", quality: 0.8 }));
  } finally {
    picture.close();
  }
}
