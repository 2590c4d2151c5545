import { type FileId, mediaTypeOf } from "@panal/sdk/content";
import { useEffect, useState } from "react";
import { useWatching } from "../watch/index.ts";

/** Who scrolls past a picture doesn't want it fetched. */
const REST_MS = 200;

/** The URL of a picture made small, or of one from a film; undefined for other files, and until it is there. */
export function useThumbnail(fileId: FileId, name: string): string | undefined {
  const watching = useWatching();
  const [made, setMade] = useState<{ fileId: FileId; url: string | undefined }>();
  useEffect(() => {
    const { kind } = mediaTypeOf(name);
    if (kind !== "image" && kind !== "video") return;
    const ending = new AbortController();
    const { signal } = ending;
    async function make(): Promise<void> {
      // Most visits show no grid: what makes pictures comes when it is needed.
      const { laneOf } = await import("./thumbnail-lanes.ts");
      const url = await laneOf(fileId, name, watching)?.get(fileId, { name, signal });
      if (!signal.aborted) setMade({ fileId, url });
    }
    // Where its script can't be had there are no pictures.
    const timer = setTimeout(() => void make().catch(() => {}), REST_MS);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [fileId, name, watching]);
  return made?.fileId === fileId ? made.url : undefined;
}
