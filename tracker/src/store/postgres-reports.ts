import type { Queries } from "./postgres-connection.ts";
import { MAX_REPORTS_PER_SOURCE, type ReportStore, type SourceReport } from "./store.ts";

export function createReportStore(db: Queries): ReportStore {
  return {
    add: ({ peerId, fileId, reason, reporter, at }) =>
      db.transaction(async (queries) => {
        const peer = await queries.get<{ id: number }>(
          "UPDATE peers SET reported_at = greatest(reported_at, $1) WHERE peer_id = $2 RETURNING id",
          [at, peerId],
        );
        if (peer === undefined) return;
        await queries.run(
          `INSERT INTO reports (peer, file_id, reporter, reason, at) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (peer, file_id, reporter) DO UPDATE SET reason = excluded.reason, at = excluded.at`,
          [peer.id, fileId, reporter, reason, at],
        );
        await queries.run(
          `DELETE FROM reports WHERE peer = $1 AND file_id = $2 AND reporter IN (
             SELECT reporter FROM reports WHERE peer = $1 AND file_id = $2 ORDER BY at DESC, reporter OFFSET $3)`,
          [peer.id, fileId, MAX_REPORTS_PER_SOURCE],
        );
      }),
    ofFile: (fileId, since) =>
      db.all<Pick<SourceReport, "peerId" | "reason" | "at">>(
        `SELECT p.peer_id AS "peerId", r.reason, r.at FROM reports r JOIN peers p ON p.id = r.peer
         WHERE r.file_id = $1 AND r.at >= $2`,
        [fileId, since],
      ),
    async clearUnreachable(peerId, before) {
      await db.run(
        `DELETE FROM reports WHERE peer = (SELECT id FROM peers WHERE peer_id = $1) AND reason = 'unreachable' AND at < $2`,
        [peerId, before],
      );
    },
    async forget({ before, keep }) {
      await db.run("DELETE FROM reports WHERE at < $1", [before]);
      await db.run(
        "DELETE FROM reports WHERE at <= (SELECT at FROM reports ORDER BY at DESC OFFSET $1 LIMIT 1)",
        [keep],
      );
    },
  };
}
