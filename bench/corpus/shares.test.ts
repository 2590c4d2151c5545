import { announcedFileSchema } from "@panal/sdk";
import { describe, expect, it } from "vitest";
import { createShares } from "./shares.ts";

const OPTIONS = { seed: 5, peers: 6, filesPerPeer: 500 };
const shares = createShares(OPTIONS);
const everybody = Array.from({ length: OPTIONS.peers }, (_, peer) => peer);

describe("createShares", () => {
  it("filesOf() gives lists a tracker takes, of the length asked for, the same ones each time", () => {
    const again = createShares(OPTIONS);
    for (const peer of everybody) {
      const files = shares.filesOf(peer, 0);
      expect(files).toHaveLength(OPTIONS.filesPerPeer);
      expect(new Set(files.map(({ path }) => path)).size).toBe(OPTIONS.filesPerPeer);
      for (const file of files) expect(announcedFileSchema.safeParse(file).success).toBe(true);
      expect(again.filesOf(peer, 0)).toEqual(files);
    }
  });

  it("some content is in several shares, and some of that under several paths", () => {
    const paths = new Map<string, Set<string>>();
    for (const peer of everybody) {
      for (const { fileId, path } of shares.filesOf(peer, 0)) {
        paths.set(fileId, (paths.get(fileId) ?? new Set()).add(path));
      }
    }
    expect(paths.size).toBeLessThan(OPTIONS.peers * OPTIONS.filesPerPeer * 0.95);
    expect(paths.size).toBeGreaterThan(OPTIONS.peers * OPTIONS.filesPerPeer * 0.5);
    expect([...paths.values()].some((places) => places.size > 1)).toBe(true);
  });

  it("markerOf() is in the path of a peer's last file, and in no other", () => {
    const all = everybody.flatMap((peer) => shares.filesOf(peer, 0).map(({ path }) => path));
    for (const peer of everybody) {
      const found = all.filter((path) => path.includes(shares.markerOf(peer)));
      expect(found).toEqual([shares.filesOf(peer, 0).at(-1)!.path]);
    }
  });

  it("changedFilesOf() is what is different in filesOf(): a hundredth with each generation", () => {
    for (const generation of [1, 2, 99, 100, 101, 250]) {
      const before = new Map(shares.filesOf(3, generation - 1).map(({ path, fileId }) => [path, fileId]));
      const now = shares.filesOf(3, generation);
      const changed = now.filter(({ path, fileId }) => before.get(path) !== fileId);
      expect(shares.changedFilesOf(3, generation)).toEqual(changed);
      expect(changed).toHaveLength(OPTIONS.filesPerPeer / 100);
      expect(new Set(now.map(({ path }) => path))).toEqual(new Set(before.keys()));
    }
  });
});
