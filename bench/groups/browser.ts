import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openBareApp } from "../../e2e/support/bare-chromium.ts";
import { openBareFirefox } from "../../e2e/support/bare-firefox.ts";
import { announced } from "../../e2e/support/processes.ts";
import { writeSampleFile } from "../../e2e/support/sample-file.ts";
import { findBrowser } from "../../scripts/find-browser.ts";
import { findFirefox } from "../../scripts/find-firefox.ts";
import type { Job } from "../page/job.ts";
import { serveBenchPage } from "../support/bench-page.ts";
import type { Group } from "../support/bench.ts";
import { type BenchBrowser, benchPageLoaded, storeTrial } from "../support/store-trial.ts";
import type { Row, Trial } from "../support/trial.ts";

const FILE_BYTES = 512 * 1024 * 1024;

/** Our client in real browsers, against a bare `fetch` from the same peer. */
export const browser: Group = {
  name: "browser",
  report: "results.md",
  async prepare(bench) {
    const share = join(bench.folder, "share");
    await mkdir(share);
    await writeSampleFile(join(share, "bench.bin"), FILE_BYTES);
    const server = await serveBenchPage(join(bench.folder, "page"));
    bench.defer(server.close);
    const tracker = await bench.stage.startTracker();
    const { origin } = new URL(server.url);
    const peer = await bench.stage.startPeer({
      share,
      trackerUrl: tracker.url,
      name: "bench",
      args: ["--allow-origin", origin],
    });
    const fileId = await announced(tracker.url, "bench", 1);

    const trials: Trial[] = [];
    const add = (page: BenchBrowser, target: Job["target"], row: Pick<Row, "name" | "bar">) =>
      trials.push(storeTrial(page, { target, fileId, fileBytes: FILE_BYTES, peerUrl: peer.url, row }));

    const chromium = findBrowser();
    if (chromium === undefined) {
      bench.missing("Chromium", "apt-get install chromium, or npx playwright install chromium");
    } else {
      const app = await openBareApp(server.url);
      bench.defer(app.close);
      await benchPageLoaded(app);
      add(app, "opfs", {
        name: "Chromium, gRPC-Web, verified, into OPFS, against a bare fetch into OPFS, not verified",
        bar: { atLeast: 0.9 },
      });
      add(app, "nothing", {
        name: "Chromium, gRPC-Web, verified, into nothing, against a bare BYOB fetch into nothing",
        bar: { atLeast: 0.6 },
      });
    }

    const firefox = findFirefox();
    if (firefox === undefined) {
      bench.missing("Firefox", "apt-get install firefox-esr");
    } else {
      const app = await openBareFirefox(firefox, server.url);
      bench.defer(app.close);
      await benchPageLoaded(app);
      add(app, "opfs", {
        name: "Firefox, gRPC-Web, verified, into OPFS, against a bare fetch into OPFS, not verified",
        bar: { atLeast: 0.9 },
      });
    }
    return trials;
  },
};
