import { type FileId, isFileId } from "@panal/sdk/content";

/** What a path of the app shows. The tracker serves the app at these paths and no others. */
export type Route =
  | { page: "search" }
  | { page: "file"; fileId: FileId; isWatched: boolean }
  | { page: "peers" }
  | { page: "peer"; peerId: string; folder: string }
  | { page: "transfers" }
  | { page: "share" }
  | { page: "doctor" }
  | { page: "unknown" };

/** Parses `location.pathname` as it stands, percent-encoded. */
export function parseRoute(pathname: string): Route {
  const [first = "", second, ...rest] = pathname.replace(/^\/+|\/+$/g, "").split("/");
  if (second === undefined) {
    switch (first) {
      case "":
        return { page: "search" };
      case "p":
        return { page: "peers" };
      case "transfers":
      case "share":
      case "doctor":
        return { page: first };
      default:
        return { page: "unknown" };
    }
  }
  if (first === "f" && isFileId(second)) {
    const isWatched = rest.length === 1 && rest[0] === "watch";
    return isWatched || rest.length === 0 ? { page: "file", fileId: second, isWatched } : { page: "unknown" };
  }
  if (first === "p") {
    try {
      const names = rest.map((name) => decodeURIComponent(name));
      // A name can't hold a slash, whatever the URL says.
      if (names.some((name) => name.includes("/"))) return { page: "unknown" };
      return { page: "peer", peerId: decodeURIComponent(second), folder: names.join("/") };
    } catch {
      return { page: "unknown" };
    }
  }
  return { page: "unknown" };
}

export function filePath(fileId: FileId): string {
  return `/f/${fileId}`;
}

/** Where a file is played or shown. */
export function watchPath(fileId: FileId): string {
  return `/f/${fileId}/watch`;
}

export function peerPath(peerId: string, folder = ""): string {
  const names = folder === "" ? [] : folder.split("/");
  return ["/p", encodeURIComponent(peerId), ...names.map((name) => encodeURIComponent(name))].join("/");
}

const UPLOAD_QUERY = "?upload";

/** Where files are sent to a peer. */
export function uploadPath(peerId: string): string {
  return peerPath(peerId) + UPLOAD_QUERY;
}

export function isUploadSearch(search: string): boolean {
  return search === UPLOAD_QUERY;
}

/** The query at the list of peers when what a phone's share sheet has brought couldn't be kept. */
export const RECEIVED_FAILED_QUERY = "?received=failed";

/** What of an app URL is the list behind a file's sheet: its path and query. */
export function splitUrl(url: string): { pathname: string; search: string } {
  const at = url.indexOf("?");
  return at < 0 ? { pathname: url, search: "" } : { pathname: url.slice(0, at), search: url.slice(at) };
}
