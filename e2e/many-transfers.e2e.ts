import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect as expectSoon, test } from "@playwright/test";
import { openApp } from "./support/app.ts";
import { PICKERS_OF_OPFS } from "./support/opfs-pickers.ts";
import { createStage, until } from "./support/processes.ts";
import { writeSampleFile } from "./support/sample-file.ts";
import { openSlowWay } from "./support/slow-way.ts";

const MIB = 1024 * 1024;
/** A busy machine may take its time. */
const expect = expectSoon.configure({ timeout: 60_000 });
/** So slow that the first one isn't done before the test is. */
const SLOW_BYTES_PER_SECOND = 16 * 1024;
/** Of which so many have a row at first. */
const [FILES, ROWS] = [120, 100] as const;

test("a folder of many files is a list that begins with a hundred rows; the others come when they are asked for", async () => {
  const stage = await createStage();
  const hive = join(stage.folder, "share", "hive");
  await mkdir(hive, { recursive: true });
  // The first one keeps the others waiting: one at a time, on a slow way.
  await writeSampleFile(join(hive, "a queen.bin"), 4 * MIB);
  for (let cell = 1; cell <= FILES; cell++) await writeFile(join(hive, `cell ${cell}.txt`), `honey ${cell}`);
  const tracker = await stage.startTracker();
  const way = await openSlowWay(1024 * MIB);
  const args = ["--advertise", way.url];
  const share = join(stage.folder, "share");
  const peer = await stage.startPeer({ share, trackerUrl: tracker.url, name: "Hive", args });
  way.leadTo(peer.url);
  await until("all files are announced", async () => {
    const stats = await fetch(`${tracker.url}/api/v1/stats`);
    return ((await stats.json()) as { files: number }).files === 1 + FILES || undefined;
  });
  const app = await openApp("about:blank");
  const { page } = app;
  const links = page.getByRole("main").getByRole("listitem").getByRole("link");
  try {
    await page.addInitScript(`${PICKERS_OF_OPFS}; localStorage.setItem("panal.transfers", '{"atOnce":1}');`);
    await page.goto(`${tracker.url}/p`);
    await links.first().click();
    await page.getByRole("link", { name: /hive/ }).click();
    await page.getByRole("button", { name: "Save folder" }).click();
    await expect(page.getByRole("dialog").getByText(`${1 + FILES} files`)).toBeVisible();
    way.setRate(SLOW_BYTES_PER_SECOND);
    await page.getByRole("button", { name: "Into a folder" }).click();
    await page.getByRole("button", { name: "Show transfers" }).click();
    await expect(page.getByText(`${FILES - ROWS} more in this list`)).toBeVisible();
    await expect(page.getByText("Waits for its turn")).toHaveCount(ROWS);
    await expect(links).toHaveCount(1 + ROWS);

    await page.getByRole("button", { name: `Show ${FILES - ROWS} more` }).press("Enter");
    await expect(links).toHaveCount(1 + FILES);
    await expect(links.nth(1 + ROWS)).toBeFocused();
    await expect(page.getByText("more in this list")).toHaveCount(0);
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await way.close();
    await stage.close();
  }
});
