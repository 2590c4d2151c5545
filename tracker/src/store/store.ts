import type { AnnouncedFile, FileId, FilesQuery, MediaKind } from "@panal/sdk";
import type { TrackerEvent } from "../events.ts";

// What the tracker remembers, behind interfaces that SQLite implements here and another database may elsewhere; each
// passes testing/store-suite.ts. Times are milliseconds since 1970. A peer's files form a list; a list is replaced as
// a whole by switching the peer to another, so that readers never see half of one.

/** Who asks, and when: what is not in the view is in no answer. */
export interface View {
  /** Peers seen last before this are not alive. */
  readonly aliveSince: number;
  /** Whether peers that only the tracker's own machine can reach are shown. */
  readonly includeLocalOnly: boolean;
}

export interface PeerProfile {
  readonly name: string;
  readonly version: string;
  readonly acceptsUploads: boolean;
  /** Base URLs, loopback ones included. */
  readonly urls: readonly string[];
  /** Those of them that the tracker itself may call. */
  readonly dialableUrls: readonly string[];
  readonly isLocalOnly: boolean;
  /** What the peer is to serve at its addresses; empty for one that registered before that was kept. */
  readonly nonce: string;
  /** The address its registration came from; empty when a proxy hid it. */
  readonly registeredFrom: string;
}

/** What the tracker found when it called a peer at one of its addresses. */
export interface ReachFinding {
  readonly url: string;
  readonly reachable: "yes" | "no" | "unknown";
  /** In words, for people. */
  readonly reason: string;
}

export interface PeerRecord extends PeerProfile {
  readonly peerId: string;
  readonly leaseHash: Uint8Array;
  /** Of its list; 0 before the first. */
  readonly revision: number;
  readonly fileCount: number;
  readonly totalSize: number;
  readonly registeredAt: number;
  readonly lastSeenAt: number;
  /** Of its last check; empty before the first since it registered. */
  readonly findings: readonly ReachFinding[];
  /** When that was; 0: not yet. */
  readonly checkedAt: number;
  /** When somebody last complained of it; 0: never. */
  readonly reportedAt: number;
}

/** A new peer, or a new profile of a known one: that with the same `peerId`. */
export interface PeerChange extends PeerProfile {
  readonly peerId: string;
  readonly leaseHash: Uint8Array;
  /** Addresses no other live peer may have. */
  readonly addressKeys: readonly string[];
  readonly seenAt: number;
  /** Peers that aren't alive by this lose the addresses to the newcomer, and with them their entry. */
  readonly aliveSince: number;
  /** Live peers that have been shown not to own the addresses any more: they go. */
  readonly replaces: readonly string[];
  /** A newcomer beyond these many peers is refused with "busy". */
  readonly maxPeers: number;
}

/** A live peer that has one of the addresses. */
export interface AddressConflict {
  readonly peerId: string;
  readonly keys: readonly string[];
  readonly lastSeenAt: number;
}

export interface Page<T> {
  readonly rows: T[];
  readonly nextCursor?: string;
}

export interface PageQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Who is there. */
export interface PeerStore {
  /** Adds or changes a peer, whose findings begin anew; or changes nothing, and gives the live peers that have its addresses. */
  save(peer: PeerChange): Promise<AddressConflict[]>;
  /** Whatever its state; undefined when there is none. */
  find(by: { peerId: string } | { leaseHash: Uint8Array }): Promise<PeerRecord | undefined>;
  /** Notes when peers were seen. Unknown ones are passed over, times never go back. Gives those that were silent until now. */
  touch(seen: readonly { peerId: string; seenAt: number }[]): Promise<PeerRecord[]>;
  /** Peers seen last before a time, each once until it is seen again, whoever asks. */
  fallSilent(options: { seenBefore: number }): Promise<PeerRecord[]>;
  /** Takes peers away, with all they announced; by id, or those seen last before a time. Gives their ids. */
  remove(which: { peerIds: readonly string[] } | { seenBefore: number }): Promise<string[]>;
  /** Those seen last in `{ start, end }`, end exclusive. */
  seenBetween(times: { start: number; end: number }): Promise<PeerRecord[]>;
  /** Live peers, in the order they registered. */
  list(view: View, query: PageQuery): Promise<Page<PeerRecord>>;
  /** Keeps what a check found; nothing (and gives false) when the peer is gone, or registered anew with another nonce. */
  noteReach(check: {
    peerId: string;
    nonce: string;
    findings: readonly ReachFinding[];
    checkedAt: number;
  }): Promise<boolean>;
}

/** Reports kept of one peer and one file: more reporters say nothing new. */
export const MAX_REPORTS_PER_SOURCE = 64;

/** What somebody says of a peer they wanted a file from: it sent wrong bytes, or didn't answer. */
export interface SourceReport {
  readonly peerId: string;
  readonly fileId: FileId;
  readonly reason: "corrupt" | "unreachable";
  /** Whoever counts as one. */
  readonly reporter: string;
  readonly at: number;
}

/** What clients say of sources. A reporter has one report for each peer and file: the last. They go with the peer. */
export interface ReportStore {
  /** Of a peer that isn't there: nothing. Of more than MAX_REPORTS_PER_SOURCE the oldest go. */
  add(report: SourceReport): Promise<void>;
  /** Those about sources of a file, not older than `since`. */
  ofFile(fileId: FileId, since: number): Promise<Pick<SourceReport, "peerId" | "reason" | "at">[]>;
  /** The peer was found there: what said before that time that it isn't goes. */
  clearUnreachable(peerId: string, before: number): Promise<void>;
  /** Forgets those older than `before`, and of more than `keep` the oldest. */
  forget(options: { before: number; keep: number }): Promise<void>;
}

/** A part of a list that is being replaced. */
export interface ListPart {
  readonly peerId: string;
  readonly files: readonly AnnouncedFile[];
  /** Parts with the same one belong together; another one starts over. */
  readonly uploadId: string;
  readonly now: number;
}

export interface ListState {
  readonly revision: number;
  readonly fileCount: number;
}

/** A name without a content id: to be found by exactly that name only. */
export interface BareName {
  readonly name: string;
  readonly size: number | undefined;
}

/** What peers announce. Unknown peers throw "not-found". */
export interface ListStore {
  /** Keeps a part of a list that isn't visible yet; gives the number of files so far. The last of two same paths counts. */
  stage(part: ListPart): Promise<number>;
  /** Makes the staged list the peer's, in place of its old one. */
  commit(upload: { peerId: string; uploadId: string; revision: number }): Promise<ListState>;
  /** All of the change or nothing: throws "conflict" unless the list has the base revision. */
  patch(patch: {
    peerId: string;
    baseRevision: number;
    revision: number;
    added: readonly AnnouncedFile[];
    removed: readonly string[];
  }): Promise<ListState>;
  setBareNames(peerId: string, names: readonly BareName[]): Promise<void>;
  /** Clears some of what nobody refers to any more; gives whether there is more. Staged lists from before `abandonedBefore` count. */
  collectGarbage(options: { abandonedBefore: number }): Promise<boolean>;
}

export interface FoundFile {
  readonly fileId: FileId;
  readonly size: number;
  readonly path: string;
  /** Base names, the most used first, at most ten. */
  readonly names: string[];
  readonly kind: MediaKind;
  readonly mtime: number;
  readonly peerCount: number;
}

export interface FileHolder {
  readonly peer: PeerRecord;
  readonly path: string;
  readonly mtime: number;
}

export interface NameHolder {
  readonly peer: PeerRecord;
  readonly fileId: FileId | undefined;
  readonly size: number | undefined;
}

/** A page of files, with what there is to say about the whole of it. */
interface FoundFiles extends Page<FoundFile> {
  /** On the first page: how many files of each kind match, whichever kinds are asked for. */
  readonly kinds?: Readonly<Record<MediaKind, number>>;
  /** There is more than was looked at: the counts are "at least". */
  readonly isCapped?: true;
  /** Nothing matched; the rows are those of these words instead. */
  readonly didYouMean?: string;
}

/** Names of a file in a list of files; chosen from so many of its paths, those that most peers have it under. */
export const MAX_NAMES_PER_ROW = 10;
export const MAX_PATHS_PER_ROW = 50;
/** What `FileIndex.file` gives of a file at most. */
export const MAX_NAMES_PER_FILE = 100;
export const MAX_HOLDERS = 500;
/** What `FileIndex.holdersOf` gives at most. */
export const MAX_NAME_HOLDERS = 200;

/** What is to be found, of live peers only. Cursors that aren't of the list throw "invalid". */
export interface FileIndex {
  /** As `searchFiles` decides; a store is a SearchSource to it. */
  search(view: View, query: SearchQuery): Promise<FoundFiles>;
  /** Undefined when no live peer has it. Names: the most used first; holders: the last seen first. */
  file(
    view: View,
    fileId: FileId,
  ): Promise<{ names: { path: string; peerCount: number }[]; holders: FileHolder[] } | undefined>;
  /** By path; only those that start with `prefix`. */
  peerFiles(
    view: View,
    peerId: string,
    query: PageQuery & { prefix: string },
  ): Promise<Page<{ path: string; fileId: FileId; size: number; mtime: number }>>;
  /** Who has a file, or a bare name, of exactly this base name, case aside. */
  holdersOf(view: View, fileName: string): Promise<NameHolder[]>;
  stats(view: View): Promise<{ peers: number; files: number; entries: number; totalSize: number }>;
}

export interface SearchQuery extends PageQuery {
  readonly q: string;
  readonly sort: NonNullable<FilesQuery["sort"]>;
  readonly ext?: string | undefined;
  readonly kind?: MediaKind | undefined;
  readonly minSize?: number | undefined;
  readonly maxSize?: number | undefined;
  readonly peer?: string | undefined;
}

/** What a change came to, and what there is to tell of it. */
export interface Changed<T> {
  readonly result: T;
  readonly events: readonly TrackerEvent[];
}

/** What the gateway looks at. */
export interface ReadOnlyStore {
  readonly peers: Pick<PeerStore, "find">;
  readonly index: Pick<FileIndex, "file">;
  measure: Store["measure"];
  ping: Store["ping"];
  close(): Promise<void>;
}

/** Everything the tracker keeps. */
export interface Store {
  readonly peers: PeerStore;
  readonly lists: ListStore;
  readonly index: FileIndex;
  readonly reports: ReportStore;
  /**
   * Makes a change and, where others follow what happens, records it for them: both, or neither. `work` may be called again,
   * when somebody else changed the same at the same time.
   */
  change<T>(work: (parts: Pick<Store, "peers" | "lists">) => Promise<Changed<T>>): Promise<Changed<T>>;
  /** Quickly, however many files there are: live peers, the files they announce (one each), and the size of the database. */
  measure(view: View): Promise<{ peers: number; entries: number; sizeBytes: number }>;
  /** Rejects when the database can't be used. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
