import {
  type DownloadEvent,
  type DownloadResult,
  type SourceProgress,
  type WastedBytes,
  displayName,
  cut,
} from "@panal/sdk";
import { formatBytes, formatDuration, formatPercent, formatSpeed, progressBar } from "./format.ts";
import { type ReportScreen, createLiveBlock } from "./live-block.ts";
import { ROUTE_WIDTH, saidWays } from "./said-ways.ts";

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

/** On a terminal a block that is drawn anew at each progress, with what happened above it; otherwise lines. */
export function createDownloadReport(name: string, screen: ReportScreen): DownloadReport {
  const live = createLiveBlock(screen);
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

  return {
    event(event) {
      const sentence = isNews(event) ? sentenceOfEvent(event) : undefined;
      if (sentence !== undefined) live.say(sentence);
      if (event.type !== "progress") return;
      const { progress } = event;
      const fraction = progress.length === 0 ? 1 : progress.verifiedBytes / progress.length;
      if (screen.size !== undefined) {
        live.draw(blockOf(name, progress, fraction));
      } else if (Math.floor(fraction * STEPS) > told && fraction < 1) {
        told = Math.floor(fraction * STEPS);
        live.say(`${formatPercent(fraction)}, ${formatSpeed(progress.bytesPerSecond)}`);
      }
    },
    note: live.say,
    end: live.end,
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
  return `  ${name}  ${source.route.padEnd(ROUTE_WIDTH)}  ${bytes}  ${what}`;
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
  for (const source of result.sources) {
    const { name, verifiedBytes, wastedBytes, route, state, reason } = source;
    const inVain = sentencesOf(wastedBytes);
    const end = state === "dropped" && reason !== undefined ? [`dropped: ${displayName(reason)}`] : [];
    if (verifiedBytes === 0 && inVain.length === 0 && end.length === 0) continue;
    const parts = [formatBytes(verifiedBytes), ...inVain, ...end];
    lines.push(`  ${displayName(name)} (${saidWays(source.verifiedBytesBy) || route}): ${parts.join("; ")}`);
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
