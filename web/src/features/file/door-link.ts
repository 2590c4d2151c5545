import type { FileDetails } from "@panal/sdk";
import { isLoopbackUrl } from "../../ui/loopback.ts";
import { baseName, type FileId, safeFileName } from "@panal/sdk/content";

/** A peer's plain link to a file. */
export interface DoorLink {
  readonly peerId: string;
  /** From outside. */
  readonly peerName: string;
  readonly url: string;
  /** Not through the tracker. */
  readonly isStraight: boolean;
}

/** The links at which curl, players and download managers get a file: one for each live peer with a direct endpoint. */
export function doorLinks(details: Pick<FileDetails, "fileId" | "peers">): DoorLink[] {
  return details.peers.flatMap(({ peerId, name, endpoints, path }) => {
    const direct =
      // A link is for other programs, perhaps on other machines.
      endpoints.find(({ route, url }) => route === "direct" && !isLoopbackUrl(url)) ??
      endpoints.find(({ route }) => route === "direct") ??
      endpoints[0];
    if (direct === undefined) return [];
    const url = doorUrl(direct.url, details.fileId, baseName(path));
    return { peerId, peerName: name, url, isStraight: direct.route === "direct" };
  });
}

/**
 * Where the tracker's gateway gives the file from all its peers, each piece verified before it is sent; undefined where the tracker leads to
 * none of them. Every address at the gateway is `{gateway}/via/{peerId}`.
 */
export function checkedLink({ fileId, peers }: Pick<FileDetails, "fileId" | "peers">): string | undefined {
  for (const { endpoints, path } of peers) {
    for (const { route, url } of endpoints) {
      const [, gateway] = /^(.+)\/via\/[^/]+\/?$/.exec(url) ?? [];
      if (route === "direct" || gateway === undefined) continue;
      return `${gateway}/content/${fileId}/${encodeURIComponent(safeFileName(baseName(path)))}`;
    }
  }
  return undefined;
}

/** `{endpoint}/files/{fileId}/{name}` */
function doorUrl(endpointUrl: string, fileId: FileId, name: string): string {
  return `${endpointUrl.replace(/\/+$/, "")}/files/${fileId}/${encodeURIComponent(safeFileName(name))}`;
}
