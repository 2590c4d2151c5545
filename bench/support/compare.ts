import { spawn } from "node:child_process";
import { once } from "node:events";

/** One way to move the bytes: a command, timed as a whole process. */
export interface Contender {
  readonly command: readonly [string, ...string[]];
  /** Before each run, untimed. */
  readonly prepare?: () => Promise<void>;
}

export interface Row {
  readonly name: string;
  /** Smallest ratio of ours to theirs that is good enough. */
  readonly bar: number;
  readonly bytes: number;
  readonly ours: Contender;
  readonly theirs: Contender;
}

export interface Result {
  readonly row: Row;
  /** Bytes per second, sorted. */
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  /** Median of ours over median of theirs. */
  readonly ratio: number;
}

const ROUNDS = 5;

/** Runs both in turns, so that whatever else the machine does hits both alike. One more round at first isn't counted. */
export async function compare(row: Row): Promise<Result> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const speeds = { ours: await speedOf(row, row.ours), theirs: await speedOf(row, row.theirs) };
    if (round === 0) continue;
    ours.push(speeds.ours);
    theirs.push(speeds.theirs);
  }
  ours.sort((a, b) => a - b);
  theirs.sort((a, b) => a - b);
  return { row, ours, theirs, ratio: median(ours) / median(theirs) };
}

export function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

async function speedOf({ bytes }: Row, contender: Contender): Promise<number> {
  await contender.prepare?.();
  const [file, ...args] = contender.command;
  const startedMs = performance.now();
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (chunk) => (errors += String(chunk)));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${contender.command.join(" ")} ended with ${code}: ${errors.slice(-500)}`);
  return bytes / ((performance.now() - startedMs) / 1000);
}
