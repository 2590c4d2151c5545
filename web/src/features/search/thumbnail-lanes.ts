import type { FileId } from "@panal/sdk/content";
import { isMetered, pageNetwork } from "../../app/network.ts";
import type { Watching } from "../watch/index.ts";
import { createPosters, drawPoster, hasPoster } from "./posters.ts";
import type { ThumbnailLane } from "./thumbnail-lane.ts";
import { createThumbnails, drawThumbnail, hasThumbnail } from "./thumbnails.ts";

const forget = (url: string) => URL.revokeObjectURL(url);
let thumbnails: ThumbnailLane | undefined;
let posters: ThumbnailLane | undefined;

/** Who makes a small picture of a file; undefined when nobody does. */
export function laneOf(fileId: FileId, name: string, watching: Watching): ThumbnailLane | undefined {
  if (isMetered(pageNetwork())) return undefined;
  if (hasThumbnail(fileId, name)) {
    const { readSmall } = watching;
    return (thumbnails ??= createThumbnails({ readSmall, draw: drawThumbnail, forget }));
  }
  if (hasPoster(fileId, name, (mime) => document.createElement("video").canPlayType(mime) !== "")) {
    return (posters ??= createPosters({ ...watching, draw: drawPoster, forget }));
  }
  return undefined;
}
