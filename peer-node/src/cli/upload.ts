import { hash } from "node:crypto";
import { availableParallelism, hostname, userInfo } from "node:os";
import {
  PanalError,
  type UploadOutcome,
  type UploadTarget,
  displayName,
  throwIfAborted,
  upload,
} from "@panal/sdk";
import { MAX_HASH_THREADS, openUploadFile } from "@panal/sdk/node";
import { Command } from "commander";
import { askSecret } from "./ask-secret.ts";
import { EXIT, UsageError, exitCodeOf } from "./exit-codes.ts";
import { type WorkTools, runInterruptible } from "./interruptible.ts";
import { collect, jsonOption, printJson, trackerOption } from "./options.ts";
import { terminalSize } from "./terminal-size.ts";
import { type FileToSend, filesToSend } from "./upload-files.ts";
import { type UploadReport, createUploadReport, uploadSummary } from "./upload-report.ts";
import { findTargets } from "./upload-targets.ts";

/** Files under way at a time: small ones would wait for a round trip each. */
const PARALLEL_FILES = 4;
/** They read by themselves, and while they hash there is nothing else to do. */
const HASH_THREADS = Math.min(MAX_HASH_THREADS, availableParallelism());

interface UploadCommandOptions {
  tracker: string;
  to: string[];
  json?: boolean;
}

/** One file at one target. */
interface Sent {
  readonly file: FileToSend;
  /** Undefined when it couldn't be read. */
  readonly fileId: string | undefined;
  readonly outcome: UploadOutcome;
}

/** `peer-node upload <file|folder...> --to <peer>` */
export function uploadCommand(): Command {
  return new Command("upload")
    .description("send files to peers that take uploads; goes on where it stopped, skips what is there")
    .argument("<paths...>", "files, and folders with everything below (without hidden files and links)")
    .option("--to <peer>", "the name, id or URL of a peer; repeatable, for copies", collect, [])
    .addOption(trackerOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nThe peer's upload code, which its share command prints, is asked for, or taken from PANAL_UPLOAD_CODE.",
    )
    .action(async (paths: string[], options: UploadCommandOptions) => {
      if (options.to.length === 0) throw new UsageError("say to whom: --to <peer>");
      await runInterruptible((tools) => runUpload(paths, { ...options, ...tools }), {
        threadCount: HASH_THREADS,
      });
    });
}

type RunOptions = UploadCommandOptions & WorkTools;

async function runUpload(paths: readonly string[], options: RunOptions): Promise<void> {
  const { signal, json } = options;
  const note = (sentence: string) => json || console.error(sentence);
  const files = await filesToSend(paths, note);
  const canAsk = process.stdin.isTTY && process.stderr.isTTY && !json;
  const targets = await findTargets(options.to, {
    tracker: options.tracker,
    code: process.env["PANAL_UPLOAD_CODE"] || undefined,
    askCode: canAsk
      ? (name) =>
          askSecret(`Upload code of ${displayName(name)}: `, {
            input: process.stdin,
            write: (text) => process.stderr.write(text),
          })
      : undefined,
    signal,
  });
  const report = createUploadReport({
    files,
    targets,
    screen: {
      size: process.stderr.isTTY && !json ? () => terminalSize(process.stderr) : undefined,
      write: (text) => json || process.stderr.write(text),
    },
    now: () => performance.now(),
  });
  const startMs = performance.now();
  const sent: Sent[] = [];
  try {
    await sendAll(files, {
      ...options,
      targets,
      report,
      refusals: new Map(),
      onSent: (each) => sent.push(each),
    });
  } catch (error) {
    if (signal.aborted)
      report.note("Stopped. What has arrived is kept: the same command goes on from there.");
    throw error;
  } finally {
    report.end();
  }
  // As they were given, not as they were done.
  const byFile = Map.groupBy(sent, ({ file }) => file);
  const inOrder = files.flatMap((file) => byFile.get(file) ?? []);
  if (json) printSent(inOrder);
  else
    console.error(uploadSummary(inOrder, { durationMs: performance.now() - startMs, waysTo: report.waysTo }));
  process.exitCode = exitCodeOfAll(inOrder);
}

async function sendAll(
  files: readonly FileToSend[],
  options: RunOptions & {
    targets: readonly UploadTarget[];
    report: UploadReport;
    /** Targets that take nothing from us, and what they said: they aren't asked for each file. */
    refusals: Map<string, UploadOutcome>;
    onSent: (sent: Sent) => void;
  },
): Promise<void> {
  const queue = files.values();
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const worker = async () => {
    try {
      for (const file of queue) await sendOne(file, { ...options, signal });
    } catch (error) {
      ending.abort();
      throw error;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: PARALLEL_FILES }, worker));
  const failures = ended.flatMap((each) =>
    each.status === "rejected" ? [PanalError.from(each.reason)] : [],
  );
  const first = failures.find(({ code }) => code !== "aborted") ?? failures[0];
  if (first !== undefined) throw first;
}

async function sendOne(file: FileToSend, options: Parameters<typeof sendAll>[1]): Promise<void> {
  const { signal, targets, report } = options;
  throwIfAborted(signal);
  try {
    await sendWhole(file, options);
  } catch (error) {
    const { code, message } = PanalError.from(error);
    if (code === "aborted") throw error;
    // A file that has gone, or can't be read, doesn't keep the others from being sent.
    for (const { id, name } of targets) {
      const outcome = { targetId: id, name, sentBytes: 0, state: "failed", code, reason: message } as const;
      report.event(file, { type: "finished", outcome });
      options.onSent({ file, fileId: undefined, outcome });
    }
  }
}

async function sendWhole(file: FileToSend, options: Parameters<typeof sendAll>[1]): Promise<void> {
  const { targets, report, threads, signal, refusals } = options;
  const source = await openUploadFile(file.file);
  try {
    const manifest = await source.manifest({ threads, signal, onBytes: report.hashed });
    const refused = targets.flatMap(({ id }) => refusals.get(id) ?? []);
    for (const outcome of refused) options.onSent({ file, fileId: manifest.fileId, outcome });
    const outcomes = await upload({
      path: file.path,
      manifest,
      modifiedMs: source.modifiedMs,
      writer: writerOf(file),
      source,
      targets: targets.filter(({ id }) => !refusals.has(id)),
      signal,
      onEvent: (event) => report.event(file, event),
    });
    for (const outcome of outcomes) {
      options.onSent({ file, fileId: manifest.fileId, outcome });
      if (isRefusal(outcome)) refusals.set(outcome.targetId, outcome);
    }
  } finally {
    await source.close();
  }
}

/** The same for the same file of the same person on the same machine: after a crash it is known again. */
function writerOf({ file }: FileToSend): string {
  return hash("sha256", JSON.stringify([hostname(), userInfo().uid, file])).slice(0, 32);
}

function printSent(sent: readonly Sent[]): void {
  const byFile = Map.groupBy(sent, ({ file }) => file);
  printJson({
    files: [...byFile].map(([{ path }, each]) => ({
      path,
      fileId: each[0]!.fileId,
      targets: each.map(({ outcome }) => outcome),
    })),
  });
}

function isRefusal(outcome: UploadOutcome): boolean {
  return outcome.state === "failed" && (outcome.code === "unauthorized" || outcome.code === "forbidden");
}

/** What the first that failed says. */
function exitCodeOfAll(sent: readonly Sent[]): number {
  for (const { outcome } of sent) {
    if (outcome.state === "failed") return exitCodeOf(new PanalError(outcome.code, outcome.reason));
  }
  return EXIT.done;
}
