import { type SearchWords, hasWholeWord, hasWordStart } from "./words.ts";

/**
 * How well a name fits, 0 best: people look for what a file is called before where it lies, and for whole words before
 * parts of them.
 */
export function rankName(foldedPath: string, { text, all }: SearchWords): number {
  const base = foldedPath.slice(foldedPath.lastIndexOf("/") + 1);
  if (base === text) return 0;
  const dot = base.lastIndexOf(".");
  if (dot > 0 && base.slice(0, dot) === text) return 1;
  const beginsWithText = text !== "" && base.startsWith(text);
  if (all.every((word) => hasWholeWord(base, word))) return beginsWithText ? 2 : 3;
  if (beginsWithText) return 4;
  if (all.every((word) => hasWordStart(base, word))) return 5;
  if (all.every((word) => base.includes(word))) return 6;
  return all.every((word) => hasWholeWord(foldedPath, word)) ? 7 : 8;
}
