/** Marks that stand above or below a letter: what makes "é" another letter than "e". */
const COMBINING = /[\u0300-\u036f]/g;
// oxlint-disable-next-line no-control-regex -- all of ASCII
const ASCII = /^[\u0000-\u007f]*$/;

/** Text as it is searched: without accents, case, or compatibility forms ("Ｃafé" as "cafe"). */
export function fold(text: string): string {
  // Most paths; a fifth of the time.
  if (ASCII.test(text)) return text.toLowerCase();
  return text.normalize("NFKD").replace(COMBINING, "").toLowerCase();
}
