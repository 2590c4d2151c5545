import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect as expectSoon, test } from "@playwright/test";
import { openApp } from "./support/app.ts";
import { PICKERS_OF_OPFS } from "./support/opfs-pickers.ts";
import { createStage, until } from "./support/processes.ts";

/** A busy machine may take its time. */
const expect = expectSoon.configure({ timeout: 60_000 });
/** Of which so many have a row at first. */
const [FILES, ROWS] = [120, 100] as const;

test("a folder of many files is a list that begins with a hundred rows; the others come when they are asked for", async () => {
  const stage = await createStage();
  const hive = join(stage.folder, "share", "hive");
  await mkdir(hive, { recursive: true });
  for (let cell = 1; cell <= FILES; cell++) await writeFile(join(hive, `cell ${cell}.txt`), `honey ${cell}`);
  const tracker = await stage.startTracker();
  await stage.startPeer({ share: join(stage.folder, "share"), trackerUrl: tracker.url, name: "Hive" });
  await until("all files are announced", async () => {
    const stats = await fetch(`${tracker.url}/api/v1/stats`);
    return ((await stats.json()) as { files: number }).files === FILES || undefined;
  });
  const app = await openApp("about:blank");
  const { page } = app;
  const links = page.getByRole("main").getByRole("listitem").getByRole("link");
  try {
    await page.addInitScript(PICKERS_OF_OPFS);
    await page.goto(`${tracker.url}/p`);
    await links.first().click();
    await page.getByRole("link", { name: /hive/ }).click();
    await page.getByRole("button", { name: "Save folder" }).click();
    await page.getByRole("button", { name: "Into a folder" }).click();
    await page.getByRole("button", { name: "Show transfers" }).click();
    await expect(page.getByText(`${FILES - ROWS} more in this list`)).toBeVisible();
    await expect(page.getByText("Complete, every piece verified")).toHaveCount(ROWS);
    await expect(links).toHaveCount(ROWS);

    await page.getByRole("button", { name: `Show ${FILES - ROWS} more` }).press("Enter");
    await expect(links).toHaveCount(FILES);
    await expect(links.nth(ROWS)).toBeFocused();
    await expect(page.getByText("more in this list")).toHaveCount(0);
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});
