import { utimes } from "node:fs/promises";
import { basename, resolve } from "node:path";
import {
  type DownloadResult,
  type FileId,
  PanalError,
  createRateLimit,
  displayName,
  download,
  fileIdLength,
  isSystemError,
  safeFileName,
} from "@panal/sdk";
import { createFileStore, removeLeftovers } from "@panal/sdk/node";
import { Command } from "commander";
import { createDownloadReport, summaryOf } from "./download-report.ts";
import { type Found, findSources } from "./download-sources.ts";
import { findThere, targetPath } from "./download-target.ts";
import { UsageError } from "./exit-codes.ts";
import { type WorkTools, runInterruptible } from "./interruptible.ts";
import { askOnTerminal } from "./find-file.ts";
import { collect, jsonOption, parsePort, printJson, trackerOption } from "./options.ts";
import { parseRate } from "./rate.ts";
import type { Seeding } from "./seeding.ts";
import { terminalSize } from "./terminal-size.ts";

interface DownloadCommandOptions {
  tracker: string;
  output?: string;
  peer: string[];
  force?: boolean;
  maxDownloadRate?: number;
  json?: boolean;
  reports: boolean;
  seed?: boolean;
  port?: number;
  host?: string;
  name?: string;
  advertise: string[];
  maxUploadRate?: number;
}

/** They say how a seeding download serves. */
const SEED_OPTIONS = new Set(["--port", "--host", "--name", "--advertise", "--max-upload-rate"]);

/** `peer-node download <words | file id | link>` */
export function downloadCommand(): Command {
  return new Command("download")
    .description("fetch a file from all its peers at once, every piece verified; goes on where it stopped")
    .argument("<words...>", "words of its name, a file id, or a link")
    .option("-o, --output <path>", "the file to write, or the folder to put it in (default: here)")
    .option("--peer <url>", "a peer to fetch from, also without a tracker; repeatable", collect, [])
    .option("--force", "replace a different file that is there already")
    .option("--max-download-rate <rate>", "bytes per second at most, as in 800K or 2.5M", parseRate)
    .option("--no-reports", "don't tell the tracker of peers that send wrong bytes, or don't answer")
    .option(
      "--seed",
      "serve what has arrived to others meanwhile, and the whole file afterwards, until Ctrl-C",
    )
    .option("--port <n>", "with --seed: port to serve at; default: a free one", parsePort)
    .option("--host <address>", "with --seed: serve at this address only; default: all interfaces")
    .option("--name <text>", "with --seed: what people see; default: the name of this machine")
    .option("--advertise <url>", "with --seed: announce this base URL instead; repeatable", collect, [])
    .option(
      "--max-upload-rate <rate>",
      "with --seed: bytes per second at most, as in 800K or 2.5M",
      parseRate,
    )
    .addOption(trackerOption())
    .addOption(jsonOption())
    .action(async (words: string[], options: DownloadCommandOptions, command: Command) => {
      const lonely = command.options.find(
        (option) =>
          SEED_OPTIONS.has(option.long ?? "") &&
          command.getOptionValueSource(option.attributeName()) === "cli",
      );
      if (lonely !== undefined && !options.seed) throw new UsageError(`${lonely.long} goes with --seed`);
      const isTrackerNamed = command.getOptionValueSource("tracker") !== "default";
      await runInterruptible((tools) => runDownload(words, { ...options, ...tools, isTrackerNamed }));
    });
}

interface RunOptions extends DownloadCommandOptions, WorkTools {
  isTrackerNamed: boolean;
}

async function runDownload(words: string[], options: RunOptions): Promise<void> {
  const { signal } = options;
  const canAsk = process.stdin.isTTY && process.stderr.isTTY && !options.json;
  const following = new AbortController();
  const screen: Screen = { note: (sentence) => console.error(displayName(sentence)) };
  const note = (sentence: string) => options.json || screen.note(sentence);
  let seeding: Seeding | undefined;
  const found = await findSources(words, {
    ...options,
    ask: canAsk ? (rows) => askOnTerminal(rows, signal) : undefined,
    signal: AbortSignal.any([signal, following.signal]),
    isUs: (peer) => seeding?.isUs(peer) === true,
    note,
  });
  const path = await targetPath(options.output, found.name ?? `${found.fileId.slice(0, 16)}.bin`);
  const there = options.force ? undefined : await findThere(path, found.fileId);
  if (options.seed) seeding = await seedingOf(found, path, { ...options, note });
  try {
    if (there === undefined) await fetchFile(found, path, { ...options, screen, seeding });
    else {
      await removeLeftovers(path, found.fileId);
      printNothingToFetch(found, path, { ...options, seeding });
    }
    following.abort();
    await options.threads.close();
    await seeding?.becomeWhole(path, there);
    await seeding?.untilStopped(signal);
    // What comes next is written over a "^C".
    if (seeding !== undefined && process.stderr.isTTY) process.stderr.write("\r");
  } finally {
    await seeding?.close();
  }
}

/** Where sentences for people go at the moment. */
interface Screen {
  note: (sentence: string) => void;
}

/** Loaded only here: a download that doesn't serve needs no server. */
async function seedingOf(
  { fileId, name, mtime, trackerUrl }: Found,
  path: string,
  options: RunOptions & { note: (sentence: string) => void },
): Promise<Seeding> {
  const { startSeeding } = await import("./seeding.ts");
  const { port = 0, host, advertise, maxUploadRate, note } = options;
  // Found by others under the name it is known by, whatever it is called here.
  const fileName = safeFileName(name ?? basename(path));
  return startSeeding({
    fileId,
    fileName,
    mtime,
    trackerUrl,
    port,
    host,
    name: options.name,
    advertise,
    maxUploadRate,
    note,
  });
}

async function fetchFile(
  found: Found,
  path: string,
  options: RunOptions & { screen: Screen; seeding: Seeding | undefined },
): Promise<void> {
  const { signal, threads, screen, seeding } = options;
  const report = createDownloadReport(basename(path), {
    size: process.stderr.isTTY ? () => terminalSize(process.stderr) : undefined,
    write: (text) => options.json || process.stderr.write(text),
  });
  screen.note = report.note;
  const store = createFileStore({ path, overwrite: options.force === true });
  let result: DownloadResult;
  try {
    result = await download({
      fileId: found.fileId,
      sources: found.sources,
      store: seeding?.keepIn(store) ?? store,
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
  if (found.mtime !== undefined) await keepTime(path, found.mtime, report.note);
  if (options.json) printResult(found.fileId, path, { ...options, result });
  else console.error(summaryOf(path, result));
}

function printResult(
  fileId: FileId,
  path: string,
  { result, seeding }: { result: DownloadResult; seeding: Seeding | undefined },
): void {
  const seedingAt = seeding === undefined ? {} : { seedingAt: seeding.url };
  printJson({ fileId, path: resolve(path), ...result, ...seedingAt });
}

function printNothingToFetch(
  { fileId }: Found,
  path: string,
  options: RunOptions & { seeding: Seeding | undefined },
): void {
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
  printResult(fileId, path, { ...options, result });
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
