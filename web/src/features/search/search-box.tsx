import { Search, X } from "lucide-react";
import type { ClipboardEvent, KeyboardEvent, ReactNode, RefObject } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../../ui/button.tsx";
import { MAX_WORDS_LENGTH } from "./search-query.ts";

interface SearchBoxProps {
  input: RefObject<HTMLInputElement | null>;
  value: string;
  onChange(value: string): void;
  /** True when the text was no words but a place, and is taken care of. */
  onPasted(text: string): boolean;
  /** Enter or arrow down: to the results. */
  onLeaveDown(): void;
  isLarge: boolean;
  /** Buttons at the end of the box. */
  children: ReactNode;
}

export function SearchBox(props: SearchBoxProps) {
  const { input, value, onChange, onPasted, onLeaveDown, isLarge, children } = props;
  const { t } = useTranslation();
  function onPaste(event: ClipboardEvent): void {
    if (onPasted(event.clipboardData.getData("text/plain"))) event.preventDefault();
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      onLeaveDown();
    }
    if (event.key === "Escape" && value !== "") {
      event.preventDefault();
      event.stopPropagation();
      onChange("");
    }
  }
  return (
    <search className="relative block">
      <Search
        aria-hidden="true"
        className={`pointer-events-none absolute top-1/2 -translate-y-1/2 text-muted ${isLarge ? "left-5 size-5" : "left-4 size-[1.125rem]"}`}
      />
      <input
        ref={input}
        type="search"
        value={value}
        maxLength={MAX_WORDS_LENGTH}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        placeholder={t("search.placeholder")}
        aria-label={t("search.label")}
        aria-keyshortcuts="/"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        enterKeyHint="search"
        className={`w-full rounded-2xl border border-line-strong bg-raised text-ink transition-[height,box-shadow] duration-150 placeholder:text-muted focus:border-honey-ink focus:shadow-[0_0_0_3px_var(--honey-soft)] focus:outline-none ${isLarge ? "h-12 @md:h-14 pr-24 pl-13 text-base" : "h-11 pr-22 pl-11 text-[1rem]"}`}
      />
      <div className="absolute inset-y-0 right-1.5 flex items-center">
        {children}
        {value === "" ? (
          <kbd
            aria-hidden="true"
            className="mr-2.5 hidden rounded-md border border-line px-1.5 font-sans text-xs text-muted lg:block"
          >
            /
          </kbd>
        ) : (
          <IconButton
            label={t("search.clear")}
            icon={<X />}
            className="size-9"
            onClick={() => {
              onChange("");
              input.current?.focus();
            }}
          />
        )}
      </div>
    </search>
  );
}
