import { seededRandom } from "../../e2e/support/seeded.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface CorpusFile {
  /** From the folder on. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const YEAR_MS = 365 * 24 * 3600 * 1000;
const FIRST_YEAR = 1995;

type Draw = ReturnType<typeof createDraw>;

function createDraw(seed: number, vocabulary: Vocabulary) {
  const random = seededRandom(seed);
  // The first numbers of seeds that are next to each other are much alike.
  for (let index = 0; index < 3; index++) random();
  const below = (count: number) => Math.floor(random() * count);
  const word = () => vocabulary.pick(random);
  const words = (count: number) => Array.from({ length: count }, word);
  return {
    random,
    below,
    words: (fewest: number, most: number) => words(fewest + below(most - fewest + 1)),
    /** Most are small, some much larger. */
    size: (smallest: number, largest: number) => Math.floor(smallest * (largest / smallest) ** random()),
    year: () => FIRST_YEAR + below(30),
  };
}

const titled = (words: readonly string[]) =>
  words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join(" ");
const digits = (value: number, count: number) => String(value).padStart(count, "0");

interface Folder {
  readonly path: string;
  readonly fileCount: number;
  file(index: number): { name: string; sizeBytes: number };
}

function album(draw: Draw): Folder {
  const artist = titled(draw.words(1, 3));
  return {
    path: `Music/${artist}/${titled(draw.words(1, 4))} (${draw.year()})`,
    fileCount: 8 + draw.below(9),
    file: (index) => ({
      name: `${digits(index + 1, 2)} - ${titled(draw.words(1, 5))}.${draw.below(4) === 0 ? "flac" : "mp3"}`,
      sizeBytes: draw.size(2 * MIB, 40 * MIB),
    }),
  };
}

function photos(draw: Draw): Folder {
  const year = draw.year();
  const date = `${year}-${digits(1 + draw.below(12), 2)}-${digits(1 + draw.below(28), 2)}`;
  const first = draw.below(9000);
  return {
    path: `Photos/${year}/${date} ${titled(draw.words(1, 3))}`,
    fileCount: 10 + draw.below(60),
    file: (index) => ({
      name: `IMG_${digits((first + index) % 10_000, 4)}.${draw.below(8) === 0 ? "heic" : "jpg"}`,
      sizeBytes: draw.size(MIB, 12 * MIB),
    }),
  };
}

function film(draw: Draw): Folder {
  const title = titled(draw.words(1, 5));
  const release = `${title} (${draw.year()})`;
  const names = [`${release} 1080p.mkv`, `${release} 1080p.en.srt`, `${release} 1080p.es.srt`, "poster.jpg"];
  return {
    path: `Films/${release}`,
    fileCount: 1 + draw.below(names.length),
    file: (index) => ({
      name: names[index]!,
      sizeBytes: index === 0 ? draw.size(500 * MIB, 12_000 * MIB) : draw.size(20 * KIB, 200 * KIB),
    }),
  };
}

function papers(draw: Draw): Folder {
  const folders = Array.from({ length: 1 + draw.below(3) }, () => draw.words(1, 2).join(" "));
  const kinds = ["pdf", "pdf", "docx", "odt", "xlsx", "txt", "epub", "zip", "tar.gz"];
  return {
    path: ["Documents", ...folders].join("/"),
    fileCount: 3 + draw.below(20),
    file: (index) => ({
      name: `${draw.words(2, 6).join(draw.below(3) === 0 ? "_" : " ")} ${index}.${kinds[draw.below(kinds.length)]}`,
      sizeBytes: draw.size(4 * KIB, 20 * MIB),
    }),
  };
}

/** Of ten files four are music, three photos, two papers, one of a film. */
const MAKERS = [album, album, album, photos, papers, papers, film, film];

/** What a folder of this number holds: the same for the same seed, whoever has it. */
export function folderFiles(
  number: number,
  { seed, vocabulary }: { seed: number; vocabulary: Vocabulary },
): CorpusFile[] {
  const draw = createDraw(Math.imul(number, 0x9e3779b1) ^ seed, vocabulary);
  const folder = MAKERS[draw.below(MAKERS.length)]!(draw);
  const writtenAt = Date.UTC(2015) + Math.floor(draw.random() * 10 * YEAR_MS);
  return Array.from({ length: folder.fileCount }, (_, index) => {
    const { name, sizeBytes } = folder.file(index);
    return { path: `${folder.path}/${name}`, sizeBytes, mtime: writtenAt + index * 1000 };
  });
}
