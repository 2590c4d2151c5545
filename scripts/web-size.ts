import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT } from "./run-command.ts";

/** What a first visit may fetch of scripts, as gzip makes them: for a phone on a bad network, 1 s at 1.5 Mbit/s. */
export const MAX_FIRST_LOAD_BYTES = 180_000;
/** The page, the app with the view that people open first, and the largest of the languages; each visit fetches one. */
const ENTRY = "index.html";
const APP = "src/app/start.tsx";
const LANGUAGES = /^src\/i18n\/[a-z]{2}\.ts$/;

/** Vite's manifest, as far as it is needed: each chunk under the name of its source. */
type Manifest = Readonly<Record<string, { file: string; imports?: readonly string[] }>>;

export interface WebSize {
  /** Scripts of a first visit to the search, each once, the largest first. */
  readonly firstLoad: readonly { file: string; gzipBytes: number }[];
  readonly gzipBytes: number;
}

/** What a first visit to the built app fetches of scripts before it shows the search. The workers start after that. */
export async function measureWebSize(dist = join(ROOT, "web/dist")): Promise<WebSize> {
  const manifest = JSON.parse(await readFile(join(dist, ".vite/manifest.json"), "utf8")) as Manifest;
  const sizes = new Map<string, number>();
  const gzipBytesOf = async (file: string) => {
    const known = sizes.get(file) ?? gzipSync(await readFile(join(dist, file))).length;
    sizes.set(file, known);
    return known;
  };
  const languages = Object.keys(manifest).filter((source) => LANGUAGES.test(source));
  const sizesOfLanguages = await Promise.all(
    languages.map(async (source) => ({ source, bytes: await gzipBytesOf(manifest[source]!.file) })),
  );
  const language = sizesOfLanguages.sort((a, b) => b.bytes - a.bytes)[0]?.source;
  if (language === undefined) throw new Error(`no language is a file of its own in ${dist}`);
  const files = filesOf(manifest, [ENTRY, APP, language]);
  const firstLoad = await Promise.all(
    files.map(async (file) => ({ file, gzipBytes: await gzipBytesOf(file) })),
  );
  firstLoad.sort((a, b) => b.gzipBytes - a.gzipBytes);
  return { firstLoad, gzipBytes: firstLoad.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0) };
}

/** The files of some sources and of all they import before they run. */
export function filesOf(manifest: Manifest, sources: readonly string[]): string[] {
  const seen = new Set<string>();
  const visit = (source: string) => {
    if (seen.has(source)) return;
    const chunk = manifest[source];
    if (chunk === undefined) throw new Error(`${source} is no longer a file of its own`);
    seen.add(source);
    for (const needed of chunk.imports ?? []) visit(needed);
  };
  for (const source of sources) visit(source);
  return [...new Set([...seen].map((source) => manifest[source]!.file))];
}

/** As lines for people. */
export function webSizeReport({ firstLoad, gzipBytes }: WebSize): string {
  const lines = firstLoad.map(({ file, gzipBytes: bytes }) => `${kilobytes(bytes).padStart(8)} kB  ${file}`);
  const total = `${kilobytes(gzipBytes)} kB of script at a first visit, of ${kilobytes(MAX_FIRST_LOAD_BYTES)} kB allowed (gzip)`;
  return [...lines, total].map((line) => `${line}\n`).join("");
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}
