import { describe, expect, test } from "vitest";
import { MAX_REPORTS_PER_SOURCE, type SourceReport } from "../store.ts";
import { type StoreUnderTest, peerOf, sampleFileId } from "./sample-entries.ts";

const FILE = sampleFileId(1);

function reportOf(changes: Partial<SourceReport>): SourceReport {
  return { peerId: "ana", fileId: FILE, reason: "corrupt", reporter: "10.9.0.1", at: 5_000, ...changes };
}

/** The contract of ReportStore. */
export function describeReportStore(at: StoreUnderTest): void {
  const ofFile = async (since = 0) =>
    (await at.store.reports.ofFile(FILE, since))
      .map(({ peerId, reason, at: time }) => `${time} ${peerId} ${reason}`)
      .sort();

  describe("reports", () => {
    test("ofFile() gives those about sources of the file, not older than asked for", async () => {
      for (const peerId of ["ana", "bea"]) await at.store.peers.save(peerOf(peerId));
      await at.store.reports.add(reportOf({ at: 1_000 }));
      await at.store.reports.add(reportOf({ at: 2_000, reporter: "10.9.0.2", reason: "unreachable" }));
      await at.store.reports.add(reportOf({ at: 3_000, peerId: "bea" }));
      await at.store.reports.add(reportOf({ at: 4_000, fileId: sampleFileId(2) }));
      expect(await ofFile()).toEqual(["1000 ana corrupt", "2000 ana unreachable", "3000 bea corrupt"]);
      expect(await ofFile(2_000)).toEqual(["2000 ana unreachable", "3000 bea corrupt"]);
      expect(await at.store.peers.find({ peerId: "ana" })).toMatchObject({ reportedAt: 4_000 });
      expect(await at.store.peers.find({ peerId: "bea" })).toMatchObject({ reportedAt: 3_000 });
    });

    test("add() keeps one of each reporter for a peer and a file: the last", async () => {
      await at.store.peers.save(peerOf("ana"));
      for (let n = 0; n < 10; n++) await at.store.reports.add(reportOf({ at: 1_000 + n }));
      await at.store.reports.add(reportOf({ at: 2_000, reason: "unreachable" }));
      expect(await ofFile()).toEqual(["2000 ana unreachable"]);
    });

    test("add() passes over a peer that isn't there, and reports go with their peer", async () => {
      await at.store.reports.add(reportOf({ peerId: "nobody" }));
      expect(await ofFile()).toEqual([]);
      await at.store.peers.save(peerOf("ana"));
      await at.store.reports.add(reportOf({}));
      await at.store.peers.remove({ peerIds: ["ana"] });
      await at.store.peers.save(peerOf("ana"));
      expect(await ofFile()).toEqual([]);
      expect(await at.store.peers.find({ peerId: "ana" })).toMatchObject({ reportedAt: 0 });
    });

    test("add() keeps the newest of so many that more say nothing new", async () => {
      await at.store.peers.save(peerOf("ana"));
      const all = Array.from({ length: MAX_REPORTS_PER_SOURCE + 3 }, (_, n) => n);
      for (const n of all) await at.store.reports.add(reportOf({ at: 1_000 + n, reporter: `10.9.1.${n}` }));
      expect(await ofFile()).toEqual(
        all
          .slice(3)
          .map((n) => `${1_000 + n} ana corrupt`)
          .sort(),
      );
    });

    test("clearUnreachable() takes what was said of one peer before a time, and nothing of wrong bytes", async () => {
      for (const peerId of ["ana", "bea"]) await at.store.peers.save(peerOf(peerId));
      await at.store.reports.add(reportOf({ at: 1_000, reason: "unreachable", reporter: "a" }));
      await at.store.reports.add(reportOf({ at: 1_500, reporter: "b" }));
      await at.store.reports.add(reportOf({ at: 2_000, reason: "unreachable", reporter: "c" }));
      await at.store.reports.add(reportOf({ at: 1_000, reason: "unreachable", peerId: "bea" }));
      await at.store.reports.clearUnreachable("ana", 2_000);
      expect(await ofFile()).toEqual(["1000 bea unreachable", "1500 ana corrupt", "2000 ana unreachable"]);
      await at.store.reports.clearUnreachable("nobody", 9_000);
    });

    test("forget() takes the old ones, and of too many the oldest", async () => {
      await at.store.peers.save(peerOf("ana"));
      for (let n = 0; n < 6; n++)
        await at.store.reports.add(reportOf({ at: 1_000 + n, reporter: String(n) }));
      await at.store.reports.forget({ before: 1_002, keep: 100 });
      expect(await ofFile()).toEqual([2, 3, 4, 5].map((n) => `${1_000 + n} ana corrupt`));
      await at.store.reports.forget({ before: 0, keep: 2 });
      expect(await ofFile()).toEqual([4, 5].map((n) => `${1_000 + n} ana corrupt`));
    });
  });
}
