import { createInterface } from "node:readline/promises";
import {
  type FileId,
  type FileRow,
  PanalError,
  type TrackerClient,
  baseName,
  displayName,
  isFileId,
  parseLink,
} from "@panal/sdk";
import { UsageError } from "./exit-codes.ts";
import { formatBytes } from "./format.ts";

/** More than anybody would choose from; a word more makes it fewer. */
const MAX_CHOICES = 20;

/** What somebody asked to download. */
export type Wanted = { type: "file"; fileId: FileId; trackerUrl?: string } | { type: "words"; words: string };

/** A file id, a link, or else words. Throws "invalid" for a URL that is no link to a file. */
export function parseWanted(args: readonly string[]): Wanted {
  const text = args.join(" ").trim();
  if (isFileId(text)) return { type: "file", fileId: text };
  const link = parseLink(text);
  return link === undefined ? { type: "words", words: text } : { type: "file", ...link };
}

/** How a choice among several files is made; undefined when nobody can be asked. */
export type Ask = ((rows: readonly FileRow[]) => Promise<number>) | undefined;

/** The one file that is meant. Throws "not-found", or a UsageError that lists them when there are several. */
export async function chooseFile(words: string, tracker: TrackerClient, ask: Ask): Promise<FileRow> {
  const { files, nextCursor, didYouMean } = await tracker.searchFiles({ q: words, limit: MAX_CHOICES });
  const [first] = files;
  // What was guessed is suggested, never taken: it may be another file.
  if (first === undefined || didYouMean !== undefined) {
    const guess = didYouMean === undefined ? "" : `; did you mean ${JSON.stringify(didYouMean)}?`;
    throw new PanalError(
      "not-found",
      `no live peer has a file that matches ${JSON.stringify(words)}${guess}`,
    );
  }
  if (files.length === 1) return first;
  // The whole name of just one of them was given.
  const exact = files.filter(({ names }) => names.some((name) => name.toLowerCase() === words.toLowerCase()));
  if (exact.length === 1) return exact[0]!;
  if (ask !== undefined) return files[await ask(files)]!;
  const list = files.map((row) => `  ${describe(row)}\n      ${row.fileId}`).join("\n");
  const more = nextCursor === undefined ? "" : "\n  and more";
  throw new UsageError(
    `${files.length}${nextCursor === undefined ? "" : "+"} different files match ${JSON.stringify(words)}; ` +
      `add a word, or call it with a file id:\n${list}${more}`,
  );
}

/** Asks on the terminal, until the answer is one of the numbers. Throws "aborted" on Ctrl-C and Ctrl-D. */
export async function askOnTerminal(rows: readonly FileRow[], signal: AbortSignal): Promise<number> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // While a line is read, both keys only close it: no signal comes, and the question would stay open for ever.
  const closed = new AbortController();
  terminal.once("close", () => closed.abort());
  const ended = AbortSignal.any([signal, closed.signal]);
  try {
    for (const [index, row] of rows.entries())
      console.error(`${String(index + 1).padStart(3)}  ${describe(row)}`);
    for (;;) {
      const answer = Number(await terminal.question(`Which one? 1 to ${rows.length}: `, { signal: ended }));
      if (Number.isInteger(answer) && answer >= 1 && answer <= rows.length) return answer - 1;
    }
  } catch (error) {
    console.error();
    throw error;
  } finally {
    terminal.close();
  }
}

function describe({ path, size, peerCount }: FileRow): string {
  return `${displayName(baseName(path))}  ${formatBytes(size)}, ${peerCount === 1 ? "1 peer" : `${peerCount} peers`}  (${displayName(path)})`;
}
