import { type FileId, fileIdLength } from "@panal/sdk/content";
import { useQuery } from "@tanstack/react-query";
import { hasBrowserStorage, pageAbilities } from "../../engine/choose-store.ts";
import { type SaveWay, saveWays } from "../../engine/save-ways.ts";
import { useCanStream } from "../transfers/index.ts";

/** The ways this page has to save a file, the best first. */
export function useSaveWays(fileId: FileId): SaveWay[] {
  const hasStorage = hasBrowserStorage();
  const freeBytes = useQuery({
    queryKey: ["storage-room"],
    enabled: hasStorage,
    async queryFn() {
      const { quota = Infinity, usage = 0 } = await navigator.storage.estimate();
      return quota - usage;
    },
  });
  return saveWays({
    canPick: pageAbilities().pickFile !== undefined,
    hasStorage,
    canStream: useCanStream(),
    lengthBytes: fileIdLength(fileId),
    freeBytes: freeBytes.data,
  });
}
