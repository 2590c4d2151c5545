/** Marks that stand above or below a letter: what makes "é" another letter than "e". */
const COMBINING = /[\u0300-\u036f]/g;

/** Text as it is searched: without accents, case, or compatibility forms ("Ｃafé" as "cafe"). */
export function fold(text: string): string {
  return text.normalize("NFKD").replace(COMBINING, "").toLowerCase();
}
