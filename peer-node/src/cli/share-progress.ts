import type { LibraryStatus } from "../library/library.ts";
import { count, formatBytes, formatDuration, formatSpeed, progressBar } from "./format.ts";

const BAR_WIDTH = 20;
/** Speed is what came in the last seconds. */
const WINDOW_MS = 5_000;

export type HashingSnapshot = NonNullable<LibraryStatus["hashing"]>;

/** Bytes per second over the last moments; begins anew when the count falls (another batch). */
export interface SpeedMeter {
  add(bytesDone: number, nowMs: number): number;
}

export function createSpeedMeter(windowMs = WINDOW_MS): SpeedMeter {
  let samples: { bytes: number; atMs: number }[] = [];
  return {
    add(bytesDone, nowMs) {
      if (bytesDone < (samples.at(-1)?.bytes ?? 0)) samples = [];
      samples.push({ bytes: bytesDone, atMs: nowMs });
      while (samples.length > 2 && samples[0]!.atMs < nowMs - windowMs) samples.shift();
      const first = samples[0]!;
      return nowMs > first.atMs ? ((bytesDone - first.bytes) * 1000) / (nowMs - first.atMs) : 0;
    },
  };
}

/** `████░░  120 of 400 files  1.2 GiB of 4.0 GiB  410.0 MiB/s  7 s left`; the bar only for a terminal. */
export function hashingLine(
  hashing: HashingSnapshot,
  options: { bytesPerSecond: number; withBar: boolean },
): string {
  const { filesDone, filesTotal, bytesDone, bytesTotal } = hashing;
  const { bytesPerSecond } = options;
  const fraction = bytesTotal === 0 ? filesDone / filesTotal : bytesDone / bytesTotal;
  return [
    ...(options.withBar ? [progressBar(fraction, BAR_WIDTH)] : []),
    `${filesDone} of ${count(filesTotal, "file")}`,
    `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`,
    ...(bytesPerSecond > 0
      ? [formatSpeed(bytesPerSecond), `${formatDuration((bytesTotal - bytesDone) / bytesPerSecond)} left`]
      : []),
  ].join("  ");
}
