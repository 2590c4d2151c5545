import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { changeSearch, usePlace, wordsOf } from "../../app/place.ts";
import { Mark } from "../../ui/mark.tsx";
import { focusFirstRow } from "../../ui/virtual-list.tsx";
import { FileList } from "./file-list.tsx";
import { SearchBox } from "./search-box.tsx";
import { StatsLine } from "./stats-line.tsx";
import { useSettled } from "./use-search.ts";

/** Typing goes on for a moment; the tracker is asked after it. */
const DEBOUNCE_MS = 150;

/** The start: a search box, and what it finds as one types. */
export function SearchView() {
  const { t } = useTranslation();
  const { listUrl, fileId } = usePlace();
  const urlWords = wordsOf(listUrl);
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(urlWords);
  const settled = useSettled(text, DEBOUNCE_MS);
  const words = settled.trim();

  useEffect(() => {
    if (words !== urlWords) changeSearch(words);
    // Only typing writes the URL; the URL that changes by "back" is read below.
  }, [words]);
  useEffect(() => {
    if (urlWords !== settled.trim()) setText(urlWords);
  }, [urlWords]);

  const isHome = text === "" && fileId === undefined;
  return (
    <div className="@container flex min-h-0 flex-1 flex-col">
      <header className={isHome ? "px-4 pt-[min(9vh,5rem)] pb-6" : "border-b border-line px-4 py-3"}>
        <div className={`mx-auto w-full ${isHome ? "max-w-2xl" : ""}`}>
          {isHome ? (
            <div className="mb-6 flex flex-col items-center gap-3 text-center">
              <Mark className="size-12" />
              <h1 className="max-w-md text-lg font-semibold text-balance @md:text-xl">{t("search.title")}</h1>
            </div>
          ) : (
            <h1 className="sr-only">{t("nav.find")}</h1>
          )}
          <SearchBox
            input={input}
            value={text}
            onChange={setText}
            onLeaveDown={focusFirstRow}
            isLarge={isHome}
          />
          {isHome ? <StatsLine /> : null}
        </div>
      </header>
      <FileList words={words} onLeaveUp={() => input.current?.focus()} />
    </div>
  );
}
