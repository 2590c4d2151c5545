import type { PeerFilesPage } from "@panal/sdk";
import { baseName, displayName, extensionOf, type FileId, fileIdLength } from "@panal/sdk/content";
import { MAX_SMALL_FILE_BYTES } from "../../engine/engine-api.ts";

/** Subtitles that lie beside a film. */
export interface SubtitleFile {
  readonly fileId: FileId;
  /** For people. */
  readonly label: string;
  /** BCP 47, when the name says one. */
  readonly language: string | undefined;
}

const EXTENSIONS: ReadonlySet<string> = new Set(["srt", "vtt"]);
const MAX_OFFERED = 12;
/** What stands between a film's name and the extension: "film.es.srt", "film.en-GB.forced.vtt". */
const LANGUAGE = /^([a-z]{2,3}(?:-[a-z0-9]{2,8})?)(?:[.\s_-]|$)/i;

/** A path without its extension: what the paths of its subtitles begin with. */
export function stemOf(path: string): string {
  const extension = extensionOf(path);
  return extension === "" ? path : path.slice(0, -extension.length - 1);
}

/** Of a peer's files, the subtitles of the film at `path`; each content once. */
export function subtitlesBeside(path: string, files: PeerFilesPage["files"]): SubtitleFile[] {
  const stem = stemOf(path);
  const found = new Map<FileId, SubtitleFile>();
  for (const { fileId, path: other } of files) {
    if (found.size >= MAX_OFFERED) break;
    if (!EXTENSIONS.has(extensionOf(other)) || fileIdLength(fileId) > MAX_SMALL_FILE_BYTES) continue;
    const otherStem = stemOf(other);
    if (otherStem !== stem && !otherStem.startsWith(`${stem}.`)) continue;
    const language = LANGUAGE.exec(otherStem.slice(stem.length + 1))?.[1];
    found.set(fileId, { fileId, label: displayName(baseName(other)), language });
  }
  return [...found.values()];
}
