/** What a download leaves next to its target until that is whole. */
export const PART_SUFFIX = ".part";
export const JOURNAL_SUFFIX = ".part.journal";
export const LOCK_SUFFIX = ".part.lock";

/** Whether a name is of something a download leaves next to its target until that is whole. */
export function isPartialDownload(name: string): boolean {
  return name.endsWith(PART_SUFFIX) || name.endsWith(JOURNAL_SUFFIX) || name.endsWith(LOCK_SUFFIX);
}
