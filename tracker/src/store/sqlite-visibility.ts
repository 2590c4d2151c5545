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

/** Peers by their lists. Searches meet the same ones again and again: they are kept until anything changes. */
export interface ListOwners {
  ofList(list: number): ListOwner | undefined;
}

type ListOwner = { readonly id: number; readonly seenAt: number; readonly isLocalOnly: number };

export function createListOwners(db: Database): { current(): ListOwners } {
  let version: string | undefined;
  let owners = new Map<number, ListOwner | undefined>();

  function read(list: number): ListOwner | undefined {
    return db.get<ListOwner>(
      "SELECT id, last_seen_at AS seenAt, is_local_only AS isLocalOnly FROM peers WHERE list = ?",
      [list],
    );
  }

  return {
    current() {
      const now = db.version();
      if (now !== version) owners = new Map();
      version = now;
      const known = owners;
      return {
        ofList(list) {
          if (!known.has(list)) known.set(list, read(list));
          return known.get(list);
        },
      };
    },
  };
}

export function createVisibility(
  db: Database,
  { owners, view }: { owners: ListOwners; view: View },
): Visibility {
  const params = viewParams(view);
  const [aliveSince, maxLocalOnly] = params;

  /** As IS_VISIBLE says. */
  function peerOf(list: number): number | undefined {
    const owner = owners.ofList(list);
    const isSeen = owner !== undefined && owner.seenAt >= aliveSince && owner.isLocalOnly <= maxLocalOnly;
    return isSeen ? owner.id : undefined;
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
