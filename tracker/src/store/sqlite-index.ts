import type { FileId } from "@panal/sdk";
import { baseName, createGate } from "@panal/sdk/thread";
import { baseKey } from "../search/base-key.ts";
import { formatCursor, parseCursor } from "../search/cursor.ts";
import { isNamed } from "../search/same-name.ts";
import { searchFiles } from "../search/search-files.ts";
import type { Hit } from "../search/search-source.ts";
import { blockBefore } from "./sqlite-blocks.ts";
import { comparePaths } from "./compare-paths.ts";
import { decodeBlock } from "./entry-block.ts";
import { allLists } from "./sqlite-holders.ts";
import {
  type Asking,
  type NameRow,
  createContents,
  nameRow,
  namesOfContent,
  rootsOf,
} from "./sqlite-name-rows.ts";
import { createContentFinder, fileIdFrom, kindOf } from "./sqlite-names.ts";
import { IS_VISIBLE, viewParams } from "./sqlite-peers.ts";
import { type PeerRow as AnyPeerRow, PEER_COLUMNS, SELECT_PEERS, peerFromRow } from "./peer-row.ts";
import { pathsFrom } from "./sqlite-paths.ts";
import { createSampler } from "./sqlite-sample.ts";
import type { Database } from "./sqlite-schema.ts";
import { createSearchSource } from "./sqlite-search.ts";
import { countContents } from "./sqlite-stats.ts";
import { type Visibility, createListOwners, createVisibility } from "./sqlite-visibility.ts";
import {
  type FileIndex,
  type FoundFile,
  type NameHolder,
  type View,
  MAX_HOLDERS,
  MAX_NAMES_PER_FILE,
  MAX_NAMES_PER_ROW,
  MAX_NAME_HOLDERS,
  MAX_PATHS_PER_ROW,
} from "./store.ts";

type PeerRow = AnyPeerRow<number>;

/**
 * Searches that take turns with each other, so that a short one passes long ones; the others wait in line. Each holds up to a
 * megabyte of what it has read: hundreds at once took more memory than all lists that come in, and none of them was done.
 */
const MAX_SEARCHES = 8;
/** Names of one base that are looked at. */
const MAX_SAME_BASES = 2_000;

export function createFileIndex(db: Database): FileIndex {
  const sampler = createSampler(db);
  const owners = createListOwners(db);
  const searches = createGate(MAX_SEARCHES);
  const visibilityOf = (view: View) => createVisibility(db, { owners: owners.current(), view });

  /** A content's names, the most used first. */
  function usedNames(seen: Visibility, names: readonly NameRow[]) {
    return names
      .flatMap((row) => {
        if (row.path === null) return [];
        const peers = seen.count(allLists(db, row.id, row.lists));
        return peers === 0 ? [] : [{ path: row.path, kind: kindOf(row.kind!), peers }];
      })
      .sort((a, b) => b.peers - a.peers || comparePaths(a.path, b.path));
  }

  function peersOf(seen: Visibility, names: readonly NameRow[]): number {
    return seen.count([...new Set(names.flatMap((row) => allLists(db, row.id, row.lists)))]);
  }

  function describe({ seen, contents }: Asking, hits: readonly Hit[]): FoundFile[] {
    const files = hits.map(({ file }) => file);
    contents.loadNames(files);
    const roots = rootsOf(db, files);
    return hits.flatMap(({ file, name }) => {
      const names = contents.namesOf(file);
      const [content] = names;
      const used = usedNames(seen, names).slice(0, MAX_PATHS_PER_ROW);
      const shown =
        name === undefined ? undefined : (names.find(({ id }) => id === name) ?? nameRow(db, name));
      const first =
        typeof shown?.path === "string" ? { path: shown.path, kind: kindOf(shown.kind!) } : used[0];
      const root = roots.get(file);
      if (content === undefined || root === undefined || first === undefined || used.length === 0) return [];
      const bases = new Set([baseName(first.path), ...used.map(({ path }) => baseName(path))]);
      return [
        {
          fileId: fileIdFrom(root, content.size!),
          size: content.size!,
          path: first.path,
          names: [...bases].slice(0, MAX_NAMES_PER_ROW),
          kind: first.kind,
          mtime: content.mtime!,
          peerCount: peersOf(seen, names),
        },
      ];
    });
  }

  function peerRow(condition: string, params: (string | number)[]): PeerRow | undefined {
    return db.get<PeerRow>(`${SELECT_PEERS} WHERE ${condition}`, params);
  }

  function mtimeIn(list: number, path: string, name: number): number | undefined {
    const block = blockBefore(db, list, path);
    return block && decodeBlock(block.entries).find((entry) => entry.name === name)?.mtime;
  }

  /** Who has a content: by list, under which names. */
  function holdersOf(seen: Visibility, names: readonly NameRow[]): Map<number, NameRow[]> {
    const holders = new Map<number, NameRow[]>();
    for (const row of names) {
      for (const list of allLists(db, row.id, row.lists)) {
        if (seen.peerOf(list) === undefined) continue;
        const known = holders.get(list);
        if (known === undefined) holders.set(list, [row]);
        else known.push(row);
      }
    }
    return holders;
  }

  function contentOf(row: NameRow): { fileId: FileId; size: number } | undefined {
    const content = db.get<{ root: Uint8Array; size: number }>("SELECT root, size FROM names WHERE id = ?", [
      row.file ?? row.id,
    ]);
    return content && { fileId: fileIdFrom(content.root, content.size), size: content.size };
  }

  return {
    search: (view, query) =>
      searches.run(async () => {
        const asking = { seen: visibilityOf(view), contents: createContents(db) };
        const source = createSearchSource(db, asking, sampler);
        const { hits, ...rest } = await searchFiles(source, view, query);
        return { rows: describe(asking, hits), ...rest };
      }),
    async file(view, fileId) {
      const seen = visibilityOf(view);
      const file = createContentFinder(db).find(fileId)?.id;
      if (file === undefined) return undefined;
      const names = namesOfContent(db, file);
      const holders = [...holdersOf(seen, names)].flatMap(([list, rows]) => {
        const peer = peerRow("p.list = ?", [list]);
        return peer === undefined ? [] : [{ list, peer, rows }];
      });
      if (holders.length === 0) return undefined;
      holders.sort((a, b) => b.peer.last_seen_at - a.peer.last_seen_at || a.peer.id - b.peer.id);
      return {
        names: usedNames(seen, names)
          .slice(0, MAX_NAMES_PER_FILE)
          .map(({ path, peers }) => ({ path, peerCount: peers })),
        // Times are in the lists: only those of holders that are shown are read.
        holders: holders.slice(0, MAX_HOLDERS).map(({ list, peer, rows }) => ({
          peer: peerFromRow(peer),
          path: rows.map((each) => each.path!).reduce((a, b) => (comparePaths(a, b) <= 0 ? a : b)),
          mtime: Math.max(...rows.map((each) => mtimeIn(list, each.path!, each.id) ?? 0)),
        })),
      };
    },
    async peerFiles(view, peerId, { prefix, cursor, limit }) {
      const after = cursor === undefined ? "" : parseCursor(cursor, "paths", [""])[0];
      const list = visibilityOf(view).listsOf({ peerId })[0]?.list;
      const rows = list === undefined ? [] : pathsFrom(db, list, { prefix, after, limit: limit + 1 });
      const page = rows.slice(0, limit).flatMap(({ row, path, mtime }) => {
        const content = contentOf(row);
        return content === undefined ? [] : [{ path, ...content, mtime }];
      });
      const last = rows[limit - 1];
      return {
        rows: page,
        ...(rows.length > limit && last ? { nextCursor: formatCursor("paths", [last.path]) } : {}),
      };
    },
    async holdersOf(view, fileName) {
      const seen = visibilityOf(view);
      const key = baseKey(fileName);
      const names = db.all<{ name: number }>("SELECT name FROM bases WHERE base = ? LIMIT ?", [
        key,
        MAX_SAME_BASES,
      ]);
      const files: { id: number; path: string; holder: NameHolder }[] = [];
      for (const { name } of names) {
        const row = nameRow(db, name);
        const content = row && contentOf(row);
        if (typeof row?.path !== "string" || content === undefined) continue;
        if (!isNamed(row.path, fileName)) continue;
        for (const list of holdersOf(seen, [row]).keys()) {
          const peer = peerRow("p.list = ?", [list]);
          if (peer !== undefined) {
            files.push({ id: peer.id, path: row.path, holder: { peer: peerFromRow(peer), ...content } });
          }
        }
        if (files.length >= MAX_SAME_BASES) break;
      }
      files.sort((a, b) => a.id - b.id || comparePaths(a.path, b.path));
      const bare = db
        .all<PeerRow & { bare: string; size: number | null }>(
          `SELECT ${PEER_COLUMNS}, b.name AS bare, b.size FROM bare_names b JOIN peers p ON p.id = b.peer
             JOIN lists l ON l.id = p.list WHERE b.base = ? AND ${IS_VISIBLE} ORDER BY p.id LIMIT ?`,
          [key, ...viewParams(view), MAX_NAME_HOLDERS],
        )
        .filter((row) => isNamed(row.bare, fileName))
        .map((row) => ({ peer: peerFromRow(row), fileId: undefined, size: row.size ?? undefined }));
      return [...files.map(({ holder }) => holder), ...bare].slice(0, MAX_NAME_HOLDERS);
    },
    async stats(view) {
      const peers = db.get<{ peers: number; entries: number }>(
        `SELECT count(*) AS peers, coalesce(sum(l.file_count), 0) AS entries FROM peers p
           JOIN lists l ON l.id = p.list WHERE ${IS_VISIBLE}`,
        viewParams(view),
      )!;
      return { ...peers, ...(await countContents(db, visibilityOf(view))) };
    },
  };
}
