/** What one run gives, by name: `bytesPerSecond`, `bytesPerCpuSecond`, `milliseconds` ... */
export type Figures = Readonly<Record<string, number>>;

/** One way to do the job. */
export interface Contender {
  /** What somebody would type, or one line that says what is done. */
  readonly command: string;
  /** One run, from preparing to cleaning up; what is timed in it is its own business. */
  run(): Promise<Figures>;
}

export type Unit =
  | "MiB/s"
  | "MB/s"
  | "MiB"
  | "MB"
  | "KB"
  | "bytes"
  | "ms"
  | "/s"
  | "CPU seconds"
  | "bytes per CPU second";

/** What is read off the figures of a trial: a line of the table. */
export interface Row {
  readonly name: string;
  /** Which of the figures. */
  readonly figure: string;
  readonly unit: Unit;
  /** Of the ratio to `theirs` or to `ideal`, or of the figure itself when there is neither. */
  readonly bar: { readonly atLeast: number } | { readonly atMost: number };
  /** A figure that follows from the set-up, in the figure's own unit: what the limits of four peers add up to. */
  readonly ideal?: number;
}

/** Ours and theirs, run in turns, so that whatever else the machine does hits both alike. */
export interface Trial {
  readonly ours: Contender;
  readonly theirs?: Contender;
  readonly rows: readonly Row[];
  /** Counted runs of each; default 5. A single one is not warmed up for. */
  readonly rounds?: number;
}

export interface Result {
  readonly trial: Trial;
  readonly row: Row;
  /** Sorted. */
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  /** A ratio of medians, or the median itself: what the bar is held against. */
  readonly value: number;
  readonly isReached: boolean;
  /** Why there are no figures. */
  readonly failure?: string;
}

const ROUNDS = 5;

/** What goes wrong fails the rows of this trial, not what comes after. */
export async function runTrial(trial: Trial): Promise<Result[]> {
  try {
    return await runRounds(trial);
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return trial.rows.map((row) => ({
      trial,
      row,
      ours: [],
      theirs: [],
      value: NaN,
      isReached: false,
      failure,
    }));
  }
}

/** One round more at first isn't counted, unless there is only one: it warms caches for both. */
async function runRounds(trial: Trial): Promise<Result[]> {
  const ours: Figures[] = [];
  const theirs: Figures[] = [];
  const rounds = trial.rounds ?? ROUNDS;
  for (let round = rounds === 1 ? 1 : 0; round <= rounds; round++) {
    const figures = [await trial.ours.run(), await trial.theirs?.run()] as const;
    if (round === 0) continue;
    ours.push(figures[0]);
    if (figures[1] !== undefined) theirs.push(figures[1]);
  }
  return trial.rows.map((row) => {
    const [mine, other] = [sortedFigures(ours, row), sortedFigures(theirs, row)];
    const against = row.ideal ?? (other.length > 0 ? median(other) : 1);
    const value = median(mine) / against;
    const isReached = "atLeast" in row.bar ? value >= row.bar.atLeast : value <= row.bar.atMost;
    return { trial, row, ours: mine, theirs: other, value, isReached };
  });
}

export function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function sortedFigures(all: readonly Figures[], { figure, name }: Row): number[] {
  return all
    .map((figures) => {
      const value = figures[figure];
      if (value === undefined) throw new Error(`${name}: a run gave no ${figure}`);
      return value;
    })
    .sort((a, b) => a - b);
}
