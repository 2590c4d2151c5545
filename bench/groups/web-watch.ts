import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openBareApp } from "../../e2e/support/bare-chromium.ts";
import { announced, until } from "../../e2e/support/processes.ts";
import { ENCODE_PICTURES, writeFilm } from "../../e2e/support/webm.ts";
import { hasAppToMeasure } from "../support/app-to-measure.ts";
import type { Group } from "../support/bench.ts";

/** A gigabyte together. */
const SECONDS = 954;
const BYTES_PER_SECOND = 1024 * 1024;

interface Outcome {
  firstFrameMs: number;
  seekMs: number;
}

/** Runs in the app's page: opens the film, waits for its first picture, jumps far ahead, waits for a picture there; leaves. */
const watchOnce = (fileId: string) => `(async () => {
  const pictureFrom = (video, seconds) => new Promise((resolve) => {
    const look = () => video.requestVideoFrameCallback((_, { mediaTime }) => mediaTime >= seconds ? resolve() : look());
    look();
  });
  const opened = performance.now();
  history.pushState(null, "", "/f/${fileId}/watch");
  let video = null;
  while (video === null) {
    await new Promise(requestAnimationFrame);
    video = document.querySelector("[data-testid=player]");
  }
  // Nobody has clicked, so nothing may be heard.
  video.muted = true;
  await pictureFrom(video, 0);
  const firstFrameMs = performance.now() - opened;
  await video.play();
  const jumped = performance.now();
  video.currentTime = ${SECONDS} * (0.4 + Math.random() / 2);
  await pictureFrom(video, ${SECONDS} * 0.3);
  const seekMs = performance.now() - jumped;
  history.pushState(null, "", "/");
  return { firstFrameMs, seekMs };
})()`;

/** Takes away what the visit before has kept; false while it is still being closed. */
const forget = (fileId: string) => `(async () => {
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle("panal-downloads");
    await folder.removeEntry("${fileId}", { recursive: true });
    return true;
  } catch (error) {
    return error.name === "NotFoundError";
  }
})()`;

/** A film of a gigabyte in the app, from a peer on this machine, nothing of it kept from before. */
export const webWatch: Group = {
  name: "web-watch",
  onlyIf: "asked-for",
  report: "results-web.md",
  async prepare(bench) {
    if (!(await hasAppToMeasure(bench))) return [];
    const share = join(bench.folder, "share");
    await mkdir(share);
    const tracker = await bench.stage.startTracker();
    const app = await openBareApp(tracker.url);
    bench.defer(app.close);
    await until("the service worker answers for the page", async () =>
      (await app.evaluate<boolean>("(navigator.serviceWorker?.controller ?? null) !== null"))
        ? true
        : undefined,
    );
    const pictures = await app.evaluate<string[]>(ENCODE_PICTURES);
    await writeFilm(join(share, "bench.webm"), {
      pictures,
      seconds: SECONDS,
      bytesPerSecond: BYTES_PER_SECOND,
    });
    await bench.stage.startPeer({ share, trackerUrl: tracker.url, name: "bench" });
    const fileId = await announced(tracker.url, "bench", 1);
    const rows = [
      { name: "a WebM of 1 GB: from opening it to its first picture", figure: "firstFrameMs", atMost: 1000 },
      { name: "the same: from a seek far ahead to the picture there", figure: "seekMs", atMost: 500 },
    ];
    return [
      {
        rows: rows.map(({ atMost, ...row }) => ({ ...row, unit: "ms", bar: { atMost } })),
        ours: {
          command:
            "the app in Chromium: /f/{fileId}/watch, verified, through the service worker, from one peer",
          async run() {
            const { firstFrameMs, seekMs } = await app.evaluate<Outcome>(watchOnce(fileId));
            await until("what was kept is gone", async () =>
              (await app.evaluate<boolean>(forget(fileId))) ? true : undefined,
            );
            return { firstFrameMs, seekMs };
          },
        },
        rounds: 9,
      },
    ];
  },
};
