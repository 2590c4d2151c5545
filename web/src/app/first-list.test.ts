import { createTrackerClient } from "@panal/sdk/tracker";
import { expect, it } from "vitest";
import { filesQuery, PAGE_SIZE, parseSearch } from "../features/search/search-query.ts";
import { askForFirstList, fetchOrFirstList } from "./first-list.ts";

const origin = "http://tracker.test";

/** A place that is asked, and says what it was asked for. */
function createAsked(answer = async () => Response.json({ files: [] })) {
  const urls: string[] = [];
  const fetchFn: typeof fetch = (input, init) => {
    urls.push(new Request(input, init).url);
    return answer();
  };
  return { urls, fetchFn };
}

/** The client, with what it fetches for itself. */
function createClient() {
  const { urls, fetchFn } = createAsked();
  const own = globalThis.fetch;
  globalThis.fetch = fetchFn;
  const tracker = createTrackerClient({ url: origin, fetch: fetchOrFirstList });
  const plain = { ...filesQuery(parseSearch(""), 0), limit: PAGE_SIZE };
  return { urls, search: () => tracker.searchFiles(plain), [Symbol.dispose]: () => (globalThis.fetch = own) };
}

it("askForFirstList() asks just what the first page asks for, which gets that answer, once", async () => {
  const ahead = createAsked();
  askForFirstList({ origin, pathname: "/", search: "" }, ahead.fetchFn);
  using client = createClient();
  expect(await client.search()).toEqual({ files: [] });
  expect([ahead.urls.length, client.urls.length]).toEqual([1, 0]);
  await client.search();
  expect(client.urls).toEqual(ahead.urls);
});

it.each([
  { pathname: "/", search: "?q=honey" },
  { pathname: "/share", search: "" },
])("askForFirstList() asks nothing at $pathname$search", (place) => {
  const ahead = createAsked();
  askForFirstList({ origin, ...place }, ahead.fetchFn);
  expect(ahead.urls).toEqual([]);
});

it("an answer that couldn't be had is told to whoever wanted it", async () => {
  const ahead = createAsked(() => Promise.reject(new TypeError("no connection")));
  askForFirstList({ origin, pathname: "/", search: "" }, ahead.fetchFn);
  using client = createClient();
  await expect(client.search()).rejects.toMatchObject({ code: "unreachable" });
  // And the next one asks anew.
  expect(await client.search()).toEqual({ files: [] });
});
