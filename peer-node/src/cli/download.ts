import { utimes } from "node:fs/promises";
import { basename, resolve } from "node:path";
import {
  type DownloadResult,
  PanalError,
  createRateLimit,
  displayName,
  download,
  fileIdLength,
  isSystemError,
} from "@panal/sdk";
import { type HashThreads, createFileStore, createHashThreads, removeLeftovers } from "@panal/sdk/node";
import { Command } from "commander";
import { createDownloadReport, summaryOf } from "./download-report.ts";
import { type Found, findSources } from "./download-sources.ts";
import { isThereAlready, targetPath } from "./download-target.ts";
import { EXIT } from "./exit-codes.ts";
import { askOnTerminal } from "./find-file.ts";
import { jsonOption, printJson, trackerOption } from "./options.ts";
import { parseRate } from "./rate.ts";
import { terminalSize } from "./table.ts";

interface DownloadCommandOptions {
  tracker: string;
  output?: string;
  peer: string[];
  force?: boolean;
  maxDownloadRate?: number;
  json?: boolean;
}

/** `peer-node download <words | file id | link>` */
export function downloadCommand(): Command {
  return new Command("download")
    .description("fetch a file from all its peers at once, every piece verified; goes on where it stopped")
    .argument("<words...>", "words of its name, a file id, or a link")
    .option("-o, --output <path>", "the file to write, or the folder to put it in (default: here)")
    .option("--peer <url>", "a peer to fetch from, also without a tracker; repeatable", collect, [])
    .option("--force", "replace a different file that is there already")
    .option("--max-download-rate <rate>", "bytes per second at most, as in 800K or 2.5M", parseRate)
    .addOption(trackerOption())
    .addOption(jsonOption())
    .action(async (words: string[], options: DownloadCommandOptions, command: Command) => {
      const stop = new AbortController();
      const interrupt = () => {
        // The second time nobody wants to wait for a tidy end; what is verified is journaled anyway.
        if (stop.signal.aborted) process.exit(EXIT.interrupted);
        stop.abort();
      };
      process.on("SIGINT", interrupt);
      process.on("SIGTERM", interrupt);
      // They start while the file and its peers are looked for.
      const threads = createHashThreads();
      try {
        const isTrackerNamed = command.getOptionValueSource("tracker") !== "default";
        await runDownload(words, { ...options, isTrackerNamed, threads, signal: stop.signal });
      } finally {
        await threads.close();
        // Ends the questions to the tracker.
        stop.abort();
        process.off("SIGINT", interrupt);
        process.off("SIGTERM", interrupt);
      }
    });
}

interface RunOptions extends DownloadCommandOptions {
  isTrackerNamed: boolean;
  threads: HashThreads;
  signal: AbortSignal;
}

async function runDownload(words: string[], options: RunOptions): Promise<void> {
  const { signal, threads } = options;
  const canAsk = process.stdin.isTTY && process.stderr.isTTY && !options.json;
  let note = (sentence: string) => console.error(displayName(sentence));
  const found = await findSources(words, {
    ...options,
    ask: canAsk ? (rows) => askOnTerminal(rows, signal) : undefined,
    note: (sentence) => options.json || note(sentence),
  });
  const path = await targetPath(options.output, found.name);
  if (!options.force && (await isThereAlready(path, found.fileId))) {
    await removeLeftovers(path, found.fileId);
    return printNothingToFetch(found, path, options);
  }

  const report = createDownloadReport(basename(path), {
    size: process.stderr.isTTY ? () => terminalSize(process.stderr) : undefined,
    write: (text) => options.json || process.stderr.write(text),
  });
  note = report.note;
  let result: DownloadResult;
  try {
    result = await download({
      fileId: found.fileId,
      sources: found.sources,
      store: createFileStore({ path, overwrite: options.force === true }),
      hashBlocks: threads.hashBlocks,
      allocate: threads.allocate,
      rateLimit:
        options.maxDownloadRate === undefined
          ? undefined
          : createRateLimit({ bytesPerSecond: options.maxDownloadRate }),
      signal,
      onEvent: report.event,
    });
  } catch (error) {
    if (signal.aborted)
      report.note("Stopped. What has arrived is kept: the same command goes on from there.");
    throw savingError(error, path);
  } finally {
    report.end();
  }
  if (found.mtime !== undefined) await keepTime(path, found.mtime, note);
  if (options.json) printJson({ fileId: found.fileId, path: resolve(path), ...result });
  else console.error(summaryOf(path, result));
}

function printNothingToFetch({ fileId }: Found, path: string, options: RunOptions): void {
  if (!options.json) {
    console.error(`${displayName(path)} is there already, whole and the same. Nothing to fetch.`);
    return;
  }
  const length = fileIdLength(fileId);
  const result: DownloadResult = {
    length,
    resumedBytes: length,
    fetchedBytes: 0,
    durationMs: 0,
    sources: [],
  };
  printJson({ fileId, path: resolve(path), ...result });
}

/** The file is whole: that some file systems keep no such time is no reason to call it failed. */
async function keepTime(path: string, mtime: Date, note: (sentence: string) => void): Promise<void> {
  await utimes(path, mtime, mtime).catch((error: unknown) =>
    note(`Its time of change could not be kept: ${PanalError.from(error).message}`),
  );
}

/** That a folder can't be made doesn't mean that the file wasn't found. */
function savingError(error: unknown, path: string): unknown {
  const { code, message, cause } = PanalError.from(error);
  if (code !== "not-found" || !isSystemError(cause)) return error;
  return new PanalError("no-permission", `${path} can't be written: ${message}`, { cause: error });
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
