import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Store } from "../store.ts";
import { describeFileIndex } from "./file-index-suite.ts";
import { describeListStore } from "./list-store-suite.ts";
import { describePeerStore } from "./peer-store-suite.ts";
import { describeReportStore } from "./report-store-suite.ts";
import { EVERYTHING, fileOf, sampleFileId, storeUnderTest } from "./sample-entries.ts";
import { describeSearchLanguage } from "./search-language-suite.ts";
import { describeSearch } from "./search-suite.ts";

/** One place a store keeps its data in, empty at first. */
export interface StorePlace {
  readonly store: Store;
  /** A new store over this place; the one before is closed. */
  reopen(): Store;
  remove(): Promise<void>;
}

/** The contract of Store, for every implementation. `isPersistent`: what is in it outlives the process. */
export function describeStore(
  name: string,
  { isPersistent, createPlace }: { isPersistent: boolean; createPlace: () => Promise<StorePlace> },
): void {
  describe(`${name} as a Store`, () => {
    let place: StorePlace;
    let store: Store;
    const at = storeUnderTest(() => store);

    beforeEach(async () => {
      place = await createPlace();
      ({ store } = place);
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    describePeerStore(at);
    describeListStore(at);
    describeSearch(at);
    describeSearchLanguage(at);
    describeFileIndex(at);
    describeReportStore(at);

    test("measure() counts what is live, and the size grows with what is kept", async () => {
      const empty = await at.store.measure(EVERYTHING);
      expect(empty).toMatchObject({ peers: 0, entries: 0 });
      const files = Array.from({ length: 500 }, (_, n) => fileOf(`winter-${n}.txt`, n));
      await at.share("ana", files, { seenAt: 1_000 });
      await at.share("ben", [fileOf("winter-1.txt", 1)], { seenAt: 2_000 });
      const full = await at.store.measure(EVERYTHING);
      expect(full).toMatchObject({ peers: 2, entries: 501 });
      expect(full.sizeBytes).toBeGreaterThan(empty.sizeBytes);
      const later = { aliveSince: 1_500, includeLocalOnly: true };
      expect(await at.store.measure(later)).toMatchObject({ peers: 1, entries: 1 });
    });

    if (isPersistent) {
      test("everything is there after a restart", async () => {
        await at.share("ana", [fileOf("winter.txt", 1)]);
        await at.store.lists.setBareNames("ana", [{ name: "bare", size: undefined }]);
        await at.store.lists.stage({ peerId: "ana", files: [fileOf("next.txt", 2)], uploadId: "u", now: 1 });
        const findings = [{ url: "http://10.0.0.1/ana", reachable: "yes", reason: "answered" }] as const;
        await at.store.peers.noteReach({ peerId: "ana", nonce: "nonce of ana", findings, checkedAt: 1_500 });
        const report = { peerId: "ana", fileId: sampleFileId(1), reporter: "10.9.0.1", at: 1_600 };
        await at.store.reports.add({ ...report, reason: "corrupt" });
        const before = await at.store.peers.find({ peerId: "ana" });
        await at.store.close();
        store = place.reopen();
        expect(await at.store.peers.find({ peerId: "ana" })).toEqual(before);
        expect(before).toMatchObject({ findings, checkedAt: 1_500, reportedAt: 1_600 });
        expect(await at.store.reports.ofFile(sampleFileId(1), 0)).toHaveLength(1);
        expect(await at.pathsOf({ q: "winter" })).toEqual(["winter.txt"]);
        expect((await at.store.index.holdersOf(EVERYTHING, "bare")).length).toBe(1);
        await at.store.lists.commit({ peerId: "ana", uploadId: "u", revision: 2 });
        expect(await at.pathsOf({})).toEqual(["next.txt"]);
      });
    }
  });
}
