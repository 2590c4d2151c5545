import type { FileId } from "@panal/sdk";
import type { TrackerEvent } from "./events.ts";
import { fold } from "./search/fold.ts";
import { mayFind } from "./search/match-entry.ts";
import { type Wanted, parseSearch } from "./search/parse-search.ts";

/** Peers remembered for a file; of one that more have, or had, every peer's news is told. */
const MAX_HOLDERS = 1_000;

/** The peers that have a file, whether they are awake or not; `areAll`: there are no others. */
export type HolderFinder = (fileId: FileId) => Promise<{ peerIds: readonly string[]; areAll: boolean }>;

export interface EventFilterOptions {
  readonly q?: string | undefined;
  readonly fileId?: FileId | undefined;
  readonly findHolders: HolderFinder;
}

export interface EventFilter {
  matches(event: TrackerEvent): boolean;
  close(): void;
}

export interface EventFilters {
  /** Undefined when everything is wanted. */
  open(wanted: EventFilterOptions): EventFilter | undefined;
  /** To be told of each event, as it happens. */
  note(event: TrackerEvent): void;
}

/**
 * What a listener wants to hear of. A filter may let too much through, never too little: what it can't know (a list that
 * was replaced as a whole, a peer that may have the file by now) concerns everybody.
 */
export function createEventFilters(): EventFilters {
  const watched = new Map<FileId, WatchedFile>();

  function watch(fileId: FileId, findHolders: HolderFinder): EventFilter {
    const file = watched.get(fileId) ?? createWatchedFile(fileId, findHolders);
    watched.set(fileId, file);
    file.watchers++;
    let isOpen = true;
    return {
      matches: file.isConcerned,
      close() {
        if (!isOpen) return;
        isOpen = false;
        if (--file.watchers === 0) watched.delete(fileId);
      },
    };
  }

  return {
    open({ q = "", fileId, findHolders }) {
      const wanted = parseSearch({ q });
      const file = fileId === undefined ? undefined : watch(fileId, findHolders);
      if (q.trim() === "") return file;
      return {
        matches: (event) => concerns(event, wanted) && file?.matches(event) !== false,
        close: () => file?.close(),
      };
    },
    note({ type, peerId, added }) {
      if (type !== "files-changed") return;
      if (added === undefined) for (const file of watched.values()) file.mayHave(peerId);
      else for (const { fileId } of added) watched.get(fileId)?.mayHave(peerId);
    },
  };
}

interface WatchedFile {
  watchers: number;
  isConcerned(event: TrackerEvent): boolean;
  mayHave(peerId: string): void;
}

/** One for all who watch the same file. */
function createWatchedFile(fileId: FileId, findHolders: HolderFinder): WatchedFile {
  /** Who has it, or had it since it is watched: who lost it may go now, and that is one event too many at most. */
  const holders = new Set<string>();
  /** Until the store has answered, anybody may have it. */
  let isKnown = false;

  const mayAdd = ({ type, added }: TrackerEvent) =>
    type === "files-changed" && (added === undefined || added.some((file) => file.fileId === fileId));

  findHolders(fileId).then(
    ({ peerIds, areAll }) => {
      for (const peerId of peerIds) holders.add(peerId);
      isKnown = areAll;
    },
    // It stays unknown.
    () => {},
  );

  return {
    watchers: 0,
    isConcerned: (event) =>
      !isKnown || holders.size >= MAX_HOLDERS || holders.has(event.peerId) || mayAdd(event),
    mayHave(peerId) {
      if (holders.size < MAX_HOLDERS) holders.add(peerId);
    },
  };
}

/** A peer that comes or goes takes files with it that aren't looked at for each listener: it concerns everybody. */
function concerns({ type, name, added, removed }: TrackerEvent, wanted: Wanted): boolean {
  if (type !== "files-changed") return true;
  const { peerNames } = wanted;
  if (peerNames !== undefined && !peerNames.some((part) => fold(name).includes(part))) return false;
  if (added === undefined || removed === undefined) return true;
  return added.some((file) => mayFind(wanted, file)) || removed.some((path) => mayFind(wanted, { path }));
}
