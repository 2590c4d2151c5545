import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect as expectSoon, type Page, test } from "@playwright/test";
import { displayName, safeFileName } from "@panal/sdk";
import { openApp } from "./support/app.ts";
import { bringAxe, findingsInEveryLook } from "./support/axe.ts";
import { give } from "./support/give-file.ts";
import {
  HOSTILE_FOLDER_NAME,
  HOSTILE_NAMES,
  HOSTILE_PEER_NAME,
  writeHostileShare,
} from "./support/hostile-share.ts";
import { PICKERS_OF_OPFS } from "./support/opfs-pickers.ts";
import { announced, createStage } from "./support/processes.ts";
import { writeSampleFile } from "./support/sample-file.ts";
import { chooseToShare, isShared, openSharingApp } from "./support/sharing-tab.ts";

// Where files are on their way, with the worst names there may be: whoever looks at it has all of them on one screen.

/** A busy machine may take its time. */
const expect = expectSoon.configure({ timeout: 60_000 });
const SHOWN_NAMES = Object.values(HOSTILE_NAMES).map((name) => displayName(name));
/** As they are called on a disk, which takes less. */
const SAVED_NAMES = Object.values(HOSTILE_NAMES).map((name) => displayName(safeFileName(name)));
/** 252 bytes. */
const SLOW_NAME = `<img src=x onerror="document.title='owned'">\u202e\n${"slow".repeat(50)}.bin`;

/** Every name is there as one line of text, and has become nothing else. */
async function expectInert(page: Page, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await expect(page.getByRole("main").getByText(name, { exact: true }).first()).toBeVisible();
  }
  expect(await page.locator("body").locator("img[src=x], script:not([src]), b[onclick]").count()).toBe(0);
}

test("hostile names are inert, axe finds nothing and nothing is too wide: a selection, how it is saved, transfers", async () => {
  const stage = await createStage();
  const app = await openApp("about:blank");
  const { page } = app;
  try {
    const [share, slow] = [join(stage.folder, "share"), join(stage.folder, "slow")];
    await writeHostileShare(join(share, "hostile"));
    await mkdir(slow);
    await writeSampleFile(join(slow, SLOW_NAME), 4 * 1024 * 1024);
    const tracker = await stage.startTracker();
    await stage.startPeer({ share, trackerUrl: tracker.url, name: HOSTILE_PEER_NAME });
    const args = ["--max-upload-rate", "20K"];
    await stage.startPeer({ share: slow, trackerUrl: tracker.url, name: "Slow", args });
    await announced(tracker.url, "annexe", 1);
    await announced(tracker.url, "slow", 1);
    await page.addInitScript(PICKERS_OF_OPFS);
    await bringAxe(page);

    await page.goto(`${tracker.url}/?q=hostile&sort=name`);
    await page.getByRole("button", { name: "Select files" }).click();
    const count = SHOWN_NAMES.length * 2;
    await expect(page.getByRole("checkbox", { name: /^Select / })).toHaveCount(count);
    await page.getByRole("button", { name: "Select all" }).click();
    const bar = page.getByRole("region", { name: "Selection" });
    await expect(bar).toContainText(`${count} files selected`);
    await expectInert(page, SHOWN_NAMES);
    expect(await findingsInEveryLook(page)).toEqual([]);
    await bar.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("button", { name: "As one ZIP" })).toBeVisible();
    expect(await findingsInEveryLook(page)).toEqual([]);

    await page.getByRole("button", { name: "Into a folder" }).click();
    await page.getByRole("button", { name: "Show transfers" }).click();
    await expect(page.getByText("Complete, every piece verified")).toHaveCount(count);
    await expectInert(page, SAVED_NAMES);
    expect(await findingsInEveryLook(page)).toEqual([]);

    await page.goto(`${tracker.url}/?q=slow`);
    await page.locator("[data-row]").first().click();
    await page.getByRole("button", { name: "Download", exact: true }).click();
    await expect(page.getByTestId("transfer-state")).toHaveAttribute("data-state", "running");
    await page
      .getByRole("navigation")
      .getByRole("link", { name: /Transfers/ })
      .click();
    await expect(page.getByRole("button", { name: "Pause", exact: true })).toBeVisible();
    await expectInert(page, [displayName(SLOW_NAME)]);
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    await expect(page.getByRole("alertdialog")).toContainText(displayName(SLOW_NAME));
    expect(await findingsInEveryLook(page)).toEqual([]);
    await page.getByRole("button", { name: "Discard" }).click();
    await expect(page.getByText(displayName(SLOW_NAME), { exact: true })).toHaveCount(0);
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});

test("the same where a tab shares files and a folder, and somebody fetches one", async () => {
  const stage = await createStage();
  const { url: trackerUrl } = await stage.startTracker();
  const app = await openSharingApp(trackerUrl);
  const { page } = app;
  try {
    await bringAxe(page);
    await page.reload();
    await page.evaluate(async (name) => {
      const top = await navigator.storage.getDirectory();
      const file = await (await top.getFileHandle(name, { create: true })).createWritable();
      await file.write("content");
      await file.close();
    }, HOSTILE_NAMES.turned);
    await chooseToShare(page, "files");
    await isShared(page, 1);
    await page.reload();
    await expect(page.getByText(`Shared before: ${displayName(HOSTILE_NAMES.turned)}`)).toBeVisible();

    await page.getByLabel("Name that others see").fill(HOSTILE_PEER_NAME);
    for (const name of Object.values(HOSTILE_NAMES)) {
      // One is large enough to be under way while it is looked at.
      await give(page, "drop", name, name.repeat(name === HOSTILE_NAMES.turned ? 500_000 : 1));
    }
    await writeHostileShare(stage.folder);
    await page.locator("input[webkitdirectory]").setInputFiles(join(stage.folder, HOSTILE_FOLDER_NAME));
    await isShared(page, SHOWN_NAMES.length + 1);
    await expect(page.getByTestId("share-state")).toHaveAttribute("data-state", "sharing");
    const fileId = await announced(trackerUrl, "annexe", 1);
    const target = ["--output", join(stage.folder, "fetched")];
    const slowly = ["--max-download-rate", "50K"];
    const reader = stage.spawnCli(["download", fileId, "--tracker", trackerUrl, ...target, ...slowly]);
    try {
      await expect(page.getByTestId("share-reader")).toBeVisible();
      await expectInert(page, [...SHOWN_NAMES, displayName(HOSTILE_FOLDER_NAME)]);
      expect(await findingsInEveryLook(page)).toEqual([]);
    } finally {
      reader.kill("SIGKILL");
    }

    await page.getByRole("link", { name: "See it as others do" }).click();
    await expect(page.getByRole("heading", { level: 1, name: displayName(HOSTILE_PEER_NAME) })).toBeVisible();
    await expectInert(page, [...SHOWN_NAMES, displayName(HOSTILE_FOLDER_NAME)]);
    expect(await findingsInEveryLook(page)).toEqual([]);
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});
