import { parseArgs } from "node:util";
import { createStage } from "./support/processes.ts";
import { LONG_LIVED, type LongLived, type SoakSample, soak } from "./support/soak.ts";

// `npm run soak [-- --minutes 30] [--seed 1]`: hours of what happens to peers, and whether anything grows meanwhile.

const MIB = 1024 * 1024;
const TABLE_LINES = 30;
/** What the median of the last third may be above that of the first: memory of Node settles late and by steps. */
const GROWTH = { factor: 1.2, memoryBytes: 32 * MIB, handles: 8 };

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { minutes: { type: "string", default: "30" }, seed: { type: "string", default: "1" } },
  });
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  const startMs = performance.now();
  const minutesGone = () => (performance.now() - startMs) / 60_000;
  const stage = await createStage();
  try {
    console.log(
      `${minutes} minutes, seed ${seed}\n\n| minute | round | ${LONG_LIVED.join(" | ")} |\n|---|---|---|---|---|`,
    );
    let shown = -1;
    const { samples, faults, downloads } = await soak({
      stage,
      seed,
      goesOn: () => minutesGone() < minutes,
      onRound(sample) {
        const line = Math.floor((minutesGone() / minutes) * TABLE_LINES);
        if (line === shown) return;
        shown = line;
        console.log(
          `| ${minutesGone().toFixed(1)} | ${sample.round} | ${LONG_LIVED.map(cellOf(sample)).join(" | ")} |`,
        );
      },
    });
    const told = Object.entries(faults).map(([name, count]) => `${name} ${count}`);
    console.log(`\n${samples.length} rounds, ${downloads} downloads, every file whole; ${told.join(", ")}\n`);
    const growing = LONG_LIVED.filter((name) => !isFlat(samples, name));
    return growing.length === 0 ? 0 : 1;
  } finally {
    await stage.close();
  }
}

const cellOf =
  ({ figures }: SoakSample) =>
  (name: LongLived) => {
    const found = figures[name];
    return found === undefined ? "" : `${Math.round(found.memoryBytes / MIB)} MiB, ${found.handles} handles`;
  };

/** Compares the first third with the last, and says so. */
function isFlat(samples: readonly SoakSample[], name: LongLived): boolean {
  const figures = samples.flatMap(({ figures: { [name]: found } }) => found ?? []);
  const third = Math.ceil(figures.length / 3);
  const medians = (from: typeof figures) => ({
    memoryBytes: medianOf(from.map(({ memoryBytes }) => memoryBytes)),
    handles: medianOf(from.map(({ handles }) => handles)),
  });
  const [first, last] = [medians(figures.slice(0, third)), medians(figures.slice(-third))];
  const isFlatNow =
    last.memoryBytes <= first.memoryBytes * GROWTH.factor + GROWTH.memoryBytes &&
    last.handles <= first.handles + GROWTH.handles;
  console.log(
    `${isFlatNow ? "flat " : "GROWS"} ${name}: ${Math.round(first.memoryBytes / MIB)} to ${Math.round(last.memoryBytes / MIB)} MiB,` +
      ` ${first.handles} to ${last.handles} handles (medians of the first and the last third)`,
  );
  return isFlatNow;
}

function medianOf(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

process.exitCode = await main();
