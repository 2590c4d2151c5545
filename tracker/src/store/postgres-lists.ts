import { type AnnouncedFile, PanalError } from "@panal/sdk";
import { baseKey } from "../search/base-key.ts";
import { invalidField } from "../invalid-fields.ts";
import type { Queries } from "./postgres-connection.ts";
import { CollisionError } from "./postgres-errors.ts";
import {
  type TimedFile,
  columnsOf,
  dropUnused,
  ensureNames,
  pathKey,
  placeOf,
  sweepWords,
} from "./postgres-names.ts";
import type { ListState, ListStore } from "./store.ts";

/** Files of one transaction of a long job: eight round trips. */
const BATCH_ROWS = 2_000;
/** Words looked at in one turn of clearing up; common ones take some milliseconds each. */
const SWEPT_WORDS = 50;

interface PeerListRow {
  id: number;
  list: number;
  revision: number;
}

export function createListStore(db: Queries): ListStore {
  return {
    async stage({ peerId, files, uploadId, now }) {
      const timed = files.map((file) => ({ file, mtime: timeOf(file) }));
      const { list, peer } = await db.transaction((queries) =>
        openStaged(queries, { peerId, uploadId, now }),
      );
      let fileCount = 0;
      // Also without files: it says how many there are.
      for (let start = 0; start === 0 || start < timed.length; start += BATCH_ROWS) {
        fileCount = await db.transaction(async (queries) => {
          // The peer may have logged out, or started over, between two batches. Locked: parts may come to several replicas.
          const staged = await stagedList(queries, peer, uploadId);
          if (staged?.id !== list) throw givenUp(uploadId);
          return addEntries(queries, list, timed.slice(start, start + BATCH_ROWS));
        });
      }
      return fileCount;
    },
    commit: ({ peerId, uploadId, revision }) =>
      db.transaction(async (queries) => {
        const peer = await requirePeer(queries, peerId);
        const staged = await stagedList(queries, peer.id, uploadId);
        if (staged === undefined) throw givenUp(uploadId);
        await queries.run("UPDATE lists SET state = 'garbage' WHERE id = $1", [peer.list]);
        await queries.run("UPDATE lists SET state = 'current', upload = NULL WHERE id = $1", [staged.id]);
        await queries.run("UPDATE peers SET list = $1, revision = $2 WHERE id = $3", [
          staged.id,
          revision,
          peer.id,
        ]);
        return { revision, fileCount: staged.file_count };
      }),
    patch: ({ peerId, baseRevision, revision, added, removed }) =>
      db.transaction(async (queries) => {
        const peer = await requirePeer(queries, peerId);
        if (peer.revision !== baseRevision) {
          throw new PanalError(
            "conflict",
            `baseRevision: the list has revision ${peer.revision}, not ${baseRevision}; send the whole list`,
          );
        }
        const timed = added.map((file) => ({ file, mtime: timeOf(file) }));
        await removeEntries(queries, peer.list, removed);
        for (let start = 0; start < timed.length; start += BATCH_ROWS)
          await addEntries(queries, peer.list, timed.slice(start, start + BATCH_ROWS));
        await queries.run("UPDATE peers SET revision = $1 WHERE id = $2", [revision, peer.id]);
        return stateOf(queries, peer.id);
      }),
    setBareNames: (peerId, names) =>
      db.transaction(async (queries) => {
        const peer = await requirePeer(queries, peerId);
        await queries.run("DELETE FROM bare_names WHERE peer = $1", [peer.id]);
        const last = [...new Map(names.map((each) => [each.name, each])).values()];
        await queries.run(
          `INSERT INTO bare_names (peer, path_key, name, base, size)
           SELECT $1::bigint, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[])`,
          [
            peer.id,
            last.map(({ name }) => pathKey(name)),
            last.map(({ name }) => name),
            last.map(({ name }) => baseKey(name)),
            last.map(({ size }) => size ?? null),
          ],
        );
      }),
    collectGarbage: ({ abandonedBefore }) =>
      db.transaction(async (queries) => {
        await queries.run(
          "UPDATE lists SET state = 'garbage', upload = NULL WHERE state = 'staged' AND touched_at < $1",
          [abandonedBefore],
        );
        // Each replica clears another list.
        const list = await queries.get<{ id: number }>(
          "SELECT id FROM lists WHERE state = 'garbage' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED",
        );
        if (list === undefined) return (await sweepWords(queries, SWEPT_WORDS)) === SWEPT_WORDS;
        if (await clearList(queries, list.id)) await sweepWords(queries, SWEPT_WORDS);
        return true;
      }),
  };
}

function givenUp(uploadId: string): PanalError {
  return new PanalError("conflict", `upload ${uploadId}: was given up`);
}

/** Milliseconds since 1970; throws "invalid" for a time the calendar doesn't have. */
function timeOf(file: AnnouncedFile): number {
  const time = Date.parse(file.mtime);
  if (Number.isNaN(time)) throw invalidField("mtime", `no such time: ${file.mtime}`);
  return time;
}

/** Locked: what a peer changes at two replicas at once comes one after the other. */
async function requirePeer(db: Queries, peerId: string): Promise<PeerListRow> {
  const row = await db.get<PeerListRow>(
    "SELECT id, list, revision FROM peers WHERE peer_id = $1 FOR UPDATE",
    [peerId],
  );
  if (row === undefined) throw new PanalError("not-found", `peer ${peerId}: not registered`);
  return row;
}

function stagedList(db: Queries, peer: number, uploadId: string) {
  return db.get<{ id: number; file_count: number }>(
    "SELECT id, file_count FROM lists WHERE peer = $1 AND state = 'staged' AND upload = $2 FOR UPDATE",
    [peer, uploadId],
  );
}

async function stateOf(db: Queries, peer: number): Promise<ListState> {
  return (await db.get<ListState>(
    `SELECT p.revision, l.file_count AS "fileCount" FROM peers p JOIN lists l ON l.id = p.list WHERE p.id = $1`,
    [peer],
  ))!;
}

/** The list that the parts of an upload go into; another upload of the peer is given up for it. */
async function openStaged(
  db: Queries,
  { peerId, uploadId, now }: { peerId: string; uploadId: string; now: number },
): Promise<{ list: number; peer: number }> {
  const peer = (await requirePeer(db, peerId)).id;
  const known = await stagedList(db, peer, uploadId);
  if (known !== undefined) {
    await db.run("UPDATE lists SET touched_at = $1 WHERE id = $2", [now, known.id]);
    return { list: known.id, peer };
  }
  await db.run("UPDATE lists SET state = 'garbage', upload = NULL WHERE peer = $1 AND state = 'staged'", [
    peer,
  ]);
  const { id } = (await db.get<{ id: number }>(
    `INSERT INTO lists (peer, state, upload, file_count, total_size, touched_at)
     VALUES ($1, 'staged', $2, 0, 0, $3) RETURNING id`,
    [peer, uploadId, now],
  ))!;
  return { list: id, peer };
}

interface Added {
  readonly kept: number;
  readonly keptSize: number;
  readonly replaced: number;
  readonly replacedSize: number;
  readonly unused: number[] | null;
}

/** Gives the number of files in the list then. */
async function addEntries(db: Queries, list: number, files: readonly TimedFile[]): Promise<number> {
  const byPath = [...new Map(files.map((each) => [each.file.path, each])).values()];
  const { roots, sizes, keys, mtimes } = columnsOf(byPath);
  if (byPath.length > 0) await ensureNames(db, byPath);
  // The rows as they were before are seen by all parts of one statement.
  const added = (await db.get<Added>(
    `WITH wanted AS (
       SELECT w.path_key, w.place, w.mtime, n.id AS name, f.size
       FROM unnest($2::text[], $3::bigint[], $4::uuid[], $5::text[], $6::bigint[]) AS w (root, size, path_key, place, mtime)
         JOIN files f ON f.root = decode(w.root, 'hex') AND f.size = w.size
         JOIN names n ON n.file = f.id AND n.path_key = w.path_key),
     before AS (
       SELECT e.name, w.name AS new_name, f.size FROM wanted w
         JOIN entries e ON e.list = $1 AND e.path_key = w.path_key
         JOIN names n ON n.id = e.name JOIN files f ON f.id = n.file),
     added AS (
       INSERT INTO entries (list, path_key, name, place, mtime)
       SELECT $1, w.path_key, w.name, w.place, w.mtime FROM wanted w
       ON CONFLICT (list, path_key) DO UPDATE SET name = excluded.name, mtime = excluded.mtime)
     SELECT (SELECT count(*) FROM wanted) AS kept,
       (SELECT coalesce(sum(size), 0)::double precision FROM wanted) AS "keptSize",
       count(*) AS replaced, coalesce(sum(size), 0)::double precision AS "replacedSize",
       json_agg(name) FILTER (WHERE name <> new_name) AS unused
     FROM before`,
    [list, roots, sizes, keys, byPath.map(({ file }) => placeOf(file.path)), mtimes],
  ))!;
  if (added.kept !== byPath.length) throw new CollisionError("a name went while it was used");
  const { file_count: fileCount } = (await db.get<{ file_count: number }>(
    "UPDATE lists SET file_count = file_count + $1, total_size = total_size + $2 WHERE id = $3 RETURNING file_count",
    [added.kept - added.replaced, added.keptSize - added.replacedSize, list],
  ))!;
  if (added.unused !== null) await dropUnused(db, added.unused);
  return fileCount;
}

async function removeEntries(db: Queries, list: number, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  const gone = await db.all<{ name: number; size: number }>(
    `WITH gone AS (DELETE FROM entries WHERE list = $1 AND path_key = ANY($2::uuid[]) RETURNING name)
     SELECT g.name, f.size FROM gone g JOIN names n ON n.id = g.name JOIN files f ON f.id = n.file`,
    [list, paths.map(pathKey)],
  );
  await db.run("UPDATE lists SET file_count = file_count - $1, total_size = total_size - $2 WHERE id = $3", [
    gone.length,
    gone.reduce((sum, { size }) => sum + size, 0),
    list,
  ]);
  await dropUnused(
    db,
    gone.map(({ name }) => name),
  );
}

/** Clears a part of a list that nobody sees; gives whether that was all of it. */
async function clearList(db: Queries, list: number): Promise<boolean> {
  const gone = await db.all<{ name: number }>(
    `DELETE FROM entries WHERE list = $1 AND path_key IN (SELECT path_key FROM entries WHERE list = $1 LIMIT $2)
     RETURNING name`,
    [list, BATCH_ROWS],
  );
  await dropUnused(
    db,
    gone.map(({ name }) => name),
  );
  if (gone.length === BATCH_ROWS) return false;
  await db.run("DELETE FROM lists WHERE id = $1", [list]);
  return true;
}
