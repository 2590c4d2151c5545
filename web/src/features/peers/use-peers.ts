import { PanalError, type Peer } from "@panal/sdk";
import { createBrowserPeerClient } from "@panal/sdk/browser";
import { parseFileId, parseSharePath, type FileId } from "@panal/sdk/content";
import { panalErrorFromConnect } from "@panal/sdk/rpc";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { refetchEvery } from "../../app/query-client.ts";
import { tracker } from "../../app/tracker.ts";

const PEERS_PAGE_SIZE = 100;
const FOLDER_PAGE_SIZE = 500;
/** A peer that takes longer is no use for a download either. */
const CHECK_TIMEOUT_MS = 5_000;

export function usePeers() {
  return useInfiniteQuery({
    queryKey: ["peers"],
    queryFn: ({ pageParam, signal }) =>
      tracker.listPeers(
        { limit: PEERS_PAGE_SIZE, ...(pageParam === "" ? {} : { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: refetchEvery(5),
  });
}

/** Null when no such peer is alive. */
export function usePeer(peerId: string) {
  return useQuery({
    queryKey: ["peer", peerId],
    queryFn: async ({ signal }) => (await tracker.getPeer(peerId, { signal })) ?? null,
    refetchInterval: refetchEvery(5),
  });
}

/** Where this browser reaches a peer, and how fast it answers. */
export interface Reach {
  readonly url: string;
  readonly route: string;
  readonly ms: number;
  /** The peer is still reading its folder. */
  readonly isIndexing: boolean;
}

/** Asks the peer itself, at one address after the other; throws the first one's failure when none answers. */
async function reachPeer(endpoints: Peer["endpoints"], signal: AbortSignal): Promise<Reach> {
  let failure: PanalError | undefined;
  for (const { url, route } of endpoints) {
    const client = createBrowserPeerClient(url);
    const options = { signal, timeoutMs: CHECK_TIMEOUT_MS };
    try {
      // The first call connects and asks for permission (CORS); the second one tells how far away the peer is.
      await client.getPeer({}, options);
      const startedAtMs = performance.now();
      const { indexing } = await client.getPeer({}, options);
      return { url, route, ms: performance.now() - startedAtMs, isIndexing: indexing };
    } catch (error) {
      failure ??= panalErrorFromConnect(error);
      if (signal.aborted) break;
    }
  }
  throw failure ?? new PanalError("unreachable", "the peer has announced no address");
}

export function useReach(peer: Pick<Peer, "peerId" | "endpoints"> | undefined) {
  return useQuery({
    queryKey: ["reach", peer?.peerId, peer?.endpoints],
    queryFn: ({ signal }) => reachPeer(peer?.endpoints ?? [], signal),
    enabled: peer !== undefined,
    retry: false,
    staleTime: 15_000,
    refetchInterval: 30_000,
  });
}

/** One line of a peer's folder. */
export type FolderEntry =
  | { type: "folder"; name: string; fileCount: number; totalSize: number }
  | { type: "file"; name: string; fileId: FileId; size: number; modifiedMs: number };

/** A peer's folder, asked of the peer itself at the endpoint that answers. */
export function useFolder(options: { peerId: string; folder: string; url: string | undefined }) {
  const { peerId, folder, url } = options;
  return useInfiniteQuery({
    queryKey: ["folder", peerId, folder, url],
    queryFn: async ({ pageParam, signal }) => {
      try {
        const answer = await createBrowserPeerClient(url!).listFiles(
          {
            folder: folder === "" ? "" : parseSharePath(folder),
            pageSize: FOLDER_PAGE_SIZE,
            pageToken: pageParam,
          },
          { signal, timeoutMs: CHECK_TIMEOUT_MS },
        );
        return { entries: answer.entries.flatMap(entryFromProto), nextPageToken: answer.nextPageToken };
      } catch (error) {
        throw panalErrorFromConnect(error);
      }
    },
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
