import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openBareApp } from "../../e2e/support/bare-chromium.ts";
import { announced, until } from "../../e2e/support/processes.ts";
import { hasAppToMeasure } from "../support/app-to-measure.ts";
import type { Group } from "../support/bench.ts";

/** As much slower than this machine as a cheap phone is. */
const CPU_SLOWDOWN = 4;
const FILES = 200;

/** For the page, before its scripts: when files are listed, and nothing keeps the page from answering. */
const WATCH_LOAD = `new MutationObserver((_, observer) => {
  if (document.querySelector("[data-row]") === null) return;
  observer.disconnect();
  requestIdleCallback(() => (globalThis.interactiveMs = performance.now()));
}).observe(document, { childList: true, subtree: true })`;

/** A first visit, nothing in any cache, on a slow machine. */
export const webLoad: Group = {
  name: "web-load",
  onlyIf: "asked-for",
  report: "results-web.md",
  async prepare(bench) {
    if (!(await hasAppToMeasure(bench))) return [];
    const share = join(bench.folder, "share");
    await mkdir(share);
    for (let number = 0; number < FILES; number++) {
      await writeFile(join(share, `bench ${number}.txt`), `file ${number}`);
    }
    const tracker = await bench.stage.startTracker();
    await bench.stage.startPeer({ share, trackerUrl: tracker.url, name: "bench" });
    await announced(tracker.url, `bench ${FILES - 1}`, 1);
    return [
      {
        rows: [
          {
            name: "first visit, CPU four times slower: until files are listed and the page is idle",
            figure: "interactiveMs",
            unit: "ms",
            bar: { atMost: 1000 },
          },
        ],
        ours: {
          command: `the app in a new profile of Chromium with Emulation.setCPUThrottlingRate ${CPU_SLOWDOWN}`,
          async run() {
            const app = await openBareApp("about:blank");
            try {
              await app.call("Page.enable");
              await app.call("Page.addScriptToEvaluateOnNewDocument", { source: WATCH_LOAD });
              await app.call("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
              await app.call("Page.navigate", { url: tracker.url });
              const interactiveMs = await until("the app is loaded", () =>
                app.evaluate<number | undefined>("globalThis.interactiveMs"),
              );
              return { interactiveMs };
            } finally {
              await app.close();
            }
          },
        },
        rounds: 9,
      },
    ];
  },
};
