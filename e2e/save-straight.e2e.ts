import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect as expectSoon, test } from "@playwright/test";
import { findFirefox } from "../scripts/find-firefox.ts";
import { openApp } from "./support/app.ts";
import { openBareFirefox } from "./support/bare-firefox.ts";
import { announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";

/** A busy machine may take its time. */
const expect = expectSoon.configure({ timeout: 60_000 });
/** Several pieces, the last one short. */
const FILE_BYTES = 9 * 1024 * 1024 + 5;

async function createScene() {
  const stage = await createStage();
  const share = join(stage.folder, "share");
  await mkdir(share);
  const digest = await writeSampleFile(join(share, "meadow.bin"), FILE_BYTES);
  const tracker = await stage.startTracker();
  await stage.startPeer({ share, trackerUrl: tracker.url, name: "Meadow" });
  const fileId = await announced(tracker.url, "meadow", 1);
  return { stage, digest, url: `${tracker.url}/f/${fileId}` };
}

test("without a file dialog, a file also goes straight to the downloads, with its length; the page says why", async () => {
  const { stage, digest, url } = await createScene();
  const app = await openApp("about:blank");
  const { page } = app;
  try {
    await page.addInitScript("delete self.showSaveFilePicker");
    const answered = page.context().waitForEvent("response", (response) => response.url().includes("/save/"));
    await page.goto(url);
    await expect(page.getByText("this browser lets no page write into a file you choose")).toBeVisible();
    await expect(page.getByText("without a copy in the browser, checked on the way")).toBeVisible();
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Straight to downloads" }).click();
    const download = await saving;
    expect(download.suggestedFilename()).toBe("meadow.bin");
    expect(await sha256Of(await download.path())).toBe(digest);
    expect((await answered).headers()["content-length"]).toBe(String(FILE_BYTES));
    await expect(page.getByTestId("save")).toHaveAttribute("data-state", "done");
    await expect(page.getByText("Every piece verified, all in your downloads")).toBeVisible();
    // Nothing of it stays in the browser.
    await page.reload();
    await expect(page.getByText("No transfers")).toBeVisible();
  } finally {
    await app.close();
    await stage.close();
  }
});

test("with a file dialog there is one way, and the page says which", async () => {
  const { stage, url } = await createScene();
  const app = await openApp(url);
  const { page } = app;
  try {
    await expect(page.getByText("You choose where it goes")).toBeVisible();
    await expect(page.getByRole("button", { name: "Straight to downloads" })).toHaveCount(0);
  } finally {
    await app.close();
    await stage.close();
  }
});

test("Firefox saves a file straight to its downloads, whole and verified", async () => {
  const firefox = findFirefox();
  if (firefox === undefined) throw new Error("there is no Firefox; npm test gets one");
  const { stage, digest, url } = await createScene();
  const downloads = join(stage.folder, "downloads");
  await mkdir(downloads);
  const app = await openBareFirefox(firefox, url, {
    preferences: { "browser.download.folderList": 2, "browser.download.dir": downloads },
  });
  try {
    await until("the way is offered", async () =>
      (await app.evaluate<boolean>(
        `[...document.querySelectorAll("button:enabled")].filter(({ textContent }) => textContent === "Straight to downloads").map((button) => button.click()).length > 0`,
      ))
        ? true
        : undefined,
    );
    await until("the page says that it is done", async () => {
      const state = await app.evaluate<string | undefined>(
        `document.querySelector("[data-testid=save]")?.dataset.state`,
      );
      expect(state).not.toBe("failed");
      return state === "done" ? true : undefined;
    });
    const path = join(downloads, "meadow.bin");
    await until("Firefox has put it there", async () => {
      // While it comes, there is another file beside it, or for a moment instead of it.
      const isAlone = (await readdir(downloads)).length === 1;
      const there = await stat(path).catch(() => undefined);
      return isAlone && there?.size === FILE_BYTES ? true : undefined;
    });
    expect(await sha256Of(path)).toBe(digest);
  } finally {
    await app.close();
    await stage.close();
  }
});
