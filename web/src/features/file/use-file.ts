import type { FileId } from "@panal/sdk/content";
import { useQuery } from "@tanstack/react-query";
import { refetchEvery } from "../../app/query-client.ts";
import { tracker } from "../../app/tracker.ts";

/** A file's names and live peers; null when nobody has it. Asked again by itself: peers come and go. */
export function useFile(fileId: FileId) {
  return useQuery({
    queryKey: ["file", fileId],
    queryFn: async ({ signal }) => (await tracker.getFile(fileId, { signal })) ?? null,
    refetchInterval: refetchEvery(5),
  });
}
