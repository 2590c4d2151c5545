import { fold } from "../search/fold.ts";
import { IS_VISIBLE, viewParams } from "./sqlite-peers.ts";
import type { Database } from "./sqlite-schema.ts";
import type { View } from "./store.ts";

/** Whose lists somebody sees, looked up once for each list that is met. For one answer: peers come and go. */
export interface Visibility {
  /** The id of the list's peer, if it is in the view. */
  peerOf(list: number): number | undefined;
  /** Of some lists, the number of those in the view. */
  count(lists: readonly number[]): number;
  /** Lists of these peers in the view; by id, and by parts of their folded names. */
  listsOf(peers: { peerId?: string | undefined; names?: readonly string[] | undefined }): PeerList[];
}

type NamedList = { name: string; list: number; fileCount: number };

export interface PeerList {
  readonly list: number;
  readonly fileCount: number;
}

export function createVisibility(db: Database, view: View): Visibility {
  const peers = new Map<number, number | undefined>();
  const params = viewParams(view);

  function peerOf(list: number): number | undefined {
    if (peers.has(list)) return peers.get(list);
    const id = db.get<{ id: number }>(`SELECT p.id FROM peers p WHERE p.list = ? AND ${IS_VISIBLE}`, [
      list,
      ...params,
    ])?.id;
    peers.set(list, id);
    return id;
  }

  return {
    peerOf,
    count(lists) {
      let count = 0;
      for (const list of lists) if (peerOf(list) !== undefined) count++;
      return count;
    },
    listsOf({ peerId, names }) {
      const columns = "p.name, l.id AS list, l.file_count AS fileCount";
      const from = "peers p JOIN lists l ON l.id = p.list";
      const rows =
        peerId === undefined
          ? db.all<NamedList>(`SELECT ${columns} FROM ${from} WHERE ${IS_VISIBLE}`, params)
          : db.all<NamedList>(`SELECT ${columns} FROM ${from} WHERE p.peer_id = ? AND ${IS_VISIBLE}`, [
              peerId,
              ...params,
            ]);
      return rows.filter(
        ({ name }) => names === undefined || names.some((part) => fold(name).includes(part)),
      );
    },
  };
}
