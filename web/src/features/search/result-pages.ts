import type { FileRow } from "@panal/sdk/tracker";
import type { FileId } from "@panal/sdk/content";

/** A page of results as it was asked for, and what became of it since. */
export interface ResultPage {
  /** Asked with this; undefined for the first. */
  readonly cursor: string | undefined;
  readonly rows: readonly FileRow[];
  /** Something happened since it was fetched. */
  readonly isStale: boolean;
  /** Rows that came since, where they belong: shown when the person wants to. */
  readonly fresh: readonly FileRow[] | undefined;
}

/** What a list shows of its pages. */
export interface ShownRows {
  /** Each file once. */
  readonly rows: readonly FileRow[];
  /** Nobody has these any more; they stay until taking them away disturbs nobody. */
  readonly gone: ReadonlySet<FileId>;
  /** Files that came and aren't shown yet. */
  readonly newCount: number;
}

/** What looking at a page again tells. */
export interface Refreshed {
  readonly page: ResultPage;
  /** No longer there. */
  readonly gone: readonly FileId[];
  /** There (again). */
  readonly seen: readonly FileId[];
}

/**
 * A page that was fetched again. Rows stay where they are: what is known of them is replaced in place, those that are
 * missing are reported as gone, and new ones are kept aside in `fresh`. `isKnown` tells what any page shows.
 */
export function refreshPage(
  page: ResultPage,
  answer: { readonly files: readonly FileRow[]; readonly nextCursor?: string | undefined },
  isKnown: (fileId: FileId) => boolean,
): Refreshed {
  const { files, nextCursor } = answer;
  const byId = new Map(files.map((row) => [row.fileId, row]));
  const newcomers = files.filter(({ fileId }) => !isKnown(fileId));
  // What comes after the last one that is still there may have been pushed on, or not been looked at: who asks on finds it.
  const lastThere = page.rows.findLastIndex(({ fileId }) => byId.has(fileId));
  const lastCertain = nextCursor === undefined || lastThere < 0 ? page.rows.length : lastThere;
  const gone: FileId[] = [];
  const rows = page.rows.map((row, index) => {
    const now = byId.get(row.fileId);
    if (now === undefined && index < lastCertain) gone.push(row.fileId);
    return now === undefined || isSameRow(row, now) ? row : now;
  });
  const isChanged = rows.some((row, index) => row !== page.rows[index]);
  return {
    page: {
      cursor: page.cursor,
      rows: isChanged ? rows : page.rows,
      isStale: false,
      fresh: newcomers.length === 0 ? undefined : files,
    },
    gone,
    seen: files.map(({ fileId }) => fileId),
  };
}

/** The page with the rows that came since, each at its place; those they pushed on stay at the end. */
export function withFresh(page: ResultPage): ResultPage {
  if (page.fresh === undefined) return page;
  const inAnswer = new Set(page.fresh.map(({ fileId }) => fileId));
  const pushedOn = page.rows.filter(({ fileId }) => !inAnswer.has(fileId));
  return { ...page, rows: [...page.fresh, ...pushedOn], fresh: undefined };
}

export function withoutGone(page: ResultPage, gone: ReadonlySet<FileId>): ResultPage {
  const rows = page.rows.filter(({ fileId }) => !gone.has(fileId));
  return rows.length === page.rows.length ? page : { ...page, rows };
}

/** All rows, each file once: between two pages one may have moved. */
export function rowsOf(pages: readonly ResultPage[]): FileRow[] {
  const seen = new Set<FileId>();
  const rows: FileRow[] = [];
  for (const page of pages) {
    for (const row of page.rows) {
      if (seen.has(row.fileId)) continue;
      seen.add(row.fileId);
      rows.push(row);
    }
  }
  return rows;
}

/** How many files came that aren't shown. */
export function newCountOf(pages: readonly ResultPage[], isKnown: (fileId: FileId) => boolean): number {
  const ids = pages.flatMap(({ fresh }) => fresh?.map(({ fileId }) => fileId) ?? []);
  return new Set(ids.filter((fileId) => !isKnown(fileId))).size;
}

function isSameRow(a: FileRow, b: FileRow): boolean {
  return (
    a.peerCount === b.peerCount &&
    a.mtime === b.mtime &&
    a.path === b.path &&
    a.names.length === b.names.length
  );
}
