import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { browser } from "./groups/browser.ts";
import { buildCommandLine } from "../scripts/command-line.ts";
import { download } from "./groups/download.ts";
import { firstByte } from "./groups/first-byte.ts";
import { indexing } from "./groups/indexing.ts";
import { manyPeers } from "./groups/many-peers.ts";
import { memory } from "./groups/memory.ts";
import { roundTrip } from "./groups/round-trip.ts";
import { serving } from "./groups/serving.ts";
import { startBench } from "./support/bench.ts";
import { lineOf, reportOf } from "./support/report.ts";
import { type Result, runTrial } from "./support/trial.ts";

// `npm run bench [-- group ...]`: each row sets us against a tool one would use instead, in turns on the same machine,
// and gives the ratio.

const GROUPS = [serving, memory, download, manyPeers, roundTrip, firstByte, browser, indexing];

async function main(words: readonly string[]): Promise<number> {
  const groups = words.length === 0 ? GROUPS : GROUPS.filter(({ name }) => words.includes(name));
  if (groups.length === 0) {
    console.error(`no such group: ${words.join(" ")}\ngroups: ${GROUPS.map(({ name }) => name).join(", ")}`);
    return 2;
  }
  await buildCommandLine();
  const run = await startBench();
  const results: Result[] = [];
  try {
    for (const group of groups) {
      console.log(`\n${group.name}`);
      const bench = await run.open();
      try {
        for (const trial of await group.prepare(bench)) {
          for (const result of await runTrial(trial)) {
            results.push(result);
            console.log(lineOf(result));
          }
        }
      } finally {
        await bench.close();
      }
    }
  } finally {
    await run.close();
  }
  const report = reportOf(results, run.missingTools);
  console.log(`\n${report}`);
  // The committed file is the whole table: a part doesn't replace it.
  if (groups.length === GROUPS.length) {
    await writeFile(fileURLToPath(new URL("results.md", import.meta.url)), report);
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
