import {
  type ByteRange,
  namesTag,
  PanalError,
  type PullAnswer,
  type RelayedRequest,
  baseName,
  contentDisposition,
  contentRange,
  isFileId,
  mediaTypeOf,
  parseRange,
} from "@panal/sdk";
import type { SharedFile, SharedFiles } from "./shared-files.ts";

/** When bytes are still to come: long enough for that to change, short enough to wait. */
const RETRY_AFTER_SECONDS = "5";
/** What the file may do if a browser shows it: be seen, nothing else. */
const SANDBOX = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox";

export interface FilesDoorOptions {
  shared: SharedFiles;
  /** Part of a file, for a program that calls itself so. Throws "unreachable" for one that isn't here yet. */
  open(file: SharedFile, range: ByteRange, agent: string | undefined): Promise<PullAnswer["body"]>;
}

/**
 * `GET|HEAD /files/{fileId}[/{name}]`: the same bytes for everything that speaks plain HTTP. Gives undefined for other paths.
 * There are no torrents here, whose web seeds would go with the tab; the tracker has them.
 */
export function createFilesDoor({
  shared,
  open,
}: FilesDoorOptions): (request: RelayedRequest) => Promise<PullAnswer | undefined> {
  return async ({ method, path, headers }) => {
    const [pathname = "", query] = path.split("?", 2);
    if (!pathname.startsWith("/files/")) return undefined;
    if (method !== "GET" && method !== "HEAD") return text(405, "GET or HEAD", { allow: "GET, HEAD" });
    const door = parseDoor(pathname);
    if (door === undefined) return text(400, "expected /files/{fileId}/{name}");
    const file = isFileId(door.fileId) ? shared.find(door.fileId) : undefined;
    if (file === undefined) return text(404, "no such file here (any more)");
    return answerFile(file, door.name);

    async function answerFile(found: SharedFile, name = baseName(found.path)): Promise<PullAnswer> {
      const { fileId, length } = found.manifest;
      const etag = `"${fileId}"`;
      const about = headersFor(name, { etag, forceDownload: new URLSearchParams(query).has("download") });
      const ifMatch = headers["if-match"];
      if (ifMatch !== undefined && !namesTag(ifMatch, etag, "strong")) return text(412, "another content");
      const ifNoneMatch = headers["if-none-match"];
      if (ifNoneMatch !== undefined && namesTag(ifNoneMatch, etag, "weak")) {
        return { status: 304, headers: about, body: nothing() };
      }
      // If-Range with a date, or another tag: the whole file.
      const isRangeValid = headers["if-range"] === undefined || headers["if-range"] === etag;
      const range = isRangeValid ? parseRange(headers["range"], length) : undefined;
      if (range === "unsatisfiable") {
        return text(416, `the file has ${length} bytes`, { "content-range": `bytes */${length}` });
      }
      const { start, end } = range ?? { start: 0, end: length };
      const partHeaders = range && { "content-range": contentRange(range, length) };
      let body: PullAnswer["body"];
      try {
        body = method === "HEAD" ? nothing() : await open(found, { start, end }, headers["user-agent"]);
      } catch (error) {
        if (PanalError.from(error).code !== "unreachable") throw error;
        return text(503, "not all of that is here yet: try later", { "retry-after": RETRY_AFTER_SECONDS });
      }
      return {
        status: range === undefined ? 200 : 206,
        headers: { ...about, ...partHeaders, "content-length": String(end - start) },
        body,
      };
    }
  };
}

function parseDoor(pathname: string): { fileId: string; name: string | undefined } | undefined {
  const [, fileId, encodedName = ""] = /^\/files\/([^/]+)(?:\/([^/]*))?$/.exec(pathname) ?? [];
  if (fileId === undefined || !isFileId(fileId)) return undefined;
  try {
    const name = decodeURIComponent(encodedName);
    return { fileId, name: name === "" ? undefined : name };
  } catch {
    return undefined;
  }
}

function headersFor(name: string, { etag, forceDownload }: { etag: string; forceDownload: boolean }) {
  const { mime, inline } = mediaTypeOf(name);
  return {
    etag,
    "accept-ranges": "bytes",
    // The content of an id never changes, but whether it is still here is worth asking.
    "cache-control": "no-cache",
    "content-type": mime,
    "content-disposition": contentDisposition(inline && !forceDownload ? "inline" : "attachment", name),
    "content-security-policy": SANDBOX,
  };
}

/** A short answer in words. */
export function text(status: number, words: string, extra: Record<string, string> = {}): PullAnswer {
  const bytes = new TextEncoder().encode(`${words}\n`);
  return {
    status,
    headers: {
      ...extra,
      "content-type": "text/plain; charset=utf-8",
      "content-length": String(bytes.length),
    },
    body: only(bytes),
  };
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
