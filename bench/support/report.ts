import { arch, cpus, platform, tmpdir } from "node:os";
import { ROOT } from "../../scripts/run-command.ts";
import { type Result, type Unit, median } from "./trial.ts";

const MIB = 1024 * 1024;
const MAX_FAILURE_LENGTH = 120;

interface Report {
  readonly results: readonly Result[];
  /** With how to get them. */
  readonly missingTools: ReadonlyMap<string, string>;
  /** Of what was measured, and when. */
  readonly commit: string;
  readonly date: Date;
}

/** The table, the exact commands below it, and what is missing. */
export function reportOf({ results, missingTools, commit, date }: Report): string {
  return [
    "# Benchmark",
    "",
    `${date.toISOString().slice(0, 10)}, commit ${commit}. ${platform()} ${arch()}, ${cpus().length} cores, Node ${process.versions.node}. Ours and theirs run in turns on`,
    "the same machine; figures are medians (smallest to largest). Ratios say something; figures of one machine say little.",
    "",
    "| row | ours | theirs | value | bar | |",
    "|---|---|---|---|---|---|",
    ...results.map(lineOf),
    "",
    ...[...missingTools].map(([tool, how]) => `${tool} is not installed, its rows are left out: ${how}.\n`),
    "## Commands",
    "",
    ...Array.from(Map.groupBy(results, ({ trial }) => trial)).flatMap(([trial, rows]) => [
      `- ${rows.map(({ row }) => row.name).join("; ")}`,
      `  - ours: \`${shownCommand(trial.ours.command)}\``,
      ...(trial.theirs === undefined ? [] : [`  - theirs: \`${shownCommand(trial.theirs.command)}\``]),
    ]),
    "",
  ].join("\n");
}

/** Without what is different on each machine. */
function shownCommand(command: string): string {
  return command
    .replaceAll(process.execPath, "node")
    .replaceAll(`${ROOT}/`, "")
    .replaceAll(new RegExp(`${tmpdir()}/panal-\\w+-\\w+`, "g"), "$DIR");
}

export function lineOf({ trial, row, ours, theirs, value, isReached, failure }: Result): string {
  const isRatio = row.ideal !== undefined || trial.theirs !== undefined;
  const limit = (bound: number) => (isRatio ? String(bound) : figureOf(bound, row.unit));
  const bar = "atLeast" in row.bar ? `>= ${limit(row.bar.atLeast)}` : `<= ${limit(row.bar.atMost)}`;
  if (failure !== undefined) {
    return `| ${row.name} |  |  |  | ${bar} | **failed**: ${failure.replaceAll(/[|\s]+/g, " ").slice(0, MAX_FAILURE_LENGTH)} |`;
  }
  const others =
    row.ideal === undefined ? figuresOf(theirs, row.unit) : `ideal ${figureOf(row.ideal, row.unit)}`;
  const shown = isRatio ? value.toFixed(2) : `${figureOf(value, row.unit)} ${row.unit}`;
  const cells = [row.name, `${figuresOf(ours, row.unit)} ${row.unit}`, others, shown, bar];
  return `| ${cells.join(" | ")} | ${isReached ? "reached" : "**missed**"} |`;
}

function figuresOf(sorted: readonly number[], unit: Unit): string {
  if (sorted.length === 0) return "";
  const [smallest, largest] = [sorted[0]!, sorted.at(-1)!];
  return `${figureOf(median(sorted), unit)} (${figureOf(smallest, unit)} to ${figureOf(largest, unit)})`;
}

function figureOf(value: number, unit: Unit): string {
  switch (unit) {
    case "MiB/s":
    case "MiB":
      return String(Math.round(value / MIB));
    case "bytes per CPU second":
      return `${Math.round(value / MIB)} Mi`;
    case "MB/s":
      return (value / 1e6).toFixed(1);
    case "MB":
      return String(Math.round(value / 1e6));
    case "KB":
      return (value / 1e3).toFixed(1);
    case "bytes":
    case "/s":
      return String(Math.round(value));
    case "CPU seconds":
      return value.toFixed(2);
    case "ms":
      return value.toFixed(1);
  }
}
