import { fileIdOf } from "@panal/sdk/content";
import { describe, expect, it } from "vitest";
import { filePath, parseRoute, peerPath, splitUrl, watchPath } from "./route.ts";

const fileId = fileIdOf(new Uint8Array(32).fill(7), 1234);

describe("parseRoute()", () => {
  it.each([
    ["/", { page: "search" }],
    ["/transfers", { page: "transfers" }],
    ["/transfers/", { page: "transfers" }],
    ["/share", { page: "share" }],
    ["/doctor", { page: "doctor" }],
    ["/p", { page: "peers" }],
    ["/p/abcdefgh", { page: "peer", peerId: "abcdefgh", folder: "" }],
    ["/p/abcdefgh/a%20b/c%25d", { page: "peer", peerId: "abcdefgh", folder: "a b/c%d" }],
    [`/f/${fileId}`, { page: "file", fileId, isWatched: false }],
    [`/f/${fileId}/watch`, { page: "file", fileId, isWatched: true }],
    [`/f/${fileId}/watch/more`, { page: "unknown" }],
    ["/f/nonsense", { page: "unknown" }],
    [`/f/${fileId}/more`, { page: "unknown" }],
    ["/p/abcdefgh/%E0%A4%A", { page: "unknown" }],
    ["/p/abcdefgh/a%2Fb", { page: "unknown" }],
    ["/elsewhere", { page: "unknown" }],
  ])("reads %s", (path, route) => {
    expect(parseRoute(path)).toEqual(route);
  });

  it("reads back what the path functions write", () => {
    const folder = "Música & más/100 %/#1?";
    expect(parseRoute(peerPath("peer-id-1", folder))).toEqual({ page: "peer", peerId: "peer-id-1", folder });
    expect(parseRoute(filePath(fileId))).toEqual({ page: "file", fileId, isWatched: false });
    expect(parseRoute(watchPath(fileId))).toEqual({ page: "file", fileId, isWatched: true });
  });
});

it("splitUrl() keeps the query apart", () => {
  expect(splitUrl("/?q=a%26b%3F")).toEqual({ pathname: "/", search: "?q=a%26b%3F" });
  expect(splitUrl("/transfers")).toEqual({ pathname: "/transfers", search: "" });
});
