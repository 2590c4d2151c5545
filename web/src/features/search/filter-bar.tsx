import { MEDIA_KINDS, displayName, type MediaKind } from "@panal/sdk/content";
import { CalendarDays, HardDrive, Scaling } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { usePeers } from "../../app/peers.ts";
import { Choice } from "../../ui/choice.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import type { LiveSearchState } from "./live-search.ts";
import { useFilterCounts } from "./use-filter-counts.ts";
import { DATES, type DateRange, type Search, SIZES, type SizeRange } from "./search-query.ts";

interface FilterBarProps {
  search: Search;
  state: LiveSearchState;
  onChange(search: Search): void;
}

export const SIZE_TEXTS = {
  "0-1M": "filter.size0",
  "1M-100M": "filter.size1M",
  "100M-1G": "filter.size100M",
  "1G-": "filter.size1G",
} as const satisfies Record<SizeRange, string>;
export const DATE_TEXTS = {
  day: "filter.day",
  week: "filter.week",
  month: "filter.month",
  year: "filter.year",
} as const satisfies Record<DateRange, string>;

/** What narrows the results down. On a phone it scrolls sideways, by itself. */
export function FilterBar({ search, state, onChange }: FilterBarProps) {
  const bar = useRef<HTMLDivElement>(null);
  const areThere = state.kinds !== undefined;
  // Until a kind was chosen, "All" is in sight by itself, and to look where it is would cost a layout.
  const wasChosen = useRef(false);
  useEffect(() => {
    wasChosen.current ||= search.kind !== undefined;
    if (!wasChosen.current) return;
    // What is chosen is never out of sight: neither when it was, nor when the first answer puts others before it.
    const chosen = bar.current?.querySelector('[aria-pressed="true"]');
    chosen?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [search.kind, areThere]);
  return (
    <div
      ref={bar}
      className="fade-end flex shrink-0 items-center gap-2 overflow-x-auto px-4 py-2 [scrollbar-width:none]"
    >
      <KindChips search={search} state={state} onChange={onChange} />
      <span className="h-5 w-px shrink-0 bg-line" aria-hidden="true" />
      <SizeChoice search={search} state={state} onChange={onChange} />
      <DateChoice search={search} state={state} onChange={onChange} />
      <PeerChoice search={search} state={state} onChange={onChange} />
    </div>
  );
}

function KindChips({ search, state, onChange }: FilterBarProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { kinds, isCapped } = state;
  const count = (kind: MediaKind) => kinds?.[kind] ?? 0;
  const all = MEDIA_KINDS.reduce((sum, kind) => sum + count(kind), 0);
  const shown = MEDIA_KINDS.filter((kind) => count(kind) > 0 || kind === search.kind);
  return (
    <div role="group" aria-label={t("filter.kind")} className="flex shrink-0 gap-1.5">
      {[undefined, ...shown].map((kind) => {
        const number = kind === undefined ? all : count(kind);
        const figure = isCapped
          ? t("filter.atLeast", { formatted: formats.count(number) })
          : formats.count(number);
        const isOn = search.kind === kind;
        return (
          <button
            key={kind ?? "all"}
            type="button"
            aria-pressed={isOn}
            onClick={() => onChange({ ...search, kind: isOn ? undefined : kind })}
            className={`inline-flex h-8 shrink-0 items-center gap-1.5 rounded-full border px-3 text-xs whitespace-nowrap transition-colors duration-150 ${isOn ? "border-honey bg-honey-soft font-medium text-honey-ink" : "border-line-strong text-ink hover:bg-sunken"}`}
          >
            {t(kind === undefined ? "filter.all" : `filter.${kind}`)}
            {kinds === undefined ? null : (
              <span className={`tabular ${isOn ? "" : "text-muted"}`}>{figure}</span>
            )}
          </button>
        );
      })}
    </div>
  );
}

const SIZE_CHOICES = Object.keys(SIZES) as SizeRange[];

function SizeChoice({ search, state, onChange }: FilterBarProps) {
  const { t } = useTranslation();
  const counts = useFilterCounts({ search, state, filter: "size", choices: SIZE_CHOICES });
  return (
    <Choice
      label={t("filter.size")}
      icon={<Scaling className="left-3" aria-hidden="true" />}
      value={search.size ?? ""}
      isActive={search.size !== undefined}
      onAttention={counts.onAttention}
      options={[
        { value: "", label: t("filter.anySize") },
        ...SIZE_CHOICES.map((size) => ({ value: size, label: counts.labelled(size, t(SIZE_TEXTS[size])) })),
      ]}
      onChange={(size) => onChange({ ...search, size: size === "" ? undefined : size })}
    />
  );
}

const DATE_CHOICES = Object.keys(DATES) as DateRange[];

function DateChoice({ search, state, onChange }: FilterBarProps) {
  const { t } = useTranslation();
  const counts = useFilterCounts({ search, state, filter: "date", choices: DATE_CHOICES });
  return (
    <Choice
      label={t("filter.date")}
      icon={<CalendarDays className="left-3" aria-hidden="true" />}
      value={search.date ?? ""}
      isActive={search.date !== undefined}
      onAttention={counts.onAttention}
      options={[
        { value: "", label: t("filter.anyDate") },
        ...DATE_CHOICES.map((date) => ({ value: date, label: counts.labelled(date, t(DATE_TEXTS[date])) })),
      ]}
      onChange={(date) => onChange({ ...search, date: date === "" ? undefined : date })}
    />
  );
}

function PeerChoice({ search, state, onChange }: FilterBarProps) {
  const { t } = useTranslation();
  const { data } = usePeers();
  const peers = data?.pages.flatMap((page) => page.peers) ?? [];
  const isListed = search.peer === undefined || peers.some(({ peerId }) => peerId === search.peer);
  const choices = peers.map(({ peerId }) => peerId);
  const counts = useFilterCounts({ search, state, filter: "peer", choices });
  if (peers.length < 2 && search.peer === undefined) return null;
  return (
    <Choice
      label={t("filter.peer")}
      icon={<HardDrive className="left-3" aria-hidden="true" />}
      value={search.peer ?? ""}
      isActive={search.peer !== undefined}
      onAttention={counts.onAttention}
      options={[
        { value: "", label: t("filter.anyPeer") },
        ...peers.map(({ peerId, name }) => ({
          value: peerId,
          label: counts.labelled(peerId, displayName(name)),
        })),
        ...(isListed ? [] : [{ value: search.peer ?? "", label: t("filter.peerGone") }]),
      ]}
      onChange={(peer) => onChange({ ...search, peer: peer === "" ? undefined : peer })}
    />
  );
}
