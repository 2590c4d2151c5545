import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type BareApp, openBareApp } from "../../e2e/support/bare-chromium.ts";
import { listedPeers } from "../../e2e/support/listed-peers.ts";
import { announced, until } from "../../e2e/support/processes.ts";
import { writeSampleFile } from "../../e2e/support/sample-file.ts";
import { hasAppToMeasure } from "../support/app-to-measure.ts";
import { serveBenchPage } from "../support/bench-page.ts";
import type { Bench, Group } from "../support/bench.ts";
import { benchPageLoaded, storeTrial } from "../support/store-trial.ts";
import type { Contender, Trial } from "../support/trial.ts";

const FILE_BYTES = 512 * 1024 * 1024;

interface Scene {
  readonly trackerUrl: string;
  readonly peerUrl: string;
  readonly peerId: string;
  readonly fileId: string;
}

/** Verified bytes into each kind of store that a browser has, against the same bytes unverified into the same. */
export const webStores: Group = {
  name: "web-stores",
  onlyIf: "asked-for",
  report: "results-web.md",
  async prepare(bench) {
    if (!(await hasAppToMeasure(bench))) return [];
    const share = join(bench.folder, "share");
    await mkdir(share);
    await writeSampleFile(join(share, "bench.bin"), FILE_BYTES);
    const server = await serveBenchPage(join(bench.folder, "page"));
    bench.defer(server.close);
    const tracker = await bench.stage.startTracker();
    const args = ["--allow-origin", new URL(server.url).origin];
    const peer = await bench.stage.startPeer({ share, trackerUrl: tracker.url, name: "bench", args });
    const fileId = await announced(tracker.url, "bench", 1);
    const { peerId } = (await listedPeers(tracker.url))[0]!;
    const scene = { trackerUrl: tracker.url, peerUrl: peer.url, peerId, fileId };

    const page = await openBareApp(server.url);
    bench.defer(page.close);
    await benchPageLoaded(page);
    const into = (target: "opfs" | "picked", name: string) =>
      storeTrial(page, {
        target,
        fileId,
        fileBytes: FILE_BYTES,
        peerUrl: peer.url,
        row: { name, bar: { atLeast: 0.9 } },
      });
    return [
      into("opfs", "verified into the browser's own storage, against a bare fetch into it"),
      into("picked", "verified into a picked file, against a bare fetch into one"),
      await downloadsTrial(bench, page, scene),
    ];
  },
};

/** Through the service worker into the browser's downloads; headless browsers have those, too. */
async function downloadsTrial(
  bench: Bench,
  page: BareApp,
  { trackerUrl, peerUrl, peerId, fileId }: Scene,
): Promise<Trial> {
  const app = await openBareApp(trackerUrl);
  bench.defer(app.close);
  await page.evaluate('navigator.serviceWorker.register("/bare-worker.js").then(() => {})');
  for (const each of [app, page]) {
    await until("the service worker answers for the page", async () =>
      (await each.evaluate<boolean>("(navigator.serviceWorker?.controller ?? null) !== null"))
        ? true
        : undefined,
    );
  }
  const contender = (browser: BareApp, command: string, start: () => Promise<void>): Contender => ({
    command,
    async run() {
      const startedAt = performance.now();
      await start();
      const path = await saved(browser);
      const bytesPerSecond = FILE_BYTES / ((performance.now() - startedAt) / 1000);
      await rm(path);
      return { bytesPerSecond };
    },
  });
  return {
    rows: [
      {
        name: "verified, as a ZIP, through the service worker into the downloads, against a bare fetch in one",
        figure: "bytesPerSecond",
        unit: "MiB/s",
        bar: { atLeast: 0.5 },
      },
    ],
    ours: contender(app, "the app in Chromium: /p/{peerId}, Save folder, As one ZIP", async () => {
      await app.evaluate(`history.pushState(null, "", "/")`);
      await app.evaluate(`history.pushState(null, "", "/p/${peerId}")`);
      await app.click("main button", /Save folder/);
      await app.click("[role=dialog] button", /As one ZIP/);
    }),
    theirs: contender(page, 'a service worker that answers with fetch("/files/...").body', async () => {
      await page.evaluate(`(() => {
        const link = document.createElement("a");
        link.href = "/bare-save?from=" + encodeURIComponent(${JSON.stringify(`${peerUrl}/files/${fileId}/bench.bin`)});
        link.click();
      })()`);
    }),
  };
}

/** The file once the browser has put it in its place. */
async function saved(app: BareApp): Promise<string> {
  return until("the browser has saved the file", async () => {
    for (const name of await readdir(app.downloads)) {
      const path = join(app.downloads, name);
      const { size } = await stat(path).catch(() => ({ size: 0 }));
      if (!name.endsWith(".crdownload") && size >= FILE_BYTES) return path;
    }
    return undefined;
  });
}
