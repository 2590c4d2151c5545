import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { browser } from "./groups/browser.ts";
import { buildCommandLine } from "../scripts/command-line.ts";
import { runCommand } from "../scripts/run-command.ts";
import { download } from "./groups/download.ts";
import { firstByte } from "./groups/first-byte.ts";
import { indexing } from "./groups/indexing.ts";
import { manyPeers } from "./groups/many-peers.ts";
import { memory } from "./groups/memory.ts";
import { relayGateway } from "./groups/relay-gateway.ts";
import { relayMemory } from "./groups/relay-memory.ts";
import { relayTab } from "./groups/relay-tab.ts";
import { relayUpload } from "./groups/relay-upload.ts";
import { relayUploadBrowser } from "./groups/relay-upload-browser.ts";
import { roundTrip } from "./groups/round-trip.ts";
import { serving } from "./groups/serving.ts";
import { tracker10M } from "./groups/tracker-10m.ts";
import { trackerEvents } from "./groups/tracker-events.ts";
import { trackerHeartbeats } from "./groups/tracker-heartbeats.ts";
import { trackerIndex } from "./groups/tracker-index.ts";
import { webLoad } from "./groups/web-load.ts";
import { webMemory } from "./groups/web-memory.ts";
import { webStores } from "./groups/web-stores.ts";
import { webWatch } from "./groups/web-watch.ts";
import { startBench } from "./support/bench.ts";
import { chooseGroups } from "./support/choose-groups.ts";
import { lineOf, reportOf } from "./support/report.ts";
import { type Result, runTrial } from "./support/trial.ts";

// `npm run bench [-- group ...]`: each row sets us against a tool one would use instead, in turns on the same machine,
// and gives the ratio. `npm run bench -- tracker` runs all groups whose names begin with that.

const GROUPS = [
  serving,
  memory,
  download,
  manyPeers,
  roundTrip,
  firstByte,
  browser,
  indexing,
  trackerHeartbeats,
  trackerEvents,
  trackerIndex,
  tracker10M,
  webStores,
  webWatch,
  webLoad,
  webMemory,
  relayGateway,
  relayUpload,
  relayTab,
  relayMemory,
  relayUploadBrowser,
];

async function main(words: readonly string[]): Promise<number> {
  const groups = chooseGroups(GROUPS, words);
  if (groups.length === 0) {
    console.error(`no such group: ${words.join(" ")}\ngroups: ${GROUPS.map(({ name }) => name).join(", ")}`);
    return 2;
  }
  const commit = await currentCommit();
  await buildCommandLine();
  const run = await startBench();
  const results: { report: string; result: Result }[] = [];
  try {
    for (const group of groups) {
      console.log(`\n${group.name}`);
      const bench = await run.open();
      try {
        for (const trial of await group.prepare(bench)) {
          for (const result of await runTrial(trial)) {
            results.push({ report: group.report, result });
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
  for (const report of new Set(groups.map((group) => group.report))) {
    const ofReport = results.filter((each) => each.report === report).map(({ result }) => result);
    const text = reportOf({ results: ofReport, missingTools: run.missingTools, commit, date: new Date() });
    console.log(`\n${text}`);
    // The committed file is the whole table: a part doesn't replace it.
    const isWhole = GROUPS.every((group) => group.report !== report || groups.includes(group));
    if (isWhole) await writeFile(fileURLToPath(new URL(report, import.meta.url)), text);
  }
  return 0;
}

/** What is measured; with changes that aren't committed it says so. */
async function currentCommit(): Promise<string> {
  const { exitCode, output } = await runCommand(["git", "describe", "--always", "--dirty=, changed"]);
  return exitCode === 0 ? output.trim() : "unknown";
}

process.exitCode = await main(process.argv.slice(2));
