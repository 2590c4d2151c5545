/** One thing somebody typed. */
export interface QueryToken {
  /** Without the sign and the quotes; never empty. */
  readonly text: string;
  /** In quotes: nothing in it has a meaning of its own, spaces included. */
  readonly isQuoted: boolean;
  /** A "-" stands before it. */
  readonly isExcluded: boolean;
  /** `ext` in `ext:pdf`, when it is one of the names asked for; `text` is then what comes after. */
  readonly filter: string | undefined;
}

// oxlint-disable-next-line no-control-regex -- they part words, like spaces
const GAPS = /[\s\u0000-\u001f\u007f]+/g;
// A quote ends a phrase only where a word could end: in `"a"b c"` the second one doesn't.
const QUOTED = /^"([^ ](?:.*?[^ ])??)(?:"(?= |$)|$)/;
const WORD = /^[^ ]+/;

/**
 * Splits a query; nothing is refused. A quote counts where a word starts, and what nobody closes ends with the query, as while it is typed.
 * `filters` are the names that may stand before a colon.
 */
export function splitQuery(query: string, filters: readonly string[]): QueryToken[] {
  const tokens: QueryToken[] = [];
  let rest = query.replace(GAPS, " ").trim();
  while (rest !== "") {
    const { token, length } = takeToken(rest, filters);
    tokens.push(token);
    rest = rest.slice(length).trimStart();
  }
  return tokens;
}

/** The first token of a text that is not empty and doesn't start with a space. */
function takeToken(text: string, filters: readonly string[]): { token: QueryToken; length: number } {
  const isExcluded = /^-[^ ]/.test(text);
  const sign = isExcluded ? 1 : 0;
  const colon = text.indexOf(":", sign);
  const name = text.slice(sign, Math.max(sign, colon)).toLowerCase();
  const filter = filters.find((known) => known === name);
  const start = filter === undefined ? sign : colon + 1;
  const rest = text.slice(start);
  // `ext:` with nothing behind it is how a query looks while it is typed.
  if (filter !== undefined && !/^[^ ]/.test(rest)) return wordToken(text, { sign, isExcluded });
  const quoted = QUOTED.exec(rest);
  if (quoted === null && filter === undefined) return wordToken(text, { sign, isExcluded });
  const [whole, inner] = quoted ?? [WORD.exec(rest)![0], undefined];
  return {
    token: { text: inner ?? whole, isQuoted: inner !== undefined, isExcluded, filter },
    length: start + whole.length,
  };
}

function wordToken(text: string, { sign, isExcluded }: { sign: number; isExcluded: boolean }) {
  const [word] = WORD.exec(text.slice(sign))!;
  return {
    token: { text: word, isQuoted: false, isExcluded, filter: undefined },
    length: sign + word.length,
  };
}
