import { stat, utimes } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import {
  type DownloadEvent,
  type FileDetails,
  type FileId,
  PanalError,
  type SourceList,
  baseName,
  createSourceList,
  displayName,
  download,
  fileIdLength,
  followFileSources,
  safeFileName,
} from "@panal/sdk";
import { createFileStore, createNodePeerSource, nodeHashBlocks } from "@panal/sdk/node";
import { Command } from "commander";
import { createDownloadReport, summaryOf } from "./download-report.ts";
import { UsageError } from "./exit-codes.ts";
import { askOnTerminal, chooseFile, parseWanted } from "./find-file.ts";
import { hashFile } from "./hash.ts";
import { jsonOption, printJson, trackerAt, trackerOption } from "./options.ts";

interface DownloadCommandOptions {
  tracker: string;
  output?: string;
  peer: string[];
  force?: boolean;
  json?: boolean;
}

/** `peer-node download <words | file id | link>` */
export function downloadCommand(): Command {
  return new Command("download")
    .description("fetch a file from all its peers at once, every piece verified; goes on where it stopped")
    .argument("<words...>", "words of its name, a file id, or a link")
    .option("-o, --output <path>", "the file to write, or the folder to put it in (default: here)")
    .option("--peer <url>", "a peer to fetch from, without a tracker; repeatable", collect, [])
    .option("--force", "replace a different file that is there already")
    .addOption(trackerOption())
    .addOption(jsonOption())
    .action(async (words: string[], options: DownloadCommandOptions, command: Command) => {
      const stop = new AbortController();
      const interrupt = () => {
        // The second time nobody wants to wait for a tidy end; what is verified is journaled anyway.
        if (stop.signal.aborted) process.exit(130);
        stop.abort();
      };
      process.on("SIGINT", interrupt);
      process.on("SIGTERM", interrupt);
      try {
        const hasTracker = command.getOptionValueSource("tracker") !== "default";
        await runDownload(words, { ...options, hasTracker, signal: stop.signal });
      } finally {
        // Ends the questions to the tracker.
        stop.abort();
        process.off("SIGINT", interrupt);
        process.off("SIGTERM", interrupt);
      }
    });
}

interface RunOptions extends DownloadCommandOptions {
  /** Whether a tracker was named, not only assumed. */
  hasTracker: boolean;
  signal: AbortSignal;
}

async function runDownload(words: string[], options: RunOptions): Promise<void> {
  const { signal } = options;
  const { fileId, name, sources, mtime } = await findSources(words, options);
  const path = await targetPath(options.output, name);
  const asJson = (result: object) => printJson({ fileId, path: resolve(path), ...result });

  if (!options.force && (await isThereAlready(path, fileId))) {
    if (!options.json)
      console.error(`${displayName(path)} is there already, whole and the same. Nothing to fetch.`);
    else
      asJson({
        length: fileIdLength(fileId),
        resumedBytes: fileIdLength(fileId),
        fetchedBytes: 0,
        durationMs: 0,
        sources: [],
      });
    return;
  }
  const report = createDownloadReport(basename(path), {
    columns: process.stderr.isTTY && !options.json ? process.stderr.columns : undefined,
    write: (text) => process.stderr.write(text),
  });
  try {
    const result = await download({
      fileId,
      sources,
      store: createFileStore({ path, overwrite: options.force === true }),
      hashBlocks: nodeHashBlocks,
      signal,
      onEvent: (event: DownloadEvent) => {
        if (!options.json) report.event(event);
      },
    });
    report.end();
    if (mtime !== undefined) await utimes(path, mtime, mtime);
    if (options.json) asJson(result);
    else console.error(summaryOf(path, result));
  } catch (error) {
    report.end();
    if (signal.aborted)
      console.error("Stopped. What has arrived is kept: the same command goes on from there.");
    throw error;
  }
}

interface Found {
  fileId: FileId;
  name: string;
  mtime?: Date;
  sources: SourceList | ReturnType<typeof createNodePeerSource>[];
}

async function findSources(words: string[], options: RunOptions): Promise<Found> {
  const { signal } = options;
  const wanted = parseWanted(words);
  const peers = options.peer.map((url) => {
    const base = parsePeerUrl(url);
    return createNodePeerSource({
      id: base,
      name: new URL(base).host,
      endpoints: [{ url: base, route: "direct" }],
    });
  });
  if (peers.length > 0 && !options.hasTracker) {
    if (wanted.type === "words")
      throw new UsageError("with --peer and without --tracker, say which file by its file id");
    return { fileId: wanted.fileId, name: `${wanted.fileId.slice(0, 16)}.bin`, sources: peers };
  }
  const tracker = trackerAt((wanted.type === "file" && wanted.trackerUrl) || options.tracker);
  const canAsk = process.stdin.isTTY && process.stderr.isTTY && !options.json;
  const fileId =
    wanted.type === "file"
      ? wanted.fileId
      : (await chooseFile(wanted.words, tracker, canAsk ? (rows) => askOnTerminal(rows, signal) : undefined))
          .fileId;
  let details: FileDetails | undefined;
  const sources = await followFileSources({
    fileId,
    tracker,
    signal,
    createSource: createNodePeerSource,
    onDetails: (current) => (details = current),
    onTracker: (state) => {
      if (options.json) return;
      console.error(
        state.type === "away"
          ? "The tracker doesn't answer; going on with the peers that are known."
          : "The tracker is back.",
      );
    },
  });
  for (const peer of peers) sources.add(peer);
  const newest = details?.peers.map(({ mtime }) => Date.parse(mtime)).sort((a, b) => b - a)[0];
  return {
    fileId,
    name: baseName(details?.names[0]?.path ?? `${fileId.slice(0, 16)}.bin`),
    sources,
    ...(newest === undefined ? {} : { mtime: new Date(newest) }),
  };
}

/** `-o` names a folder when there is one, or when it ends in a separator. */
async function targetPath(output: string | undefined, name: string): Promise<string> {
  const safe = safeFileName(name);
  if (output === undefined) return safe;
  if (/[/\\]$/.test(output)) return join(output, safe);
  const isFolder = await stat(output).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? join(output, safe) : output;
}

/** Whether the same content is at the target. Throws "conflict" when something else is. */
async function isThereAlready(path: string, fileId: FileId): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false;
  if (found.isFile() && found.size === fileIdLength(fileId) && (await hashFile(path)) === fileId) return true;
  throw new PanalError(
    "conflict",
    `something else is at ${path}: name another place with -o, or replace it with --force`,
  );
}

function parsePeerUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new UsageError(`--peer: expected an http or https URL, got ${JSON.stringify(text)}`);
  }
  return text.replace(/\/+$/, "");
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
