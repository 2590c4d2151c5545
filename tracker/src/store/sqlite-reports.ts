import type { Database } from "./sqlite-schema.ts";
import { MAX_REPORTS_PER_SOURCE, type ReportStore, type SourceReport } from "./store.ts";

export function createReportStore(db: Database): ReportStore {
  return {
    async add({ peerId, fileId, reason, reporter, at }) {
      db.transaction(() => {
        const peer = db.get<{ id: number }>("SELECT id FROM peers WHERE peer_id = ?", [peerId])?.id;
        if (peer === undefined) return;
        db.run(
          "INSERT OR REPLACE INTO reports (peer, file_id, reporter, reason, at) VALUES (?, ?, ?, ?, ?)",
          [peer, fileId, reporter, reason, at],
        );
        db.run(
          `DELETE FROM reports WHERE peer = ? AND file_id = ? AND reporter IN (
             SELECT reporter FROM reports WHERE peer = ? AND file_id = ? ORDER BY at DESC, reporter LIMIT -1 OFFSET ?)`,
          [peer, fileId, peer, fileId, MAX_REPORTS_PER_SOURCE],
        );
        db.run("UPDATE peers SET reported_at = max(reported_at, ?) WHERE id = ?", [at, peer]);
      });
    },
    async ofFile(fileId, since) {
      return db.all<Pick<SourceReport, "peerId" | "reason" | "at">>(
        `SELECT p.peer_id AS peerId, r.reason, r.at FROM reports r JOIN peers p ON p.id = r.peer
         WHERE r.file_id = ? AND r.at >= ?`,
        [fileId, since],
      );
    },
    async clearUnreachable(peerId, before) {
      db.run(
        `DELETE FROM reports WHERE peer = (SELECT id FROM peers WHERE peer_id = ?) AND reason = 'unreachable' AND at < ?`,
        [peerId, before],
      );
    },
    async forget({ before, keep }) {
      db.transaction(() => {
        db.run("DELETE FROM reports WHERE at < ?", [before]);
        const oldestKept = db.get<{ at: number }>(
          "SELECT at FROM reports ORDER BY at DESC LIMIT 1 OFFSET ?",
          [keep],
        );
        if (oldestKept !== undefined) db.run("DELETE FROM reports WHERE at <= ?", [oldestKept.at]);
      });
    },
  };
}
