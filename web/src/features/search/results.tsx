import { PanalError } from "@panal/sdk";
import type { FileRow } from "@panal/sdk/tracker";
import { lazy, type RefObject, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ViewBoundary } from "../../app/view-boundary.tsx";
import { LoadError } from "../../ui/load-error.tsx";
import { SkeletonRows, SkeletonTiles } from "../../ui/skeleton.tsx";
import type { RowFocus } from "../../ui/list-row.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { useMedia } from "../../ui/use-media.ts";
import { VirtualList, type VirtualListHandle } from "../../ui/virtual-list.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { FileTile, TILE_HEIGHT_PX, TILE_MIN_WIDTH_PX } from "./file-tile.tsx";
import { FoundRow } from "./found-row.tsx";
import { FirstRun, NothingFound, RefusedSearch } from "./nothing-found.tsx";
import { isNarrow, type Search } from "./search-query.ts";
import { createSelection } from "./selection.ts";
import { useCalmChanges } from "./use-calm-changes.ts";
import { ViewControls } from "./view-controls.tsx";
import { type ShownSearch } from "./use-live-search.ts";
import { SelectionContext, useIsSelecting, useSelecting, useSelectionKeys } from "./use-selection.ts";

const ROW_PX = 40;
/** Two lines, and room for a thumb. */
const PHONE_ROW_PX = 56;

interface ResultsProps {
  search: Search;
  shown: ShownSearch;
  list: RefObject<VirtualListHandle | null>;
  onChange(search: Search): void;
  onLeaveUp(): void;
  /** One of the files was opened. */
  onOpen(): void;
}

// Fetched when somebody selects: most only look and open.
const SelectionBar = lazy(async () => ({ default: (await import("./selection-bar.tsx")).SelectionBar }));

/** What a search finds, and what narrows it down. */
export function Results({ search, shown, list, onChange, onLeaveUp, onOpen }: ResultsProps) {
  const { t } = useTranslation();
  const { live, state, isOld } = shown;
  const around = useRef<HTMLElement>(null);
  const showNew = useCalmChanges(live, state, { list, around });
  const [selection] = useState(createSelection);
  const selecting = useMemo(() => ({ selection, rows: () => live.state().rows }), [selection, live]);
  useSelectionKeys(selecting);
  useEffect(() => selection.see({ rows: state.rows, gone: state.gone }), [selection, state.rows, state.gone]);
  return (
    <SelectionContext value={selecting}>
      <section
        ref={around}
        aria-label={t("search.results")}
        aria-busy={isOld || state.status === "loading"}
        className="relative flex min-h-0 flex-1 flex-col"
      >
        {/* Where nobody shares anything there is nothing to choose from. */}
        {state.status === "ready" && state.rows.length === 0 && !isNarrow(search) ? null : (
          <FilterBar search={search} state={state} onChange={onChange} />
        )}
        <div
          className={`flex min-h-0 flex-1 flex-col transition-opacity duration-150 ${isOld ? "opacity-60" : ""}`}
          onClickCapture={onOpen}
        >
          <ResultList search={search} shown={shown} list={list} onLeaveUp={onLeaveUp} onChange={onChange} />
        </div>
        <NewPill count={state.newCount} onShow={showNew} />
        <SelectionPlace shownCount={state.rows.length} hasMore={state.hasMore} />
      </section>
    </SelectionContext>
  );
}

function ResultList(props: Pick<ResultsProps, "search" | "shown" | "list" | "onLeaveUp" | "onChange">) {
  const { search, shown, list, onLeaveUp, onChange } = props;
  const { live, state } = shown;
  const { t } = useTranslation();
  const isPhone = useMedia("(max-width: 40rem)");
  const { rows, gone, hasMore, error } = state;
  const isGrid = search.view === "grid";
  const { selection } = useSelecting();
  const renderRow = useCallback(
    (file: FileRow, focus: RowFocus) => <FoundRow file={file} isGone={gone.has(file.fileId)} focus={focus} />,
    [gone],
  );
  const renderTile = useCallback(
    (file: FileRow, focus: RowFocus) => <FileTile file={file} isGone={gone.has(file.fileId)} focus={focus} />,
    [gone],
  );
  const onNearEnd = useCallback(() => hasMore && live.loadMore(), [hasMore, live]);
  if (state.status === "loading") {
    return (
      <>
        <Heading search={search} shown={shown} onChange={onChange} />
        {isGrid ? <SkeletonTiles /> : <SkeletonRows rowClass={isPhone ? "h-14" : "h-10"} />}
      </>
    );
  }
  if (error !== undefined && rows.length === 0) {
    const { code, message } = PanalError.from(error);
    if (code === "invalid") return <RefusedSearch message={message} />;
    return <LoadError error={error} onRetry={() => live.touch()} />;
  }
  if (rows.length === 0) {
    return !isNarrow(search) ? <FirstRun /> : <NothingFound search={search} onChange={onChange} />;
  }
  const shownList = {
    items: rows,
    keyOf: (file: FileRow) => file.fileId,
    label: t("search.results"),
    onNearEnd,
    onLook: live.look,
    onLeaveUp,
    onExtend(from: FileRow, to: FileRow) {
      // The first step of a range selects where it begins.
      if (selection.state().files.size === 0) selection.toggle(from);
      selection.extendTo(to, rows);
    },
    handle: list,
  };
  return (
    <>
      <Heading search={search} shown={shown} onChange={onChange} />
      {isGrid ? (
        <VirtualList
          key="grid"
          {...shownList}
          rowHeightPx={TILE_HEIGHT_PX}
          minColumnPx={TILE_MIN_WIDTH_PX}
          renderRow={renderTile}
        />
      ) : (
        <VirtualList
          key="list"
          {...shownList}
          rowHeightPx={isPhone ? PHONE_ROW_PX : ROW_PX}
          renderRow={renderRow}
        />
      )}
    </>
  );
}

function SelectionPlace(props: { shownCount: number; hasMore: boolean }) {
  const isSelecting = useIsSelecting();
  if (!isSelecting) return null;
  return (
    <ViewBoundary>
      <Suspense>
        <SelectionBar {...props} />
      </Suspense>
    </ViewBoundary>
  );
}

/** Says what the list is, and aloud how long it is. */
function Heading(props: Pick<ResultsProps, "search" | "shown" | "onChange">) {
  const { search, onChange } = props;
  const { state, isOld } = props.shown;
  const { t } = useTranslation();
  const formats = useFormats();
  const { words } = search;
  const { didYouMean, kinds, isCapped, error } = state;
  const count =
    search.kind === undefined
      ? Object.values(kinds ?? {}).reduce((sum, number) => sum + number, 0)
      : (kinds?.[search.kind] ?? 0);
  const countText = t(isCapped ? "search.countCapped" : "search.count", {
    count,
    formatted: formats.count(count),
  });
  return (
    <div className="flex items-center gap-3 px-4 pt-0.5 pb-2 text-xs font-medium text-muted">
      {/* A small phone has room for the controls; what the list is can be seen there. */}
      <h2 className={`min-w-0 wrap-anywhere ${didYouMean === undefined ? "max-[26rem]:sr-only" : ""}`}>
        {didYouMean === undefined
          ? t(words === "" && search.sort === "-mtime" ? "search.newest" : "search.results")
          : t("search.meant", { words, meant: didYouMean })}
      </h2>
      {error === undefined ? (
        <span className="sr-only" role="status">
          {isOld ? "" : countText}
        </span>
      ) : (
        <span role="alert" className="text-failed-ink">
          {t("error.offline")}
        </span>
      )}
      {error === undefined && isCapped ? (
        <span className="truncate" title={t("search.cappedHint")}>
          {countText}
        </span>
      ) : null}
      <span className="ml-auto">
        <ViewControls search={search} onChange={onChange} />
      </span>
    </div>
  );
}

/** Nothing moves by itself while somebody reads: this says that there is more. */
function NewPill(props: { count: number; onShow: (how: { movesFocus: boolean }) => void }) {
  const { count, onShow } = props;
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <div role="status" className="pointer-events-none absolute inset-x-0 bottom-4 z-10 flex justify-center">
      {count === 0 ? null : (
        <button
          type="button"
          // Enter and space are clicks without a count.
          onClick={(event) => onShow({ movesFocus: event.detail === 0 })}
          className="motion-rise pointer-events-auto h-10 rounded-full bg-honey px-5 font-semibold text-on-honey shadow-sheet hover:brightness-105"
        >
          {t("search.newFiles", { count, formatted: formats.count(count) })}
        </button>
      )}
    </div>
  );
}
