import type { FilesPage, FilesQuery } from "@panal/sdk/tracker";
import { systemClock } from "@panal/sdk/transfer";
import { tracker } from "../../app/tracker.ts";
import type { PageAhead } from "./live-search.ts";
import { filesQuery, PAGE_SIZE, parseSearch } from "./search-query.ts";

/** A skeleton that is there for less than this only flickers. */
const PATIENCE_MS = 100;

let ahead: { readonly key: string; readonly asked: PageAhead } | undefined;

/** Asks for what the page at this query will show. Settles when it is there, can't be had or isn't worth waiting for. */
export async function searchAhead(locationSearch: string): Promise<void> {
  const query = filesQuery(parseSearch(locationSearch), Date.now());
  const asked: { answer: Promise<FilesPage>; page?: FilesPage } = { answer: fetchFilesPage(query) };
  ahead = { key: searchKey(query), asked };
  const settled = asked.answer.then(
    (page) => void (asked.page = page),
    // The view asks for the same, and says why there is nothing.
    () => {},
  );
  await Promise.race([settled, systemClock.sleep(PATIENCE_MS)]);
}

/** What was asked for ahead, if it is of this search: for the first one who shows a list. */
export function takeSearchAhead(key: string): PageAhead | undefined {
  const taken = ahead?.key === key ? ahead.asked : undefined;
  ahead = undefined;
  return taken;
}

export function searchKey(query: FilesQuery): string {
  return JSON.stringify(query);
}

/** The first page without a cursor. */
export function fetchFilesPage(
  query: FilesQuery,
  { cursor, signal }: { cursor?: string | undefined; signal?: AbortSignal } = {},
): Promise<FilesPage> {
  return tracker.searchFiles(
    { ...query, limit: PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) },
    signal === undefined ? {} : { signal },
  );
}
