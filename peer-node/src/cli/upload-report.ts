import {
  type Route,
  type UploadEvent,
  type UploadOutcome,
  type UploadTarget,
  cut,
  displayName,
  noBytesByRoute,
  sumOfRoutes,
} from "@panal/sdk";
import { count, formatBytes, formatDuration, formatPercent, formatSpeed, progressBar } from "./format.ts";
import { type ReportScreen, createLiveBlock } from "./live-block.ts";
import { ROUTE_WIDTH, saidWays } from "./said-ways.ts";
import { createSpeedMeter } from "./share-progress.ts";
import type { FileToSend } from "./upload-files.ts";

const BAR_WIDTH = 30;
const NAME_WIDTH = 20;
/** Drawn anew at most so often: small files come by the hundred. */
const DRAW_MS = 100;
/** Without a terminal a line comes at each tenth. */
const STEPS = 10;
/** The speed of the last seconds. */
const SPEED_MS = 3_000;

/** Shows uploads to a person while they run. */
export interface UploadReport {
  /** So many bytes of files were hashed. */
  hashed(bytes: number): void;
  event(file: FileToSend, event: UploadEvent): void;
  /** Which way the bytes went to a target, for people: `direct`, or `direct 40.0 MiB, gateway 2.0 MiB`; empty when none did. */
  waysTo(targetId: string): string;
  note(sentence: string): void;
  end(): void;
}

/** `route` is asked anew each time: it is known once the target has answered, and may be another one later. */
type ReportedTarget = Pick<UploadTarget, "id" | "name" | "route">;

interface TargetState {
  readonly target: ReportedTarget;
  /** Of files that have ended, and of those under way by path. */
  doneBytes: number;
  readonly running: Map<string, number>;
  /** Which way what was sent went. */
  readonly sentBytes: Record<Route, number>;
  waitingFor: string | undefined;
}

export interface UploadReportOptions {
  files: readonly FileToSend[];
  targets: readonly ReportedTarget[];
  screen: ReportScreen;
  /** Milliseconds. */
  now: () => number;
}

export function createUploadReport({ files, targets, screen, now }: UploadReportOptions): UploadReport {
  const live = createLiveBlock(screen);
  const totalBytes = files.reduce((sum, { size }) => sum + size, 0);
  const states = new Map<string, TargetState>(
    targets.map((target) => [
      target.id,
      {
        target,
        doneBytes: 0,
        running: new Map(),
        sentBytes: noBytesByRoute(),
        waitingFor: undefined,
      },
    ]),
  );
  const meter = createSpeedMeter(SPEED_MS);
  let hashedBytes = 0;
  let endedFiles = 0;
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  let told = 0;

  function update(): void {
    if (now() - drawnAtMs < DRAW_MS) return;
    drawnAtMs = now();
    const all = [...states.values()];
    const there = all.map((state) => bytesOf(state));
    const wanted = totalBytes * all.length;
    const bytes = there.reduce((sum, each) => sum + each, 0);
    const fraction = wanted === 0 ? 0 : Math.min(1, bytes / wanted);
    const sentBytes = all.reduce((sum, each) => sum + sumOfRoutes(each.sentBytes), 0);
    const bytesPerSecond = meter.add(sentBytes, now());
    if (screen.size === undefined) {
      if (Math.floor(fraction * STEPS) > told && fraction < 1) {
        told = Math.floor(fraction * STEPS);
        live.say(`${formatPercent(fraction)}, ${formatSpeed(bytesPerSecond)}`);
      }
      return;
    }
    const left = bytesPerSecond > 0 ? `  ${formatDuration((wanted - bytes) / bytesPerSecond)} left` : "";
    const what =
      bytes === 0 && hashedBytes < totalBytes
        ? `hashing, ${formatPercent(totalBytes === 0 ? 1 : hashedBytes / totalBytes)}`
        : `${formatSpeed(bytesPerSecond)}${left}`;
    live.draw([
      `${endedFiles / Math.max(1, all.length) >= files.length ? "Finishing" : "Sending"} ${count(files.length, "file")}, ${formatBytes(totalBytes)}`,
      `${progressBar(fraction, BAR_WIDTH)}  ${formatPercent(fraction)}  ${what}`,
      ...all.map((state, index) => targetLine(state, there[index]!)),
    ]);
  }

  return {
    hashed(bytes) {
      hashedBytes += bytes;
      update();
    },
    event(file, event) {
      const state = states.get(event.type === "finished" ? event.outcome.targetId : event.targetId);
      if (state === undefined) return;
      switch (event.type) {
        case "progress": {
          const before = state.running.get(file.path);
          if (before !== undefined && event.bytes > before) {
            state.sentBytes[state.target.route] += event.bytes - before;
          }
          state.running.set(file.path, event.bytes);
          state.waitingFor = undefined;
          break;
        }
        case "waiting":
          if (state.waitingFor === undefined)
            live.say(`${displayName(state.target.name)}: ${displayName(event.reason)}. Tried again.`);
          state.waitingFor = event.reason;
          break;
        case "finished": {
          state.running.delete(file.path);
          state.doneBytes += event.outcome.state === "failed" ? 0 : file.size;
          state.waitingFor = undefined;
          endedFiles++;
          const sentence = sentenceOfOutcome(file, event.outcome);
          if (sentence !== undefined) live.say(sentence);
        }
      }
      update();
    },
    waysTo(targetId) {
      const state = states.get(targetId);
      return state === undefined ? "" : saidWays(state.sentBytes);
    },
    note: live.say,
    end: live.end,
  };
}

function bytesOf({ doneBytes, running }: TargetState): number {
  let bytes = doneBytes;
  for (const each of running.values()) bytes += each;
  return bytes;
}

function targetLine(state: TargetState, bytes: number): string {
  const { route } = state.target;
  const name = cut(displayName(state.target.name), NAME_WIDTH).padEnd(NAME_WIDTH);
  const what = state.waitingFor === undefined ? "" : `  waiting: ${displayName(state.waitingFor)}`;
  return `  ${name}  ${route.padEnd(ROUTE_WIDTH)}  ${formatBytes(bytes).padStart(10)}${what}`;
}

/** What is to be known of a file: that it failed, or has another name there. */
function sentenceOfOutcome({ path }: FileToSend, outcome: UploadOutcome): string | undefined {
  const name = displayName(outcome.name);
  switch (outcome.state) {
    case "failed":
      return outcome.code === "aborted"
        ? undefined
        : `${displayName(path)} to ${name}: ${displayName(outcome.reason)}`;
    case "there":
      return undefined;
    case "sent":
      return isSameName(outcome.path, path)
        ? undefined
        : `${displayName(path)} is called ${displayName(outcome.path)} at ${name}.`;
  }
}

function isSameName(at: string, path: string): boolean {
  return at === path || at.endsWith(`/${path}`);
}

/** How it went with each target, in the end. */
export function uploadSummary(
  outcomes: readonly { readonly file: FileToSend; readonly outcome: UploadOutcome }[],
  { durationMs, waysTo }: { durationMs: number; waysTo: UploadReport["waysTo"] },
): string {
  const byTarget = new Map<
    string,
    { name: string; sent: number; there: number; failed: number; bytes: number }
  >();
  for (const { outcome } of outcomes) {
    const sum = byTarget.get(outcome.targetId) ?? {
      name: outcome.name,
      sent: 0,
      there: 0,
      failed: 0,
      bytes: 0,
    };
    sum[outcome.state]++;
    sum.bytes += outcome.sentBytes;
    byTarget.set(outcome.targetId, sum);
  }
  const seconds = durationMs / 1000;
  return [...byTarget]
    .map(([targetId, { name, sent, there, failed, bytes }]) => {
      const ways = waysTo(targetId);
      const parts = [
        ...(sent > 0
          ? [
              `${count(sent, "file")} sent, ${formatBytes(bytes)} in ${formatDuration(seconds)}` +
                ` (${formatSpeed(bytes / Math.max(seconds, 0.001))}), every piece verified there`,
            ]
          : []),
        ...(there > 0 ? [`${there} there already`] : []),
        ...(failed > 0 ? [`${failed} failed`] : []),
      ];
      return `${displayName(name)}${ways === "" ? "" : ` (${ways})`}: ${parts.join("; ")}.`;
    })
    .join("\n");
}
