import { useEffect, useState } from "react";
import { changeSearch } from "../../app/place.ts";
import { type Search, searchUrl, withWords } from "./search-query.ts";

/** Typing goes on for a moment; the tracker is asked after it. */
const DEBOUNCE_MS = 120;

/**
 * The text of the search box. What is typed goes into the URL a moment later; a URL that changes otherwise ("back", a
 * link) goes into the box, and what was being typed is forgotten.
 */
export function useTypedWords(search: Search): [text: string, setText: (text: string) => void] {
  /** `base`: the words of the URL it was typed over. */
  const [typed, setTyped] = useState({ text: search.words, base: search.words });
  const isCurrent = typed.base === search.words || typed.text.trim() === search.words;
  const text = isCurrent ? typed.text : search.words;

  useEffect(() => {
    const words = text.trim();
    if (words === search.words) return;
    const timer = setTimeout(() => {
      setTyped({ text, base: words });
      changeSearch(searchUrl(withWords(search, words)), { isTyping: true });
    }, DEBOUNCE_MS);
    return () => clearTimeout(timer);
    // Filters that change meanwhile are in `search` when the time has come.
  }, [text, searchUrl(search)]);

  return [text, (next) => setTyped({ text: next, base: search.words })];
}
