import { setImmediate } from "node:timers/promises";
import { PanalError } from "@panal/sdk/thread";
import { baseKey } from "../search/base-key.ts";
import { createEntries } from "./sqlite-entries.ts";
import type { Database } from "./sqlite-schema.ts";
import type { ListState, ListStore } from "./store.ts";

/** Entries that are done in one go; other requests get their turn in between. */
const SLICE_ROWS = 500;
/** Blocks of a list that are cleared in one go. */
const CLEARED_BLOCKS = 8;
/** Names nobody has are dropped when there are so many: nobody finds them, and one by one they cost three times as much. */
const MIN_DROPPED = 2_000;
const MAX_DROPPED = 1_000;

type ListRow = { id: number; file_count: number; total_size: number };
type PeerListRow = { id: number; list: number; revision: number };

export function createListStore(db: Database): ListStore {
  const entries = createEntries(db);

  function requirePeer(peerId: string): PeerListRow {
    const row = db.get<PeerListRow>("SELECT id, list, revision FROM peers WHERE peer_id = ?", [peerId]);
    if (row === undefined) throw new PanalError("not-found", `peer ${peerId}: not registered`);
    return row;
  }

  function stagedList(peer: number, uploadId: string): ListRow | undefined {
    return db.get<ListRow>(
      "SELECT id, file_count, total_size FROM lists WHERE peer = ? AND state = 'staged' AND upload = ?",
      [peer, uploadId],
    );
  }

  function grow(list: number, { files, size }: { files: number; size: number }): void {
    db.run("UPDATE lists SET file_count = file_count + ?, total_size = total_size + ? WHERE id = ?", [
      files,
      size,
      list,
    ]);
  }

  function stateOf(peerId: string): ListState {
    return db.get<{ revision: number; fileCount: number }>(
      "SELECT p.revision, l.file_count AS fileCount FROM peers p JOIN lists l ON l.id = p.list WHERE p.peer_id = ?",
      [peerId],
    )!;
  }

  /** The list that the parts of an upload go to; another upload's before it is given up. */
  function openStaged(peer: number, uploadId: string, now: number): number {
    const known = stagedList(peer, uploadId);
    if (known !== undefined) {
      db.run("UPDATE lists SET touched_at = ? WHERE id = ?", [now, known.id]);
      return known.id;
    }
    db.run("UPDATE lists SET state = 'garbage', upload = NULL WHERE peer = ? AND state = 'staged'", [peer]);
    return db.run(
      "INSERT INTO lists (peer, state, upload, file_count, total_size, touched_at) VALUES (?, 'staged', ?, 0, 0, ?)",
      [peer, uploadId, now],
    ).id;
  }

  return {
    async stage({ peerId, files, uploadId, now }) {
      const peer = requirePeer(peerId);
      const writer = db.group.open();
      try {
        const list: { id?: number } = {};
        writer.write(1, () => (list.id = openStaged(peer.id, uploadId, now)));
        for (let start = 0; start < files.length; start += SLICE_ROWS) {
          await setImmediate();
          // The peer may have logged out, or started over, between two slices.
          if (stagedList(peer.id, uploadId)?.id !== list.id)
            throw new PanalError("conflict", `upload ${uploadId}: was given up`);
          const slice = files.slice(start, start + SLICE_ROWS);
          writer.write(slice.length, () => grow(list.id!, entries.add(list.id!, slice)));
        }
      } finally {
        await writer.close();
      }
      return stagedList(peer.id, uploadId)?.file_count ?? 0;
    },
    async commit({ peerId, uploadId, revision }) {
      return db.transaction(() => {
        const peer = requirePeer(peerId);
        const staged = stagedList(peer.id, uploadId);
        if (staged === undefined) throw new PanalError("conflict", `upload ${uploadId}: was given up`);
        db.run("UPDATE lists SET state = 'garbage' WHERE id = ?", [peer.list]);
        db.run("UPDATE lists SET state = 'current', upload = NULL WHERE id = ?", [staged.id]);
        db.run("UPDATE peers SET list = ?, revision = ? WHERE id = ?", [staged.id, revision, peer.id]);
        return stateOf(peerId);
      });
    },
    async patch({ peerId, baseRevision, revision, added, removed }) {
      entries.check(added);
      const writer = db.group.open();
      const done: { state?: ListState } = {};
      try {
        writer.write(added.length + removed.length, () => {
          const peer = requirePeer(peerId);
          if (peer.revision !== baseRevision) {
            throw new PanalError(
              "conflict",
              `baseRevision: the list has revision ${peer.revision}, not ${baseRevision}; send the whole list`,
            );
          }
          grow(peer.list, entries.remove(peer.list, removed));
          grow(peer.list, entries.change(peer.list, added));
          db.run("UPDATE peers SET revision = ? WHERE id = ?", [revision, peer.id]);
          done.state = stateOf(peerId);
        });
        // Others that have come meanwhile are committed with it.
        await setImmediate();
      } finally {
        await writer.close();
      }
      return done.state!;
    },
    async setBareNames(peerId, names) {
      db.transaction(() => {
        const peer = requirePeer(peerId);
        db.run("DELETE FROM bare_names WHERE peer = ?", [peer.id]);
        for (const { name, size } of names) {
          db.run("INSERT OR REPLACE INTO bare_names (peer, name, base, size) VALUES (?, ?, ?, ?)", [
            peer.id,
            name,
            baseKey(name),
            size ?? null,
          ]);
        }
      });
    },
    async collectGarbage({ abandonedBefore }) {
      return db.transaction(() => {
        db.run(
          "UPDATE lists SET state = 'garbage', upload = NULL WHERE state = 'staged' AND touched_at < ?",
          [abandonedBefore],
        );
        const list = db.get<{ id: number }>("SELECT id FROM lists WHERE state = 'garbage' LIMIT 1")?.id;
        if (list === undefined) {
          const { waiting } = db.get<{ waiting: number }>(
            "SELECT count(*) AS waiting FROM (SELECT 1 FROM unused LIMIT ?)",
            [MIN_DROPPED],
          )!;
          return waiting === MIN_DROPPED && entries.dropUnused(MAX_DROPPED);
        }
        for (let turn = 0; turn < CLEARED_BLOCKS; turn++) {
          if (entries.clearSome(list)) continue;
          db.run("DELETE FROM lists WHERE id = ?", [list]);
          break;
        }
        return true;
      });
    },
  };
}
