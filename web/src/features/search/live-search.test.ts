import { PanalError } from "@panal/sdk";
import { fileIdOf, type FileId } from "@panal/sdk/content";
import type { FileRow, FilesPage } from "@panal/sdk/tracker";
import { describe, expect, it } from "vitest";
import { createLiveSearch } from "./live-search.ts";

const PAGE = 3;

/** A tracker with one list, paged by the name of the last row as a keyset cursor is. */
function createFakeTracker(names: string) {
  const self = {
    names,
    peers: new Map<string, number>(),
    isDown: false,
    asked: [] as string[],
    idOf: (name: string) => fileIdOf(new Uint8Array(32).fill(name.charCodeAt(0)), 10),
    async fetchPage(cursor: string | undefined): Promise<FilesPage> {
      self.asked.push(cursor ?? "");
      if (self.isDown) throw new PanalError("unreachable", "no connection");
      const rest = Array.from(self.names).filter((name) => cursor === undefined || name > cursor);
      const shown = rest.slice(0, PAGE);
      return {
        files: shown.map((name) => rowOf(name)),
        ...(rest.length > PAGE ? { nextCursor: shown.at(-1)! } : {}),
        ...(cursor === undefined
          ? { kinds: { video: 0, audio: 0, image: 0, document: 0, archive: 0, other: self.names.length } }
          : {}),
      };
    },
    isThere: async (fileId: FileId) => Array.from(self.names).some((name) => self.idOf(name) === fileId),
  };
  const rowOf = (name: string): FileRow => ({
    fileId: self.idOf(name),
    size: 10,
    path: name,
    names: [name],
    kind: "other",
    mtime: "2026-01-01T00:00:00Z",
    peerCount: self.peers.get(name) ?? 1,
  });
  return self;
}

function setUp(names: string) {
  const tracker = createFakeTracker(names);
  let nowMs = 0;
  const clock = { now: () => nowMs, sleep: async (ms: number) => void (nowMs += ms) };
  const search = createLiveSearch({
    fetchPage: tracker.fetchPage,
    isThere: (fileId) => tracker.isThere(fileId),
    clock,
  });
  const shown = () =>
    search
      .state()
      .rows.map(({ path }) => path)
      .join("");
  return { tracker, search, shown };
}

/** Everything that waits for nothing but each other is done. */
const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

describe("createLiveSearch()", () => {
  it("loads page by page, and says when there is no more", async () => {
    const { search, shown } = setUp("abcde");
    search.open();
    expect(search.state().status).toBe("loading");
    await settled();
    expect([shown(), search.state().hasMore]).toEqual(["abc", true]);
    search.loadMore();
    search.loadMore();
    await settled();
    expect([shown(), search.state().hasMore]).toEqual(["abcde", false]);
  });

  it("shows a first page that is there already, and looks whether it still holds a moment later", async () => {
    const tracker = createFakeTracker("abcde");
    const page = await tracker.fetchPage(undefined);
    const ahead = { answer: Promise.resolve(page), page };
    let nowMs = 5_000;
    const sleeping = Promise.withResolvers<void>();
    const clock = { now: () => nowMs, sleep: () => sleeping.promise };
    const search = createLiveSearch({ ahead, fetchPage: tracker.fetchPage, isThere: tracker.isThere, clock });
    expect(search.state()).toMatchObject({ status: "ready", hasMore: true });
    expect(search.state().rows).toEqual(page.files);
    tracker.asked.length = 0;
    tracker.peers.set("b", 7);
    search.open();
    await settled();
    expect(tracker.asked).toEqual([]);
    nowMs += 1_000;
    sleeping.resolve();
    await settled();
    expect(tracker.asked).toEqual([""]);
    expect(search.state().rows[1]?.peerCount).toBe(7);
    search.loadMore();
    await settled();
    expect(search.state().rows.length).toBe(5);
  });

  it("waits for a first page that was asked for ahead, and asks itself when that couldn't be had", async () => {
    const tracker = createFakeTracker("ab");
    const failing = Promise.withResolvers<FilesPage>();
    const clock = { now: () => 0, sleep: async () => {} };
    const deps = { fetchPage: tracker.fetchPage, isThere: tracker.isThere, clock };
    const late = createLiveSearch({ ...deps, ahead: { answer: tracker.fetchPage(undefined) } });
    const failed = createLiveSearch({ ...deps, ahead: { answer: failing.promise } });
    tracker.asked.length = 0;
    late.open();
    failed.open();
    failing.reject(new PanalError("unreachable", "no connection"));
    await settled();
    expect([late.state().status, failed.state().status, tracker.asked]).toEqual(["ready", "failed", []]);
    failed.touch();
    await settled();
    expect([failed.state().rows.length, tracker.asked]).toEqual([2, [""]]);
  });

  it("asks on when the tracker looked at a part in which there is nothing", async () => {
    const tracker = createFakeTracker("ab");
    const { fetchPage } = tracker;
    const sparse = createLiveSearch({
      fetchPage: async (cursor) => {
        if (cursor === undefined) return { files: [], nextCursor: "." };
        return cursor === "." ? { files: [], nextCursor: ".." } : fetchPage(undefined);
      },
      isThere: tracker.isThere,
      clock: { now: () => 0, sleep: async () => {} },
    });
    sparse.open();
    await settled();
    expect(sparse.state()).toMatchObject({ status: "ready", hasMore: false });
    expect(sparse.state().rows.map(({ path }) => path)).toEqual(["a", "b"]);
  });

  it("keeps new files aside until they are to be shown, and tells where the first one is", async () => {
    const { tracker, search, shown } = setUp("bdf");
    search.open();
    await settled();
    tracker.names = "bcdef";
    search.touch();
    await settled();
    expect([shown(), search.state().newCount]).toEqual(["bdf", 1]);
    expect(search.state().kinds?.other).toBe(5);
    expect(search.showNew()).toBe(1);
    expect([shown(), search.state().newCount]).toEqual(["bcdf", 0]);
  });

  it("changes rows in place, and only those of pages in sight", async () => {
    const { tracker, search } = setUp("abcdef");
    search.open();
    await settled();
    search.loadMore();
    await settled();
    tracker.peers.set("b", 7).set("e", 9);
    const peersOf = (index: number) => search.state().rows[index]?.peerCount;
    search.look({ start: 0, end: 2 });
    search.touch();
    await settled();
    expect([peersOf(1), peersOf(4)]).toEqual([7, 1]);
    search.look({ start: 2, end: 5 });
    await settled();
    expect(peersOf(4)).toBe(9);
  });

  it("marks files nobody has any more, and takes them away when told to", async () => {
    const { tracker, search, shown } = setUp("abc");
    search.open();
    await settled();
    tracker.names = "ac";
    search.touch();
    await settled();
    expect(shown()).toBe("abc");
    expect([...search.state().gone]).toEqual([tracker.idOf("b")]);
    search.dropGone();
    expect(shown()).toBe("ac");
    expect(search.state().gone.size).toBe(0);
  });

  it("doesn't take a file for gone that is somewhere else in the list", async () => {
    const { tracker, search, shown } = setUp("abc");
    tracker.isThere = async () => true;
    search.open();
    await settled();
    tracker.names = "ac";
    search.touch();
    await settled();
    expect([shown(), search.state().gone.size]).toEqual(["abc", 0]);
  });

  it("says that the tracker is away, keeps what is shown, and goes on when it is back", async () => {
    const { tracker, search, shown } = setUp("ab");
    tracker.isDown = true;
    search.open();
    await settled();
    expect(search.state()).toMatchObject({ status: "failed", error: { code: "unreachable" } });
    tracker.isDown = false;
    search.touch();
    await settled();
    expect(search.state()).toMatchObject({ status: "ready", error: undefined });
    tracker.isDown = true;
    search.touch();
    await settled();
    expect([shown(), search.state().error?.code]).toEqual(["ab", "unreachable"]);
  });

  it("asks for nothing once it is closed, and looks anew when it is opened again", async () => {
    const { tracker, search } = setUp("ab");
    const close = search.open();
    await settled();
    close();
    search.touch();
    search.loadMore();
    search.look({ start: 0, end: 2 });
    await settled();
    expect(tracker.asked).toEqual([""]);
    search.open();
    await settled();
    expect(tracker.asked).toEqual(["", ""]);
  });
});
