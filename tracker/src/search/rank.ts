import { type SearchWords, hasWordStart } from "./words.ts";

/** How well a name fits, 0 best: people look for what a file is called before where it lies. */
export function rankName(foldedPath: string, words: SearchWords): number {
  const base = foldedPath.slice(foldedPath.lastIndexOf("/") + 1);
  if (base === words.text) return 0;
  const dot = base.lastIndexOf(".");
  if (dot > 0 && base.slice(0, dot) === words.text) return 1;
  if (words.text !== "" && base.startsWith(words.text)) return 2;
  const all = [...words.substrings, ...words.starts, ...words.signs];
  if (all.every((word) => hasWordStart(base, word))) return 3;
  if (all.every((word) => base.includes(word))) return 4;
  return 5;
}
