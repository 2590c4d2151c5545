import type { FileId } from "@panal/sdk/content";
import { useEffect, useState } from "react";
import { useWatching } from "../watch/index.ts";
import { createThumbnails, drawThumbnail, hasThumbnail, type Thumbnails } from "./thumbnails.ts";

/** Who scrolls past a picture doesn't want it fetched. */
const REST_MS = 200;
let thumbnails: Thumbnails | undefined;

/** The URL of a picture made small; undefined for other files, and until it is there. */
export function useThumbnail(fileId: FileId, name: string): string | undefined {
  const { readSmall } = useWatching();
  const [made, setMade] = useState<{ fileId: FileId; url: string | undefined }>();
  useEffect(() => {
    if (!hasThumbnail(fileId, name)) return;
    const ending = new AbortController();
    const { signal } = ending;
    const timer = setTimeout(() => {
      thumbnails ??= createThumbnails({ readSmall, draw: drawThumbnail, forget: URL.revokeObjectURL });
      void thumbnails.get(fileId, { name, signal }).then((url) => {
        if (!signal.aborted) setMade({ fileId, url });
      });
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [fileId, name, readSmall]);
  return made?.fileId === fileId ? made.url : undefined;
}
