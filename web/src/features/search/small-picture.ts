import type { ImageSize } from "./image-size.ts";

/** Decoded at full size first: 4 bytes a pixel, so 160 MB at most, and only for a moment. */
export const MAX_PIXELS = 40_000_000;
/** Their longer side, in pixels: a tile on a sharp screen. */
const SMALL_SIDE = 320;

/** The size a picture is shown at in a tile. */
export function smallSize({ width, height }: ImageSize): ImageSize {
  const scale = Math.min(1, SMALL_SIDE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** What is drawn, as a URL of this page: some kilobytes, until it is revoked. */
export async function pictureUrl(source: CanvasImageSource, { width, height }: ImageSize): Promise<string> {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.drawImage(source, 0, 0, width, height);
  return URL.createObjectURL(await canvas.convertToBlob({ type: "image/webp", quality: 0.8 }));
}
