import type { FileId } from "@panal/sdk/content";
import { useEffect, useState } from "react";
import { useWatching, type Watching } from "../watch/index.ts";
import { createPosters, drawPoster, hasPoster, isMetered } from "./posters.ts";
import type { ThumbnailLane } from "./thumbnail-lane.ts";
import { createThumbnails, drawThumbnail, hasThumbnail } from "./thumbnails.ts";

/** Who scrolls past a picture doesn't want it fetched. */
const REST_MS = 200;

const forget = (url: string) => URL.revokeObjectURL(url);
let thumbnails: ThumbnailLane | undefined;
let posters: ThumbnailLane | undefined;

/** Who makes a small picture of a file; undefined when nobody does. */
function laneOf(fileId: FileId, name: string, watching: Watching): ThumbnailLane | undefined {
  const { connection } = navigator as Navigator & { connection?: Parameters<typeof isMetered>[0] };
  if (isMetered(connection)) return undefined;
  if (hasThumbnail(fileId, name)) {
    const { readSmall } = watching;
    return (thumbnails ??= createThumbnails({ readSmall, draw: drawThumbnail, forget }));
  }
  if (hasPoster(fileId, name, (mime) => document.createElement("video").canPlayType(mime) !== "")) {
    return (posters ??= createPosters({ ...watching, draw: drawPoster, forget }));
  }
  return undefined;
}

/** The URL of a picture made small, or of one from a film; undefined for other files, and until it is there. */
export function useThumbnail(fileId: FileId, name: string): string | undefined {
  const watching = useWatching();
  const [made, setMade] = useState<{ fileId: FileId; url: string | undefined }>();
  useEffect(() => {
    const lane = laneOf(fileId, name, watching);
    if (lane === undefined) return;
    const ending = new AbortController();
    const { signal } = ending;
    const timer = setTimeout(() => {
      void lane.get(fileId, { name, signal }).then((url) => {
        if (!signal.aborted) setMade({ fileId, url });
      });
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [fileId, name, watching]);
  return made?.fileId === fileId ? made.url : undefined;
}
