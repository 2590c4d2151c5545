import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { findFirefox } from "../scripts/find-firefox.ts";
import { openApp } from "./support/app.ts";
import { openBareFirefox } from "./support/bare-firefox.ts";
import { announced, createStage, until } from "./support/processes.ts";
import { ENCODE_PICTURES, SHOWN_SECOND, writeFilm } from "./support/webm.ts";

const MIB = 1024 * 1024;

test("Firefox plays a film before it is here, and where it is told to", async () => {
  const firefox = findFirefox();
  if (firefox === undefined) throw new Error("there is no Firefox; npm test gets one");
  const stage = await createStage();
  const share = join(stage.folder, "share");
  await mkdir(share);
  const tracker = await stage.startTracker();
  const maker = await openApp(tracker.url);
  const pictures = await maker.page.evaluate<string[]>(ENCODE_PICTURES);
  await maker.close();
  await writeFilm(join(share, "honeycomb.webm"), { pictures, seconds: 200, bytesPerSecond: MIB });
  await stage.startPeer({ share, trackerUrl: tracker.url, name: "Meadow" });
  const fileId = await announced(tracker.url, "honeycomb", 1);
  const app = await openBareFirefox(firefox, `${tracker.url}/f/${fileId}/watch`);
  try {
    const shows = (second: number) =>
      until(`second ${second} is shown`, async () => {
        const shown = await app.evaluate<number | undefined>(SHOWN_SECOND);
        return shown !== undefined && shown >= second && shown < second + 20 ? true : undefined;
      });
    // Without anybody's click browsers play nothing with sound; there is none in it.
    await shows(0);
    await app.evaluate(`void (document.querySelector("[data-testid=player]").currentTime = 150.5)`);
    await shows(150);
    // Figures are told a few times a second: what is shown already may not be counted yet.
    const bytes = await until("the peer's bytes are shown", async () => {
      const shown = await app.evaluate<number>(
        `[...document.querySelectorAll("[data-testid=source-row]")].reduce((sum, row) => sum + Number(row.dataset.verifiedBytes), 0)`,
      );
      return shown > 0 ? shown : undefined;
    });
    expect(bytes).toBeLessThan(190 * MIB);
  } finally {
    await app.close();
    await stage.close();
  }
});
