import {
  type FileDetails,
  type FileId,
  PanalError,
  type Source,
  type SourceList,
  type TrackerClient,
  baseName,
  followFileSources,
  isAbort,
  trackerEvents,
} from "@panal/sdk";
import { createNodePeerSource } from "@panal/sdk/node";
import { UsageError } from "./exit-codes.ts";
import { peerAt } from "./peer-at.ts";
import { type Ask, chooseFile, parseWanted } from "./find-file.ts";
import { trackerAt } from "./options.ts";

export interface FindSourcesOptions {
  /** The tracker's URL. */
  tracker: string;
  /** Whether somebody named that tracker; one that is only the default isn't asked when there are peers. */
  isTrackerNamed: boolean;
  /** URLs of peers. */
  peer: readonly string[];
  ask: Ask;
  signal: AbortSignal;
  /** Whether a peer the tracker names is this process itself. */
  isUs: (peer: FileDetails["peers"][number]) => boolean;
  /** Whether the tracker is told of bad peers. */
  reports: boolean;
  /** Takes a sentence for people, also while the download runs. */
  note: (sentence: string) => void;
}

/** What is to be fetched, and from whom. */
export interface Found {
  readonly fileId: FileId;
  /** As somebody else calls it; undefined when nobody has told. */
  readonly name?: string;
  /** The tracker that is asked, if any is. */
  readonly trackerUrl?: string;
  /** When the file was last changed, if a peer says. */
  readonly mtime?: Date;
  readonly sources: SourceList | readonly Source[];
}

/**
 * Words, a file id or a link, and who has that file: its peers by the tracker, as they come and go until the signal
 * fires, and those named by URL. With the latter the tracker may be away. Throws "not-found", a UsageError ...
 */
export async function findSources(words: readonly string[], options: FindSourcesOptions): Promise<Found> {
  const wanted = parseWanted(words);
  const peers = options.peer.map(sourceAt);
  const trackerUrl = wanted.type === "file" ? wanted.trackerUrl : undefined;
  if (peers.length > 0 && !options.isTrackerNamed && trackerUrl === undefined) {
    if (wanted.type === "file") return { fileId: wanted.fileId, sources: peers };
    throw new UsageError(
      `with --peer and without --tracker, say which file by its file id: peer-node ls ${options.peer[0]} --json shows them`,
    );
  }
  const tracker = trackerAt(trackerUrl ?? options.tracker);
  const fileId = wanted.type === "file" ? wanted.fileId : await findByWords(wanted.words, tracker, options);
  try {
    return await fromTracker(fileId, tracker, { ...options, peers });
  } catch (error) {
    if (peers.length === 0 || isAbort(error)) throw error;
    options.note(`${PanalError.from(error).message}. Going on with --peer alone.`);
    return { fileId, trackerUrl: tracker.url, sources: peers };
  }
}

/** Only a tracker knows words; with a peer at hand and no tracker it takes a file id. */
async function findByWords(
  words: string,
  tracker: TrackerClient,
  { ask, peer }: FindSourcesOptions,
): Promise<FileId> {
  try {
    return (await chooseFile(words, tracker, ask)).fileId;
  } catch (error) {
    const { code, message } = PanalError.from(error);
    if (peer.length === 0 || (code !== "unreachable" && code !== "timeout")) throw error;
    throw new UsageError(
      `${message}. Without it, say which file by its file id: peer-node ls ${peer[0]} --json shows them.`,
    );
  }
}

async function fromTracker(
  fileId: FileId,
  tracker: TrackerClient,
  options: FindSourcesOptions & { peers: readonly Source[] },
): Promise<Found> {
  let details: FileDetails | undefined;
  const sources = await followFileSources({
    fileId,
    tracker,
    signal: options.signal,
    isExcluded: options.isUs,
    createSource: createNodePeerSource,
    events: trackerEvents,
    reports: options.reports,
    onDetails: (current) => (details = current),
    onTracker: ({ type }) =>
      options.note(
        type === "away"
          ? "The tracker doesn't answer; going on with the peers that are known."
          : "The tracker is back.",
      ),
  });
  for (const peer of options.peers) sources.add(peer);
  const newestMs = Math.max(...(details?.peers ?? []).map(({ mtime }) => Date.parse(mtime)));
  const path = details?.names[0]?.path;
  return {
    fileId,
    trackerUrl: tracker.url,
    sources,
    ...(path === undefined ? {} : { name: baseName(path) }),
    ...(Number.isFinite(newestMs) ? { mtime: new Date(newestMs) } : {}),
  };
}

function sourceAt(text: string): Source {
  return createNodePeerSource(peerAt(text, "--peer"));
}
