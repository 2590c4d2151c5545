import {
  type DownloadEvent,
  type DownloadResult,
  type SourceProgress,
  type WastedBytes,
  displayName,
  cut,
} from "@panal/sdk";
import { formatBytes, formatDuration, formatPercent, formatSpeed, progressBar } from "./format.ts";

/** Shows a download to a person while it runs. */
export interface DownloadReport {
  event(event: DownloadEvent): void;
  /** A sentence that isn't an event of the engine. */
  note(sentence: string): void;
  /** Nothing more is drawn over. */
  end(): void;
}

const BAR_WIDTH = 30;
const NAME_WIDTH = 20;
/** Without a terminal a line comes at each tenth. */
const STEPS = 10;

interface Screen {
  /** Of the terminal at this moment; undefined when nobody looks: then lines are only added. */
  readonly size: (() => { columns: number; rows: number }) | undefined;
  write(text: string): void;
}

/** On a terminal a block that is drawn anew at each progress, with what happened above it; otherwise lines. */
export function createDownloadReport(name: string, screen: Screen): DownloadReport {
  let drawnLines = 0;
  let block: string[] = [];
  let told = 0;
  /** Sources whose failure was told and that have brought nothing since: each further try is no news. */
  const failing = new Set<string>();

  function isNews(event: DownloadEvent): boolean {
    if (event.type === "piece-verified") failing.delete(event.sourceId);
    if (event.type !== "source-failed") return true;
    if (failing.has(event.sourceId)) return false;
    failing.add(event.sourceId);
    return true;
  }

  function clear(): void {
    // To the beginning of the block's first line (a "^C" has moved us along), and away with everything from there.
    if (drawnLines > 0) screen.write(`\r\u001b[${drawnLines}A\u001b[J`);
    drawnLines = 0;
  }
  function draw(): void {
    const { columns, rows } = screen.size!();
    // What has left the screen at the top can't be drawn over.
    const shown = block.length < rows ? block : [...block.slice(0, Math.max(2, rows - 2)), "  ..."];
    for (const line of shown) screen.write(`${cut(line, columns - 1)}\n`);
    drawnLines = shown.length;
  }
  function say(sentence: string): void {
    clear();
    screen.write(`${sentence}\n`);
    if (screen.size !== undefined) draw();
  }

  return {
    event(event) {
      const sentence = isNews(event) ? sentenceOfEvent(event) : undefined;
      if (sentence !== undefined) say(sentence);
      if (event.type !== "progress") return;
      const { progress } = event;
      const fraction = progress.length === 0 ? 1 : progress.verifiedBytes / progress.length;
      if (screen.size !== undefined) {
        block = blockOf(name, progress, fraction);
        clear();
        draw();
      } else if (Math.floor(fraction * STEPS) > told && fraction < 1) {
        told = Math.floor(fraction * STEPS);
        say(`${formatPercent(fraction)}, ${formatSpeed(progress.bytesPerSecond)}`);
      }
    },
    note: say,
    end() {
      block = [];
      clear();
    },
  };
}

type Progress = Extract<DownloadEvent, { type: "progress" }>["progress"];

function blockOf(name: string, progress: Progress, fraction: number): string[] {
  const { bytesPerSecond, secondsLeft, state, sources } = progress;
  const left = secondsLeft === undefined ? "" : `  ${formatDuration(secondsLeft)} left`;
  const speed = state === "waiting" ? "waiting for a peer" : `${formatSpeed(bytesPerSecond)}${left}`;
  return [
    `${displayName(name)}  ${formatBytes(progress.verifiedBytes)} of ${formatBytes(progress.length)}`,
    `${progressBar(fraction, BAR_WIDTH)}  ${formatPercent(fraction)}  ${speed}`,
    ...sources.map(sourceLine),
  ];
}

function sourceLine(source: SourceProgress): string {
  const name = cut(displayName(source.name), NAME_WIDTH).padEnd(NAME_WIDTH);
  const bytes = formatBytes(source.verifiedBytes).padStart(10);
  const what =
    source.state === "active"
      ? formatSpeed(source.bytesPerSecond)
      : source.state === "idle"
        ? "idle"
        : `${source.state}${source.reason === undefined ? "" : `: ${displayName(source.reason)}`}`;
  return `  ${name}  ${source.route}  ${bytes}  ${what}`;
}

function sentenceOfEvent(event: DownloadEvent): string | undefined {
  switch (event.type) {
    case "source-dropped": {
      const name = displayName(event.name);
      return event.isLying
        ? `${name} sent bytes that don't match the file (${displayName(event.reason)}). They are not used; going on without ${name}.`
        : `Going on without ${name}: ${displayName(event.reason)}.`;
    }
    case "source-failed":
      return `${displayName(event.name)} stopped answering (${displayName(event.reason)}). It is tried again from time to time.`;
    case "waiting":
      return "No peer is left that has it. Waiting; it goes on by itself when one comes.";
    case "resumed":
      return "A peer is back.";
    default:
      return undefined;
  }
}

/** Who brought what, in the end, what of it was in vain and why, and who was dropped. */
export function summaryOf(path: string, result: DownloadResult): string {
  const seconds = result.durationMs / 1000;
  const lines = [
    `Saved ${displayName(path)}: ${formatBytes(result.length)} in ${formatDuration(seconds)}` +
      ` (${formatSpeed((result.length - result.resumedBytes) / Math.max(seconds, 0.001))}), every piece verified.`,
  ];
  if (result.resumedBytes > 0) lines.push(`  ${formatBytes(result.resumedBytes)} were there from before.`);
  for (const { name, verifiedBytes, wastedBytes, route, state, reason } of result.sources) {
    const inVain = sentencesOf(wastedBytes);
    const end = state === "dropped" && reason !== undefined ? [`dropped: ${displayName(reason)}`] : [];
    if (verifiedBytes === 0 && inVain.length === 0 && end.length === 0) continue;
    const parts = [formatBytes(verifiedBytes), ...inVain, ...end];
    lines.push(`  ${displayName(name)} (${route}): ${parts.join("; ")}`);
  }
  return lines.join("\n");
}

function sentencesOf(waste: WastedBytes): string[] {
  const sentences: [number, string][] = [
    [waste.corrupt, "that were wrong and were thrown away"],
    [waste.failed, "of pieces that broke off"],
    [waste.duplicate, "that another peer brought sooner"],
  ];
  return sentences.filter(([bytes]) => bytes > 0).map(([bytes, what]) => `${formatBytes(bytes)} ${what}`);
}
