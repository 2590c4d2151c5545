const LENGTH = 3;

/** All stretches of three characters, by code point, each once. */
export function trigramsOf(text: string): Set<string> {
  const characters = Array.from(text);
  const trigrams = new Set<string>();
  for (let at = 0; at + LENGTH <= characters.length; at++) {
    trigrams.add(characters.slice(at, at + LENGTH).join(""));
  }
  return trigrams;
}
