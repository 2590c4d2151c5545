import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect as expectSoon, test } from "@playwright/test";
import { findPython } from "../scripts/find-python.ts";
import { openApp } from "./support/app.ts";
import { PICKERS_OF_OPFS, pickedDigest, writePicked } from "./support/opfs-pickers.ts";
import { announced, createStage } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";

const run = promisify(execFile);
const MIB = 1024 * 1024;
/** A busy machine may take its time. */
const expect = expectSoon.configure({ timeout: 60_000 });

/** A share with a folder "hive" of folders, an empty file, and one content under two names. */
async function createScene() {
  const stage = await createStage();
  const share = join(stage.folder, "share");
  await mkdir(join(share, "hive", "comb", "cells"), { recursive: true });
  const queenDigest = await writeSampleFile(join(share, "hive", "comb", "queen.bin"), 5 * MIB + 3);
  const droneDigest = await writeSampleFile(join(share, "hive", "drone.bin"), 2 * MIB, 2);
  await writeSampleFile(join(share, "hive", "comb", "cells", "drone again.bin"), 2 * MIB, 2);
  await writeFile(join(share, "hive", "comb", "empty.txt"), "");
  await writeFile(join(share, "hive", "what? “wax”.txt"), "wax");
  const tracker = await stage.startTracker();
  await stage.startPeer({ share, trackerUrl: tracker.url, name: "Hive" });
  await announced(tracker.url, "queen", 1);
  const app = await openApp("about:blank");
  const { page } = app;
  await page.addInitScript(PICKERS_OF_OPFS);
  async function openFolder() {
    await page.goto(`${tracker.url}/p`);
    await page.getByRole("main").getByRole("listitem").getByRole("link").first().click();
    await page.getByRole("link", { name: /hive/ }).click();
    await page.getByRole("button", { name: "Save folder" }).click();
    await expect(page.getByRole("dialog").getByText("5 files · 9.4 MB")).toBeVisible();
  }
  async function close() {
    await app.close();
    await stage.close();
  }
  return { page, stage, share, openFolder, queenDigest, droneDigest, close };
}

test("a folder becomes a tree in a picked one; what is there is kept, asked about, or replaced", async () => {
  const scene = await createScene();
  const { page, queenDigest, droneDigest } = scene;
  const dialog = page.getByRole("dialog");
  try {
    await scene.openFolder();
    await dialog.getByRole("button", { name: "Into a folder" }).click();
    await expect(dialog.getByText("5 files are being fetched")).toBeVisible();
    await dialog.getByRole("button", { name: "Show transfers" }).click();
    // One content under two names is one transfer.
    await expect(page.getByText("Complete, every piece verified")).toHaveCount(4);
    expect(await pickedDigest(page, "hive/comb/queen.bin")).toBe(queenDigest);
    expect(await pickedDigest(page, "hive/drone.bin")).toBe(droneDigest);
    expect(await pickedDigest(page, "hive/comb/cells/drone again.bin")).toBe(droneDigest);
    expect(await pickedDigest(page, "hive/what_ “wax”.txt")).toBeDefined();

    // Complete ones are the person's: after a reload nothing is known of them but what is on the disk.
    await writePicked(page, "hive/drone.bin", "mine");
    await writePicked(page, "hive/comb/queen.bin", "mine as well");
    await scene.openFolder();
    await dialog.getByRole("button", { name: "Into a folder" }).click();
    await expect(dialog.getByText("is there already, with other content.")).toBeVisible();
    await dialog.getByRole("checkbox").check();
    await dialog.getByRole("button", { name: "Keep both" }).click();
    await expect(dialog.getByText("2 files are being fetched")).toBeVisible();
    await expect(dialog.getByText("3 files were there already, with the same content")).toBeVisible();
    await dialog.getByRole("button", { name: "Show transfers" }).click();
    await expect(page.getByText("Complete, every piece verified")).toHaveCount(2);
    await expect.poll(() => pickedDigest(page, "hive/drone (2).bin")).toBe(droneDigest);
    await expect.poll(() => pickedDigest(page, "hive/comb/queen (2).bin")).toBe(queenDigest);
    expect(await pickedDigest(page, "hive/drone.bin")).not.toBe(droneDigest);

    await scene.openFolder();
    await dialog.getByRole("button", { name: "Into a folder" }).click();
    await dialog.getByRole("button", { name: "Replace" }).click();
    await dialog.getByRole("button", { name: "Skip" }).click();
    await expect(dialog.getByText("1 file is being fetched")).toBeVisible();
    await expect(dialog.getByText("1 file was skipped")).toBeVisible();
    await dialog.getByRole("button", { name: "Close" }).click();
    await expect
      .poll(async () =>
        [await pickedDigest(page, "hive/comb/queen.bin"), await pickedDigest(page, "hive/drone.bin")].filter(
          (digest) => digest === queenDigest || digest === droneDigest,
        ),
      )
      .toHaveLength(1);
  } finally {
    await scene.close();
  }
});

test("a folder becomes one ZIP in the downloads, of the length it was said to have", async () => {
  const scene = await createScene();
  const { page, stage, share } = scene;
  try {
    await scene.openFolder();
    const saving = page.waitForEvent("download");
    await page.getByRole("dialog").getByRole("button", { name: "As one ZIP" }).click();
    const download = await saving;
    expect(download.suggestedFilename()).toBe("hive.zip");
    const zip = join(stage.folder, "hive.zip");
    await download.saveAs(zip);
    await expect(page.getByTestId("save")).toHaveAttribute("data-state", "done");
    await expect(page.getByText("Every piece verified, all in your downloads")).toBeVisible();

    const { stdout } = await run("unzip", ["-t", zip]);
    expect(stdout).toContain("No errors detected");
    const { stdout: bad } = await run(findPython(), [
      "-c",
      "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).testzip())",
      zip,
    ]);
    expect(bad.trim()).toBe("None");
    const unpacked = join(stage.folder, "unpacked");
    await run(findPython(), ["-m", "zipfile", "-e", zip, unpacked]);
    expect(await sha256Of(join(unpacked, "hive", "comb", "queen.bin"))).toBe(scene.queenDigest);
    expect(await sha256Of(join(unpacked, "hive", "comb", "cells", "drone again.bin"))).toBe(
      scene.droneDigest,
    );
    expect(await readFile(join(unpacked, "hive", "comb", "empty.txt"), "utf8")).toBe("");
    expect(await readFile(join(unpacked, "hive", "what_ “wax”.txt"), "utf8")).toBe(
      await readFile(join(share, "hive", "what? “wax”.txt"), "utf8"),
    );
  } finally {
    await scene.close();
  }
});
