import { type FileId, fileIdLength, mediaTypeOf } from "@panal/sdk/content";
import { MAX_SMALL_FILE_BYTES } from "../../engine/engine-api.ts";
import { type ImageSize, imageSize } from "./image-size.ts";
import { MAX_PIXELS, pictureUrl, smallSize } from "./small-picture.ts";
import { createThumbnailLane, type ThumbnailLane } from "./thumbnail-lane.ts";

interface ThumbnailDeps {
  /** A small file as a whole, verified; undefined when it can't be had. */
  readSmall(fileId: FileId): Promise<Uint8Array | undefined>;
  /** A small picture as a URL of this page. */
  draw(bytes: Uint8Array, options: { mime: string; size: ImageSize }): Promise<string>;
  forget(url: string): void;
}

/** Whether a picture is of a kind and length that a thumbnail is made of. */
export function hasThumbnail(fileId: FileId, name: string): boolean {
  const { kind, inline } = mediaTypeOf(name);
  return kind === "image" && inline && fileIdLength(fileId) <= MAX_SMALL_FILE_BYTES;
}

/** Pictures made small, from bytes that were verified piece by piece. */
export function createThumbnails({ readSmall, draw, forget }: ThumbnailDeps): ThumbnailLane {
  return createThumbnailLane({
    atOnce: 2,
    async make(fileId, name) {
      const bytes = await readSmall(fileId);
      const size = bytes === undefined ? undefined : imageSize(bytes);
      if (bytes === undefined || size === undefined || size.width * size.height > MAX_PIXELS)
        return undefined;
      return draw(bytes, { mime: mediaTypeOf(name).mime, size });
    },
    forget,
  });
}

/** Draws with what browsers have. The type is ours, by the name: what the bytes claim to be doesn't count. */
export async function drawThumbnail(
  bytes: Uint8Array,
  { mime, size }: { mime: string; size: ImageSize },
): Promise<string> {
  const small = smallSize(size);
  const picture = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: mime }), {
    resizeWidth: small.width,
    resizeHeight: small.height,
    resizeQuality: "medium",
  });
  try {
    return await pictureUrl(picture, small);
  } finally {
    picture.close();
  }
}
