import {
  type Clock,
  type PanalError,
  type TrackerClient,
  type TrackerSession,
  announcedFile,
  keepRegistered,
} from "@panal/sdk";
import type { SharedFile, SharedFiles } from "./shared-files.ts";

/** Entries in one change; the tracker takes more, but not of everybody at once. */
const MAX_CHANGES = 5_000;

export interface AnnounceShareOptions {
  tracker: TrackerClient;
  shared: SharedFiles;
  profile: { readonly name: string; readonly version: string };
  /** Undefined while the tracker knows nothing of us. */
  onSession: (session: TrackerSession | undefined) => void;
  /** Undefined: all is well. */
  onTrouble: (error: PanalError | undefined) => void;
  clock?: Clock;
  /** Milliseconds since 1970. */
  now?: () => number;
}

export interface ShareAnnouncer {
  /** Asks the tracker at once whether it still knows us. */
  check(): void;
  /** Logs out. */
  close(): Promise<void>;
}

/**
 * Keeps the entry of a tab at the tracker (`keepRegistered`), as a peer that answers over the relay, and announces each file as it
 * comes.
 */
export function announceShare(options: AnnounceShareOptions): ShareAnnouncer {
  const { tracker, shared, profile, onSession, onTrouble, clock, now = Date.now } = options;
  /** Of the list as the tracker has it; begins where no earlier list of ours has been. */
  let revision = now();
  /** What the tracker has of us, by path; undefined when nobody knows. */
  let announced: Map<string, SharedFile> | undefined;
  let isChanged = false;

  async function sendChanges({ peerId, lease }: TrackerSession, signal: AbortSignal): Promise<void> {
    isChanged = false;
    if (announced === undefined) {
      const all = new Map(Array.from(shared.all(), (file) => [file.path, file]));
      const files = Array.from(all.values(), announcedOf);
      ({ revision } = await tracker.putFiles(peerId, { revision: revision + 1, files }, { lease, signal }));
      announced = all;
      return;
    }
    const { added, removed, isAll } = changesSince(announced, shared);
    if (!isAll) isChanged = true;
    if (added.length === 0 && removed.length === 0) return;
    const known = announced;
    // Whether a change that got no answer arrived, nobody knows: then everything is sent again.
    announced = undefined;
    const change = { baseRevision: revision, revision: revision + 1, removed };
    const patch = { ...change, added: added.map(announcedOf) };
    ({ revision } = await tracker.patchFiles(peerId, patch, { lease, signal }));
    for (const path of removed) known.delete(path);
    for (const file of added) known.set(file.path, file);
    announced = known;
  }

  const registration = keepRegistered({
    tracker,
    register: (_known, signal) => tracker.register({ ...profile, relay: true }, { signal }),
    list: {
      hasChanges: () => isChanged || announced === undefined,
      send: sendChanges,
      forgetSent: () => (announced = undefined),
    },
    onHeartbeat(answer) {
      if (answer.revision !== revision) announced = undefined;
    },
    onSession,
    onFine: () => onTrouble(undefined),
    onTrouble,
    clock,
  });
  const unsubscribe = shared.subscribe(() => {
    isChanged = true;
    registration.changed();
  });
  return {
    check: () => registration.check(),
    async close() {
      unsubscribe();
      // When it doesn't hear of it, it notices by itself: the relay says that we have gone.
      await registration.close();
    },
  };
}

function changesSince(announced: ReadonlyMap<string, SharedFile>, shared: SharedFiles) {
  const added: SharedFile[] = [];
  const gone = new Set(announced.keys());
  for (const file of shared.all()) {
    gone.delete(file.path);
    if (announced.get(file.path) !== file) added.push(file);
  }
  const isAll = added.length <= MAX_CHANGES && gone.size <= MAX_CHANGES;
  return { added: added.slice(0, MAX_CHANGES), removed: [...gone].slice(0, MAX_CHANGES), isAll };
}

function announcedOf({ path, manifest, mtimeMs }: SharedFile) {
  return announcedFile({ path, fileId: manifest.fileId, mtimeMs });
}
