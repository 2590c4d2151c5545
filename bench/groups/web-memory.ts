import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { openBareApp } from "../../e2e/support/bare-chromium.ts";
import { announced, until } from "../../e2e/support/processes.ts";
import { rendererPss } from "../../e2e/support/renderer-memory.ts";
import { writeSampleFile } from "../../e2e/support/sample-file.ts";
import { hasAppToMeasure } from "../support/app-to-measure.ts";
import type { Group } from "../support/bench.ts";
import type { Contender } from "../support/trial.ts";

const MIB = 1024 * 1024;
const SMALL_BYTES = 512 * MIB;
const LARGE_BYTES = 4096 * MIB;
/** What a download may add to the page's memory, whatever the file's size. */
const MAX_GROWTH_BYTES = 200 * MIB;

const SAMPLE_MS = 50;
/** Even a slow disk takes 4 GiB in this time. */
const DOWNLOAD_TIMEOUT_MS = 600_000;

const STATE = `document.querySelector("[data-testid=transfer-state]")?.dataset.state`;

/** What a download adds to the memory of the page and its workers: PSS of the renderers, at its highest. */
export const webMemory: Group = {
  name: "web-memory",
  onlyIf: "asked-for",
  report: "results-web.md",
  async prepare(bench) {
    if (!(await hasAppToMeasure(bench))) return [];
    const share = join(bench.folder, "share");
    await mkdir(share);
    await writeSampleFile(join(share, "small.bin"), SMALL_BYTES);
    await writeSampleFile(join(share, "large.bin"), LARGE_BYTES, 2);
    const tracker = await bench.stage.startTracker();
    await bench.stage.startPeer({ share, trackerUrl: tracker.url, name: "bench" });

    const contender = (word: string, size: string): Contender => ({
      command: `the app in a new profile of Chromium: a file of ${size} into the browser's storage, from one peer`,
      async run() {
        const fileId = await announced(tracker.url, word, 1);
        const app = await openBareApp(`${tracker.url}/f/${fileId}`);
        try {
          const isOffered = `document.querySelector("button:enabled:has(svg.lucide-download)") !== null`;
          await until("the download is offered", async () =>
            (await app.evaluate<boolean>(isOffered)) ? true : undefined,
          );
          const before = await rendererPss(app.profile);
          let peak = before;
          const deadline = performance.now() + DOWNLOAD_TIMEOUT_MS;
          await app.click("button", /^Download$/);
          for (let state: string | undefined; state !== "done";) {
            peak = Math.max(peak, await rendererPss(app.profile));
            state = await app.evaluate<string | undefined>(STATE);
            if (state === "failed" || performance.now() > deadline)
              throw new Error(`the download is ${state}`);
            await setTimeout(SAMPLE_MS);
          }
          return { growthBytes: peak - before };
        } finally {
          await app.close();
        }
      },
    });
    const row = { figure: "growthBytes", unit: "MiB" } as const;
    return [
      {
        rows: [
          {
            ...row,
            name: "memory a download of 4 GiB adds to the page, against what one may",
            ideal: MAX_GROWTH_BYTES,
            bar: { atMost: 1 },
          },
          { ...row, name: "the same, against one of 512 MiB", bar: { atMost: 1.1 } },
        ],
        ours: contender("large", "4 GiB"),
        theirs: contender("small", "512 MiB"),
        rounds: 3,
      },
    ];
  },
};
