import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { openBareApp } from "./support/bare-chromium.ts";
import { announced, createStage, until } from "./support/processes.ts";
import { rendererPss } from "./support/renderer-memory.ts";
import { ENCODE_PICTURES, SHOWN_SECOND, writeFilm } from "./support/webm.ts";

const MIB = 1024 * 1024;
const SECONDS = 256;
/** 2 MiB each, a good picture on a large screen; half a GiB together, more than a page may hold. */
const BYTES_PER_SECOND = 2 * MIB;
/** What a film may add to the page's memory while it goes by, however long it is. */
const MAX_GROWTH_BYTES = 200 * MIB;

test("a film of 512 MiB is watched from end to end in constant memory", async () => {
  const stage = await createStage();
  const share = join(stage.folder, "share");
  await mkdir(share);
  const tracker = await stage.startTracker();
  const app = await openBareApp(tracker.url);
  try {
    await until("the page is there", async () =>
      (await app.evaluate<boolean>('document.querySelector("main") !== null')) ? true : undefined,
    );
    const pictures = await app.evaluate<string[]>(ENCODE_PICTURES);
    await writeFilm(join(share, "honeycomb.webm"), {
      pictures,
      seconds: SECONDS,
      bytesPerSecond: BYTES_PER_SECOND,
    });
    await stage.startPeer({ share, trackerUrl: tracker.url, name: "One" });
    const fileId = await announced(tracker.url, "honeycomb", 1);
    const before = await rendererPss(app.profile);
    expect(before).toBeGreaterThan(0);
    let peak = before;
    await app.evaluate(`history.pushState(null, "", "/f/${fileId}/watch")`);
    const shows = (second: number) =>
      until(`second ${second} is shown`, async () => {
        peak = Math.max(peak, await rendererPss(app.profile));
        const shown = await app.evaluate<number | undefined>(SHOWN_SECOND);
        return shown !== undefined && shown >= second && shown < second + 8 ? true : undefined;
      });
    await shows(0);
    const begun = await rendererPss(app.profile);
    for (let second = 4; second < SECONDS - 4; second += 24) {
      await app.evaluate(`document.querySelector("[data-testid=player]").currentTime = ${second}.5`);
      await shows(second);
    }
    const [beforeMib, begunMib, peakMib] = [before, begun, peak].map((bytes) => Math.round(bytes / MIB));
    console.log(
      `renderer PSS: ${beforeMib} MiB before, ${begunMib} when it began to play, ${peakMib} at most`,
    );
    expect(peak - begun).toBeLessThan(MAX_GROWTH_BYTES);
  } finally {
    await app.close();
    await stage.close();
  }
});
