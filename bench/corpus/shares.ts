import type { AnnouncedFile, FileId } from "@panal/sdk";
import { seededRandom } from "../../e2e/support/seeded.ts";
import { type CorpusFile, folderFiles } from "./folders.ts";
import { createVocabulary } from "./vocabulary.ts";

/** What a campus shares: each peer folders of its own, and folders that others have, too. */
export interface SharesOptions {
  readonly seed: number;
  readonly peers: number;
  readonly filesPerPeer: number;
}

/** A folder in a share. */
export interface SharedFolder {
  /** The same number, the same content. */
  readonly number: number;
  /** Where in the share it is: the same content may be found under several paths. */
  readonly prefix: string;
  /** The first ones of the folder. */
  readonly files: readonly CorpusFile[];
}

export interface Shares {
  readonly options: SharesOptions;
  /** In the order of its list. */
  foldersOf(peer: number): Iterable<SharedFolder>;
  /** A word that is in the path of the peer's last file, and nowhere else. */
  markerOf(peer: number): string;
  /** The list as it is at a generation: with each, another hundredth of the files has new content. */
  filesOf(peer: number, generation: number): AnnouncedFile[];
  /** Those of them that weren't so in the generation before. */
  changedFilesOf(peer: number, generation: number): AnnouncedFile[];
}

interface NumberedFile {
  /** In the list. */
  readonly index: number;
  /** What says what is in it, besides its version. */
  readonly content: readonly [number, number];
  readonly file: CorpusFile;
  readonly path: string;
}

const VOCABULARY_WORDS = 50_000;
/** Of the folders of a share, those that others have, too. */
const SHARED_PART = 0.3;
/** Peers that have a folder which several have, on average. */
const HOLDERS = 6;
/** Files of a folder, on average: for how many there are to be. */
const FILES_PER_FOLDER = 14;
const CHANGED_PART = 100;
/** Folders of a peer's own are numbered from here on. */
const FIRST_OWN = 2 ** 24;
const MAX_OWN_FOLDERS = 2 ** 20;

export function createShares(options: SharesOptions): Shares {
  const { seed, peers, filesPerPeer } = options;
  const vocabulary = createVocabulary({ seed, size: VOCABULARY_WORDS });
  const foldersPerPeer = Math.ceil((filesPerPeer - 1) / FILES_PER_FOLDER);
  const sharedFolders = Math.max(1, Math.round((peers * foldersPerPeer * SHARED_PART) / HOLDERS));

  function* foldersOf(peer: number): Iterable<SharedFolder> {
    const random = seededRandom(seed ^ Math.imul(peer + 1, 0x85ebca6b));
    const had = new Set<number>();
    const places = new Set<string>();
    let room = filesPerPeer - 1;
    for (let own = 0; room > 0;) {
      const isShared = random() < SHARED_PART;
      // Some are in many shares, most in few.
      const shared = Math.floor(sharedFolders * random() ** 2);
      const isElsewhere = random() < 0.3;
      const place = Math.floor(random() * 9);
      if (isShared && had.has(shared)) continue;
      const number = isShared ? shared : FIRST_OWN + peer * MAX_OWN_FOLDERS + own;
      const all = folderFiles(number, { seed, vocabulary });
      if (!isShared) own++;
      // A folder of which others have more would be counted twice.
      if (isShared && all.length > room) continue;
      const prefix = isShared && isElsewhere ? `Disk ${place}/` : "";
      const where = prefix + folderName(all[0]!.path);
      if (places.has(where)) continue;
      places.add(where);
      if (isShared) had.add(shared);
      const files = all.slice(0, room);
      room -= files.length;
      yield { number, prefix, files };
    }
    const path = `Documents/list of ${markerOf(peer)}.txt`;
    yield { number: -1 - peer, prefix: "", files: [{ path, sizeBytes: 4096, mtime: Date.UTC(2025) }] };
  }

  const markerOf = (peer: number) => `peer${String(peer).padStart(5, "0")}zq`;

  function* numberedFiles(peer: number): Iterable<NumberedFile> {
    let index = 0;
    for (const { number, prefix, files } of foldersOf(peer)) {
      for (const [inFolder, file] of files.entries()) {
        yield { index: index++, content: [number, inFolder] as const, file, path: prefix + file.path };
      }
    }
  }

  function announced(
    { index, content, file, path }: NumberedFile,
    { peer, generation }: { peer: number; generation: number },
  ): AnnouncedFile {
    const version = versionAt(index, generation);
    // What changed here didn't change elsewhere.
    const ofPeer = version === 0 ? 0 : Math.imul(peer + 1, 0xc2b2ae35) ^ version;
    return {
      path,
      fileId: fileIdOf([seed, ...content, ofPeer], file.sizeBytes),
      mtime: new Date(file.mtime + version * 60_000).toISOString(),
    };
  }

  return {
    options,
    foldersOf,
    markerOf,
    filesOf: (peer, generation) =>
      Array.from(numberedFiles(peer), (file) => announced(file, { peer, generation })),
    changedFilesOf: (peer, generation) =>
      Array.from(numberedFiles(peer))
        .filter(({ index }) => index % CHANGED_PART === generation % CHANGED_PART)
        .map((file) => announced(file, { peer, generation })),
  };
}

function folderName(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** How often the file has changed: in each generation whose turn its index has, from the first on. */
function versionAt(index: number, generation: number): number {
  const turn = index % CHANGED_PART === 0 ? CHANGED_PART : index % CHANGED_PART;
  return generation < turn ? 0 : 1 + Math.floor((generation - turn) / CHANGED_PART);
}

/** The same for the same numbers, and for no others. */
function fileIdOf(numbers: readonly number[], sizeBytes: number): FileId {
  let root = "";
  for (let part = 0; part < 8; part++) {
    root += numbers.reduce(mixed, part).toString(16).padStart(8, "0");
  }
  return `${root}-${sizeBytes}` as FileId;
}

/** Two numbers of 32 bits made one, each bit of which depends on all of theirs (as murmur3 ends). */
function mixed(a: number, b: number): number {
  let hash = (a ^ Math.imul(b, 0x9e3779b1)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
