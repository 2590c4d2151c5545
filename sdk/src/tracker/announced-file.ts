import type { FileId } from "../content/file-id.ts";
import type { AnnouncedFile } from "./api.ts";

/** A file as the tracker hears of it. */
export function announcedFile(file: { path: string; fileId: FileId; mtimeMs: number }): AnnouncedFile {
  return { path: file.path, fileId: file.fileId, mtime: timeText(file.mtimeMs) };
}

/** RFC 3339 has four digits for the year; file systems have more. */
function timeText(ms: number): string {
  const earliest = Date.UTC(1970, 0, 1);
  const latest = Date.UTC(9999, 11, 31);
  return new Date(Math.min(Math.max(ms, earliest), latest)).toISOString();
}
