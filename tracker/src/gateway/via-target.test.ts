import { describe, expect, test } from "vitest";
import { parseName, parsePeerPath, parseViaTarget } from "./via-target.ts";

const PEER = "abcdefgh12345678";
const FILE = `${"0".repeat(64)}-1048576`;

describe("parseViaTarget()", () => {
  test.each([
    { path: "/panal.v1.PeerService/GetPeer", kind: "call", name: undefined },
    { path: "/panal.v1.PeerService/DownloadFile", kind: "call", name: undefined },
    { path: "/grpc.health.v1.Health/Check", kind: "call", name: undefined },
    { path: `/files/${FILE}`, kind: "files", name: undefined },
    { path: `/files/${FILE}/`, kind: "files", name: undefined },
    { path: `/files/${FILE}/a.txt`, kind: "files", name: "a.txt" },
    { path: `/files/${FILE}/Canci%C3%B3n%20%231.mp3?download`, kind: "files", name: "Canción #1.mp3" },
    { path: `/files/${FILE}/a.txt.torrent`, kind: "files", name: "a.txt.torrent" },
  ])("passes on $path as it came", ({ path, kind, name }) => {
    expect(parseViaTarget(`/via/${PEER}${path}`)).toEqual({ peerId: PEER, path, kind, name });
  });

  test.each([
    "",
    "/",
    "/via/",
    `/via/${PEER}`,
    `/via/${PEER}/`,
    `/via/short/files/${FILE}`,
    `/via/${PEER}/healthz`,
    `/via/${PEER}/.well-known/panal`,
    `/via/${PEER}/grpc.reflection.v1.ServerReflection/ServerReflectionInfo`,
    `/via/${PEER}/panal.v1.PeerService/GetPeer/`,
    `/via/${PEER}/panal.v1.PeerService/GetPeer?x=1`,
    `/via/${PEER}/panal.v1.PeerService/toString`,
    `/via/${PEER}/panal.v1.PeerService/%47etPeer`,
    `/via/${PEER}//panal.v1.PeerService/GetPeer`,
    `/via/${PEER}/../${PEER}/panal.v1.PeerService/GetPeer`,
    `/via/${PEER}/files/../healthz`,
    `/via/${PEER}/files/${FILE}/..`,
    `/via/${PEER}/files/${FILE}/%2e%2e`,
    `/via/${PEER}/files/${FILE}/%252e%252e`,
    `/via/${PEER}/files/${FILE}/..%2fhealthz`,
    `/via/${PEER}/files/${FILE}/..%5Chealthz`,
    `/via/${PEER}/files/${FILE}/a%252fb`,
    `/via/${PEER}/files/${FILE}/a%00b`,
    `/via/${PEER}/files/${FILE}/a/b`,
    `/via/${PEER}/files/${FILE}\\a`,
    `/via/${PEER}/files/${FILE}/a%`,
    `/via/${PEER}/files/${FILE}/a b`,
    `/via/${PEER}/files/${FILE}/a?x=http://other/`,
    `/via/${PEER}/files/${FILE}/${"a".repeat(1025)}`,
    `/via/${PEER}/files/nothing`,
    `/via/${PEER}@other.example/files/${FILE}`,
    `http://other.example/via/${PEER}/files/${FILE}`,
    `//other.example/via/${PEER}/files/${FILE}`,
    `/via%2f${PEER}/files/${FILE}`,
    `/VIA/${PEER}/files/${FILE}`,
  ])("leads nowhere with %s", (target) => {
    expect(parseViaTarget(target)).toBeUndefined();
  });
});

test("parsePeerPath() takes the peer from elsewhere, and refuses what is no id", () => {
  expect(parsePeerPath(PEER, "/grpc.health.v1.Health/Check")).toMatchObject({ peerId: PEER, kind: "call" });
  expect(parsePeerPath("../..", "/grpc.health.v1.Health/Check")).toBeUndefined();
});

test("parseName() gives one segment, however often it is decoded, or nothing", () => {
  expect(parseName("a%20b")).toBe("a b");
  expect(parseName("50%25")).toBe("50%");
  expect(parseName("%252E%252E%252F")).toBeUndefined();
});
