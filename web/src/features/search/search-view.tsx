import { Star } from "lucide-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { navigate } from "wouter/use-browser-location";
import { changeSearch, usePlace } from "../../app/place.ts";
import { splitUrl } from "../../app/route.ts";
import { IconButton } from "../../ui/button.tsx";
import { Mark } from "../../ui/mark.tsx";
import { focusFirstRow, type VirtualListHandle } from "../../ui/virtual-list.tsx";
import { pastedPlace } from "./pasted-place.ts";
import { RememberedChips } from "./remembered-chips.tsx";
import {
  remember,
  rememberedUrl,
  useRememberedSearches,
  without,
  withRecent,
  withSaved,
} from "./remembered-searches.ts";
import { Results } from "./results.tsx";
import { SearchBox } from "./search-box.tsx";
import { isNarrow, parseSearch, type Search, searchUrl } from "./search-query.ts";
import { StatsLine } from "./stats-line.tsx";
import { useLiveSearch } from "./use-live-search.ts";
import { useTypedWords } from "./use-typed-words.ts";

/** The start: a search box, and what it finds as one types. */
export function SearchView() {
  const { t } = useTranslation();
  const { listUrl, fileId } = usePlace();
  const search = parseSearch(splitUrl(listUrl).search);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<VirtualListHandle>(null);
  const [text, setText] = useTypedWords(search);
  const shown = useLiveSearch(search);
  const change = (next: Search) => changeSearch(searchUrl(next), { isTyping: false });
  const toResults = useFocusOnResults(text.trim() === search.words && !shown.isOld, () =>
    remember((all) => withRecent(all, search)),
  );
  const isHome = text === "" && !isNarrow(search) && fileId === undefined;
  return (
    <div className="@container flex min-h-0 flex-1 flex-col">
      <header
        className={
          isHome
            ? "comb-behind px-4 pt-[min(4vh,1.5rem)] pb-3 @md:pt-[min(8vh,4.5rem)] @md:pb-4"
            : "px-4 pt-3 pb-1"
        }
      >
        <div className={`mx-auto w-full ${isHome ? "max-w-2xl" : ""}`}>
          {isHome ? (
            <div className="mb-4 flex flex-col items-center gap-2 text-center @md:mb-6 @md:gap-3">
              <Mark className="size-9 @md:size-12" />
              <h1 className="text-lg font-semibold text-balance @md:text-xl">{t("search.title")}</h1>
            </div>
          ) : (
            <h1 className="sr-only">{t("nav.find")}</h1>
          )}
          <SearchBox
            input={input}
            value={text}
            onChange={setText}
            onPasted={(pasted) => {
              const place = pastedPlace(pasted, location.origin);
              if (place !== undefined) navigate(place);
              return place !== undefined;
            }}
            onLeaveDown={toResults}
            isLarge={isHome}
          >
            <SaveButton search={search} />
          </SearchBox>
          {isHome ? (
            <>
              <StatsLine />
              <RememberedChips />
            </>
          ) : null}
        </div>
      </header>
      <Results
        search={search}
        shown={shown}
        list={list}
        onChange={change}
        onLeaveUp={() => input.current?.focus()}
        onOpen={() => remember((all) => withRecent(all, search))}
      />
    </div>
  );
}

/** Moves the focus to the results; those of what was just typed, once they are there. */
function useFocusOnResults(areThere: boolean, onFocused: () => void): () => void {
  const [isWanted, setWanted] = useState(false);
  const focus = useEffectEvent(() => {
    setWanted(false);
    onFocused();
    focusFirstRow();
  });
  useEffect(() => {
    if (isWanted && areThere) focus();
  }, [isWanted, areThere]);
  return () => setWanted(true);
}

function SaveButton({ search }: { search: Search }) {
  const { t } = useTranslation();
  const { saved } = useRememberedSearches();
  const url = rememberedUrl(search);
  if (url === undefined) return null;
  const isSaved = saved.includes(url);
  return (
    <IconButton
      className="size-9"
      label={t(isSaved ? "search.unsave" : "search.save")}
      aria-pressed={isSaved}
      icon={<Star className={isSaved ? "fill-honey text-honey" : ""} />}
      onClick={() => remember((all) => (isSaved ? without(all, url) : withSaved(all, search)))}
    />
  );
}
