import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { findFirefox } from "../scripts/find-firefox.ts";
import { openBareFirefox } from "./support/bare-firefox.ts";
import { createFilmStage, expectNoErrors } from "./support/film-stage.ts";
import { announced, until } from "./support/processes.ts";
import { writeSampleFile } from "./support/sample-file.ts";
import { POSTER_SECOND } from "./support/webm.ts";

const MIB = 1024 * 1024;
/** The app waits for a film as long as this itself. */
const PATIENTLY = { timeout: 30_000 };

test("the grid shows a picture of a film, from a few pieces of it, and the icon of one that can't be played", async () => {
  // Its index is at the end, as some cameras leave it: start, end, and the picture.
  const { app, share, tracker, startPeer, close } = await createFilmStage({
    seconds: 400,
    bytesPerSecond: MIB / 4,
    indexAt: "end",
  });
  try {
    const { page } = app;
    await writeSampleFile(join(share, "no film.webm"), 3_000_000);
    await writeFile(join(share, "words.txt"), "words");
    await startPeer("Ana");
    await announced(tracker.url, "words", 1);
    const pieces = new Set<number>();
    page.on("response", (answer) => {
      if (!answer.url().endsWith("/honeycomb.webm?peek")) return;
      const [, start] = /^bytes (\d+)-/.exec(answer.headers()["content-range"] ?? "") ?? [];
      pieces.add(Math.floor(Number(start) / MIB));
    });
    await page.goto(`${tracker.url}/?view=grid&sort=name`);
    const tileOf = (name: RegExp) => page.getByRole("link", { name });
    const poster = tileOf(/honeycomb/).locator("img");
    await expect(poster).toHaveAttribute("src", /^blob:/, PATIENTLY);
    // A tenth of its length.
    expect(await page.evaluate<number>(POSTER_SECOND)).toBe(40);
    expect(pieces.size).toBeGreaterThan(1);
    expect(pieces.size).toBeLessThanOrEqual(8);
    await expect(tileOf(/no film/).locator("svg")).toBeVisible();
    await expect(tileOf(/no film/).locator("img")).toHaveCount(0);

    // What was looked into isn't kept as a download.
    await page.goto(`${tracker.url}/transfers`);
    await expect(page.getByText("No transfers")).toBeVisible();
    expectNoErrors(app);
  } finally {
    await close();
  }
});

test("Firefox's grid shows a picture of a film, too", async () => {
  const firefox = findFirefox();
  if (firefox === undefined) throw new Error("there is no Firefox; npm test gets one");
  const { tracker, startPeer, close } = await createFilmStage({ seconds: 400, bytesPerSecond: MIB / 4 });
  try {
    await startPeer("Ana");
    await announced(tracker.url, "honeycomb", 1);
    const app = await openBareFirefox(firefox, `${tracker.url}/?view=grid`);
    try {
      await until("the picture is there", () =>
        app.evaluate<true | undefined>(
          `document.querySelector("main a img")?.src.startsWith("blob:") ? true : undefined`,
        ),
      );
      expect(await app.evaluate<number>(POSTER_SECOND)).toBe(40);
    } finally {
      await app.close();
    }
  } finally {
    await close();
  }
});
