import { isFileId } from "@panal/sdk/content";
import { filePath, parseRoute } from "../../app/route.ts";

/**
 * Where a pasted text leads within the app: a file id, a link to a file (ours, a peer's, another tracker's: content
 * decides the id, so it is the same file), or a page of this app. Undefined for words.
 */
export function pastedPlace(text: string, origin: string): string | undefined {
  const trimmed = text.trim();
  const id = trimmed.toLowerCase();
  if (isFileId(id)) return filePath(id);
  if (!/^https?:\/\/[^/]/i.test(trimmed)) return undefined;
  const url = URL.parse(trimmed);
  if (url === null) return undefined;
  const found = url.pathname
    .split("/")
    .map((part) => part.toLowerCase())
    .find((part) => isFileId(part));
  if (found !== undefined) return filePath(found);
  if (url.origin !== origin || parseRoute(url.pathname).page === "unknown") return undefined;
  return url.pathname + url.search;
}
