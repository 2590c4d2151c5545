import { createBrowserPeerClient } from "@panal/sdk/browser";
import { parseFileId, parseSharePath, type FileId } from "@panal/sdk/content";
import { panalErrorFromConnect } from "@panal/sdk/rpc";
import { useInfiniteQuery } from "@tanstack/react-query";
import { refetchEvery } from "../../app/query-client.ts";

const FOLDER_PAGE_SIZE = 500;
const ANSWER_TIMEOUT_MS = 5_000;

/** One line of a peer's folder. */
export type FolderEntry =
  | { type: "folder"; name: string; fileCount: number; totalSize: number }
  | { type: "file"; name: string; fileId: FileId; size: number; modifiedMs: number };

/** One page of a peer's folder, asked of the peer itself. */
export async function listFolder(
  url: string,
  { folder, pageToken, signal }: { folder: string; pageToken: string; signal: AbortSignal },
): Promise<{ entries: FolderEntry[]; nextPageToken: string }> {
  try {
    const answer = await createBrowserPeerClient(url).listFiles(
      { folder: folder === "" ? "" : parseSharePath(folder), pageSize: FOLDER_PAGE_SIZE, pageToken },
      { signal, timeoutMs: ANSWER_TIMEOUT_MS },
    );
    return { entries: answer.entries.flatMap(entryFromProto), nextPageToken: answer.nextPageToken };
  } catch (error) {
    throw panalErrorFromConnect(error);
  }
}

/** A peer's folder, asked at the endpoint that answers. */
export function useFolder(options: { peerId: string; folder: string; url: string | undefined }) {
  const { peerId, folder, url } = options;
  return useInfiniteQuery({
    queryKey: ["folder", peerId, folder, url],
    queryFn: ({ pageParam, signal }) => listFolder(url!, { folder, pageToken: pageParam, signal }),
    enabled: url !== undefined,
    initialPageParam: "",
    getNextPageParam: (page) => (page.nextPageToken === "" ? undefined : page.nextPageToken),
    refetchInterval: refetchEvery(10),
  });
}

type ProtoEntry = Awaited<
  ReturnType<ReturnType<typeof createBrowserPeerClient>["listFiles"]>
>["entries"][number];

/** What a peer says is in its folder; what makes no sense is left out. */
function entryFromProto({ name, kind }: ProtoEntry): FolderEntry[] {
  try {
    if (parseSharePath(name).includes("/")) return [];
    switch (kind.case) {
      case "file": {
        const { fileId, size, modifiedMs } = kind.value;
        return [
          {
            type: "file",
            name,
            fileId: parseFileId(fileId),
            size: Number(size),
            modifiedMs: Number(modifiedMs),
          },
        ];
      }
      case "folder": {
        const { fileCount, totalSize } = kind.value;
        return [{ type: "folder", name, fileCount: Number(fileCount), totalSize: Number(totalSize) }];
      }
      default:
        return [];
    }
  } catch {
    return [];
  }
}
