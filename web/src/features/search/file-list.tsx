import type { FileRow } from "@panal/sdk";
import type { TFunction } from "i18next";
import { FolderOpen, SearchX, Share2 } from "lucide-react";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { AppLink } from "../../ui/app-link.tsx";
import { buttonClass } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FileLink } from "../../ui/file-link.tsx";
import { LoadError } from "../../ui/load-error.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { useMedia } from "../../ui/use-media.ts";
import { type RowFocus, VirtualList } from "../../ui/virtual-list.tsx";
import { useFileSearch } from "./use-search.ts";

const ROW_PX = 40;
/** Two lines, and room for a thumb. */
const PHONE_ROW_PX = 56;

/** The files a search finds. */
export function FileList({ words, onLeaveUp }: { words: string; onLeaveUp: () => void }) {
  const { t } = useTranslation();
  const isPhone = useMedia("(max-width: 40rem)");
  const search = useFileSearch(words);
  const {
    data,
    error,
    isPending,
    hasNextPage,
    isFetchingNextPage,
    isPlaceholderData,
    fetchNextPage,
    refetch,
  } = search;
  const files = useMemo(() => uniqueFiles(data?.pages.flatMap((page) => page.files) ?? []), [data]);
  const rowHeightPx = isPhone ? PHONE_ROW_PX : ROW_PX;
  const onNearEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  if (isPending) return <SkeletonRows rowClass={isPhone ? "h-14" : "h-10"} />;
  if (error !== null && files.length === 0) return <LoadError error={error} onRetry={() => void refetch()} />;
  if (files.length === 0) return words === "" ? <FirstRun /> : <NothingFound words={words} />;
  return (
    <section
      aria-label={t("search.results")}
      aria-busy={isPlaceholderData}
      className={`flex min-h-0 flex-1 flex-col transition-opacity duration-150 ${isPlaceholderData ? "opacity-60" : ""}`}
    >
      <div className="flex items-baseline justify-between px-4 pt-3 pb-1.5 text-xs font-medium text-muted">
        <h2>{headingOf(t, words, data?.pages[0]?.didYouMean)}</h2>
        {error === null ? null : (
          <span role="alert" className="text-failed-ink">
            {t("error.offline")}
          </span>
        )}
      </div>
      <VirtualList
        items={files}
        keyOf={(file) => file.fileId}
        rowHeightPx={rowHeightPx}
        label={t("search.results")}
        onNearEnd={onNearEnd}
        onLeaveUp={onLeaveUp}
        renderRow={(file, focus) => <FileListRow file={file} focus={focus} />}
      />
    </section>
  );
}

function headingOf(t: TFunction, words: string, meant: string | undefined): string {
  if (meant !== undefined) return t("search.meant", { words, meant });
  return words === "" ? t("search.newest") : t("search.results");
}

function FileListRow({ file, focus }: { file: FileRow; focus: RowFocus }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <FileLink
      fileId={file.fileId}
      path={file.path}
      kind={file.kind}
      showsFolder
      focus={focus}
      figures={
        <>
          <span className="whitespace-nowrap @md:w-20 @md:text-right">{formats.bytes(file.size)}</span>
          <span className="whitespace-nowrap @md:w-20 @md:text-right">
            {t("row.peers", { count: file.peerCount })}
          </span>
          <span className="@lg:w-24 @lg:text-right @max-lg:@md:hidden" title={formats.dateTime(file.mtime)}>
            {formats.age(file.mtime, Date.now())}
          </span>
        </>
      }
    />
  );
}

function FirstRun() {
  const { t } = useTranslation();
  return (
    <EmptyState
      icon={<FolderOpen />}
      title={t("search.firstRun")}
      hint={t("search.firstRunHint")}
      action={
        <AppLink href="/share" className={buttonClass("primary")}>
          <Share2 aria-hidden="true" />
          {t("search.firstRunAction")}
        </AppLink>
      }
    />
  );
}

function NothingFound({ words }: { words: string }) {
  const { t } = useTranslation();
  return <EmptyState icon={<SearchX />} title={t("search.none", { words })} hint={t("search.noneHint")} />;
}

/** Between two pages a file may have moved: it is shown once. */
function uniqueFiles(files: readonly FileRow[]): FileRow[] {
  return [...new Map(files.map((file) => [file.fileId, file])).values()];
}
