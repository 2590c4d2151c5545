import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { openApp } from "./support/app.ts";
import { announced, createStage } from "./support/processes.ts";
import { writeSampleFile } from "./support/sample-file.ts";

const MIB = 1024 * 1024;
/** Two seconds of news make a line; a machine may be slow. */
const PATIENTLY = { timeout: 30_000 };

test("a download shows how fast it and its peers are, and what each cell of the comb is", async () => {
  const stage = await createStage();
  const share = join(stage.folder, "share");
  await mkdir(share);
  await writeSampleFile(join(share, "meadow.bin"), 100 * MIB);
  const tracker = await stage.startTracker();
  // Slow enough to be looked at while it runs, on any machine.
  const args = ["--max-upload-rate", "2M"];
  const peer = await stage.startPeer({ share, trackerUrl: tracker.url, name: "Meadow", args });
  const fileId = await announced(tracker.url, "meadow", 1);
  const app = await openApp(`${tracker.url}/f/${fileId}`);
  try {
    const { page } = app;
    await page.getByRole("button", { name: "Download", exact: true }).click();
    const row = page.getByTestId("source-row");
    await expect(row).toContainText("Meadow", PATIENTLY);
    await expect(row).toContainText("direct");
    await expect(row.getByTestId("sparkline")).toBeVisible(PATIENTLY);
    await expect(
      page.getByRole("img", { name: /^Speed in the last minute: now .+B\/s, at most .+B\/s$/ }),
    ).toBeVisible();

    const tip = page.locator("#comb-cell");
    await page.getByRole("img", { name: "Pieces of the file" }).focus();
    await page.keyboard.press("End");
    await expect(tip).toHaveText(/^Piece 100: /);
    await expect(page.getByTestId("marked-cell")).toBeVisible();
    await page.keyboard.press("Home");
    await expect(tip).toHaveText("Piece 1: verified, from Meadow", PATIENTLY);

    // Who goes is said to be gone, with the way it came and what it brought.
    await peer.stop("SIGTERM");
    await expect(page.getByTestId("transfer-state")).toHaveAttribute("data-state", "waiting", PATIENTLY);
    await expect(row).toContainText("direct");
    await expect(row).toContainText("MB");
    expect(
      app.errors.filter(
        (error) => !/Failed to fetch|ERR_CONNECTION|network error|Failed to load/i.test(error),
      ),
    ).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});
