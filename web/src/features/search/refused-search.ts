/** What the tracker says of a word it can't mean, as a text to be shown in the reader's language, by what is in its sentence. */
const SENTENCES = [
  ["expected a size", "search.refusedSize"],
  ["expected a date", "search.refusedDate"],
  ["expected one of", "search.refusedKind"],
  ["in the other limits", "search.refusedLimits"],
  ["can be excluded", "search.refusedExcluded"],
] as const;

/** The word that was refused and why; without a `why` we have words for, the tracker's own sentence. */
export function refusedSearch(message: string): {
  readonly word: string;
  readonly why: (typeof SENTENCES)[number][1] | undefined;
  readonly sentence: string;
} {
  const sentence = message.replace(/^tracker \S+: (q: )?/, "");
  const end = sentence.lastIndexOf(": ");
  const reason = sentence.slice(end + 1);
  const why = SENTENCES.find(([part]) => reason.includes(part))?.[1];
  return { word: end === -1 ? "" : sentence.slice(0, end), why: end === -1 ? undefined : why, sentence };
}
