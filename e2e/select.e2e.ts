import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect as expectSoon, type Page, test } from "@playwright/test";
import { findPython } from "../scripts/find-python.ts";
import { announcedFile, announceFiles } from "./support/announcing-peer.ts";
import { openApp } from "./support/app.ts";
import { freePort } from "./support/free-port.ts";
import { PICKERS_OF_OPFS, pickedDigest } from "./support/opfs-pickers.ts";
import { announced, createStage } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";

const run = promisify(execFile);
/** A busy machine may take its time. */
const expect = expectSoon.configure({ timeout: 60_000 });
/** Those who only announce here don't send heartbeats. */
const LONG_LEASES = ["--heartbeat-seconds", "600"];

const box = (page: Page, name: string) => page.getByRole("checkbox", { name: `Select ${name}`, exact: true });
const link = (page: Page, name: string) => page.getByRole("link", { name: new RegExp(name) });
const bar = (page: Page) => page.getByRole("region", { name: "Selection" });

/** Files, each 1 MB, in the order of their names: file 01.txt and on. */
async function createList(count = 20) {
  const stage = await createStage();
  const tracker = await stage.startTracker({ args: LONG_LEASES });
  const names = Array.from(
    { length: count },
    (_, index) => `file ${String(index + 1).padStart(String(count).length, "0")}.txt`,
  );
  const files = names.map((name) => announcedFile(name));
  const peer = await announceFiles(tracker.url, { name: "Ana", port: await freePort(), files });
  return { stage, peer, files, url: `${tracker.url}/?sort=name` };
}

test("several files are selected by box, by Shift and by keys; the selection stays when the list changes", async () => {
  const { stage, peer, files, url } = await createList();
  const app = await openApp(url);
  const { page } = app;
  try {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await expect(bar(page)).toBeHidden();
    await link(page, "file 02").hover();
    await box(page, "file 02.txt").click();
    await expect(bar(page)).toContainText("1 file selected · 1.0 MB");
    await box(page, "file 05.txt").click({ modifiers: ["Shift"] });
    await expect(bar(page)).toContainText("4 files selected · 4.0 MB");
    // A click on a row selects it now; with Shift, all up to there from the box that was clicked.
    await link(page, "file 04").click({ modifiers: ["Shift"] });
    await expect(bar(page)).toContainText("3 files selected");
    await link(page, "file 03").click();
    await expect(bar(page)).toContainText("2 files selected");
    await expect(page).toHaveURL(url);

    // New files come: what is selected stays so.
    await peer.add([announcedFile("file 00.txt")]);
    await page.getByRole("button", { name: "1 new file: show" }).click();
    await expect(link(page, "file 00")).toBeVisible();
    await expect(box(page, "file 02.txt")).toBeChecked();
    await expect(box(page, "file 03.txt")).not.toBeChecked();
    await expect(bar(page)).toContainText("2 files selected");
    await bar(page).getByRole("button", { name: "Copy the links" }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied.split("\n")).toEqual(
      [1, 3].map((index) => `${new URL(url).origin}/f/${files[index]!.fileId}`),
    );
    await bar(page).getByRole("button", { name: "End the selection" }).click();
    await expect(bar(page)).toBeHidden();

    // By keyboard: the space bar, Shift with arrows, all, and Escape; Enter still opens.
    await link(page, "file 06").focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("Shift+ArrowUp");
    await expect(link(page, "file 07")).toBeFocused();
    await expect(bar(page)).toContainText("2 files selected");
    await page.keyboard.press("Tab");
    await expect(box(page, "file 07.txt")).toBeFocused();
    await page.keyboard.press("Space");
    await expect(bar(page).getByRole("status").first()).toHaveText("1 file selected · 1.0 MB");
    await page.keyboard.press("Control+a");
    await expect(bar(page)).toContainText("21 files selected");
    await link(page, "file 09").focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "file 09.txt" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(bar(page)).toBeHidden();
    await expect(page.getByRole("heading", { name: "file 09.txt" })).toBeVisible();

    // One that is selected goes, comes again, and goes.
    await link(page, "file 04").hover();
    await box(page, "file 04.txt").click();
    await box(page, "file 06.txt").click();
    const lost = bar(page).getByText("1 of them nobody has any more: it isn't saved.");
    await peer.remove(["file 04.txt"]);
    await expect(lost).toBeVisible();
    await peer.add([announcedFile("file 04.txt")]);
    await expect(lost).toBeHidden();
    await peer.remove(["file 04.txt"]);
    await expect(lost).toBeVisible();
    await expect(bar(page)).toContainText("2 files selected");
    await bar(page).getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("dialog").getByText("1 file · 1.0 MB")).toBeVisible();
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});

test("of a list that is longer than what is loaded, the button says how many it selects", async () => {
  const { stage, url } = await createList(230);
  const app = await openApp(url);
  const { page } = app;
  try {
    await page.getByRole("button", { name: "Select files" }).click();
    await bar(page).getByRole("button", { name: "Select the 200 shown" }).click();
    await expect(bar(page)).toContainText("200 files selected");
    await link(page, "file 001").focus();
    await page.keyboard.press("End");
    await bar(page).getByRole("button", { name: "Select all" }).click();
    await expect(bar(page)).toContainText("230 files selected");
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});

test("a finger that stays on a file of the grid selects it, and the next ones need a touch each", async () => {
  const { stage, url } = await createList();
  const app = await openApp(`${url}&view=grid`, {
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  const { page } = app;
  try {
    await expect(box(page, "file 01.txt")).toBeHidden();
    const place = (await link(page, "file 01").boundingBox())!;
    const touchPoints = [{ x: place.x + place.width / 2, y: place.y + place.height / 2 }];
    const device = await page.context().newCDPSession(page);
    await device.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
    await expect(bar(page)).toContainText("1 file selected");
    await device.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await expect(box(page, "file 01.txt")).toBeChecked();
    await link(page, "file 02").tap();
    await expect(bar(page)).toContainText("2 files selected");
    await link(page, "file 01").tap();
    await expect(bar(page)).toContainText("1 file selected");
    await bar(page).getByRole("button", { name: "End the selection" }).tap();
    await page.getByRole("button", { name: "Select files" }).tap();
    await expect(bar(page)).toContainText("Nothing selected");
    await bar(page).getByRole("button", { name: "Select all" }).tap();
    await expect(bar(page)).toContainText("20 files selected");
    expect(new URL(page.url()).pathname).toBe("/");
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});

test("a selection is saved as a tree of folders, and as one ZIP, without the folders all have in common", async () => {
  const stage = await createStage();
  const share = join(stage.folder, "share");
  await mkdir(join(share, "apiary", "hive", "comb"), { recursive: true });
  const queen = await writeSampleFile(join(share, "apiary", "hive", "comb", "queen.bin"), 1_500_000);
  const drone = await writeSampleFile(join(share, "apiary", "hive", "drone.bin"), 300_000, 2);
  await writeSampleFile(join(share, "apiary", "hive", "worker.bin"), 1000, 3);
  const tracker = await stage.startTracker();
  await stage.startPeer({ share, trackerUrl: tracker.url, name: "Hive" });
  for (const name of ["queen", "drone", "worker"]) await announced(tracker.url, name, 1);
  const app = await openApp("about:blank");
  const { page } = app;
  const dialog = page.getByRole("dialog");
  try {
    await page.addInitScript(PICKERS_OF_OPFS);
    await page.goto(`${tracker.url}/?sort=name`);
    await page.getByRole("button", { name: "Select files" }).click();
    await box(page, "queen.bin").click();
    await box(page, "drone.bin").click();
    await bar(page).getByRole("button", { name: "Save" }).click();
    await expect(dialog.getByText("2 files · 1.8 MB")).toBeVisible();
    await dialog.getByRole("button", { name: "Into a folder" }).click();
    await expect(dialog.getByText("2 files are being fetched")).toBeVisible();
    await expect.poll(() => pickedDigest(page, "comb/queen.bin")).toBe(queen);
    await expect.poll(() => pickedDigest(page, "drone.bin")).toBe(drone);
    expect(await pickedDigest(page, "worker.bin")).toBeUndefined();
    await dialog.getByRole("button", { name: "Close" }).click();

    await bar(page).getByRole("button", { name: "Save" }).click();
    const saving = page.waitForEvent("download");
    await dialog.getByRole("button", { name: "As one ZIP" }).click();
    const download = await saving;
    expect(download.suggestedFilename()).toBe("Panal selection.zip");
    const zip = join(stage.folder, "selection.zip");
    await download.saveAs(zip);
    await expect(page.getByTestId("save")).toHaveAttribute("data-state", "done");
    const unpacked = join(stage.folder, "unpacked");
    await run(findPython(), ["-m", "zipfile", "-e", zip, unpacked]);
    expect(await sha256Of(join(unpacked, "comb", "queen.bin"))).toBe(queen);
    expect(await sha256Of(join(unpacked, "drone.bin"))).toBe(drone);
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});
