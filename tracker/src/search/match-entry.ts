import type { FileId } from "@panal/sdk";
import { extensionOf, fileIdLength, mediaTypeOf } from "@panal/sdk/thread";
import { fold } from "./fold.ts";
import type { Wanted } from "./parse-search.ts";
import { hasWordStart, type SearchWords } from "./words.ts";

/** Something a peer announces, or did: then only its path may be known. */
export interface Entry {
  readonly path: string;
  readonly fileId?: FileId | undefined;
}

/** Whether a search finds the entry, as far as can be told from it alone: what isn't known counts as fitting. */
export function mayFind({ words, without, exts, kinds, sizes, fileId }: Wanted, entry: Entry): boolean {
  const folded = fold(entry.path);
  if (!hasAll(folded, words) || hasAny(folded, without)) return false;
  if (exts !== undefined && !exts.includes(extensionOf(entry.path))) return false;
  if (kinds !== undefined && !kinds.includes(mediaTypeOf(entry.path).kind)) return false;
  if (entry.fileId === undefined) return true;
  if (fileId !== undefined && fileId !== entry.fileId) return false;
  const size = fileIdLength(entry.fileId);
  return size >= sizes.min && size <= sizes.max;
}

/** Whether the folded path holds every word, as the words are to be found. */
export function hasAll(folded: string, { substrings, starts, signs }: SearchWords): boolean {
  return (
    substrings.every((word) => folded.includes(word)) &&
    starts.every((word) => hasWordStart(folded, word)) &&
    signs.every((word) => folded.includes(word))
  );
}

export function hasAny(folded: string, { substrings, starts, signs }: SearchWords): boolean {
  return (
    substrings.some((word) => folded.includes(word)) ||
    starts.some((word) => hasWordStart(folded, word)) ||
    signs.some((word) => folded.includes(word))
  );
}
