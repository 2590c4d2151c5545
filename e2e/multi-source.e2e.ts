import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { openApp } from "./support/app.ts";
import { startLyingProxy } from "./support/lying-proxy.ts";
import { announced, createStage, until } from "./support/processes.ts";
import { rendererPss } from "./support/renderer-memory.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";

const MIB = 1024 * 1024;
/** What a download may add to the page's memory, whatever the file's size. */
const MAX_GROWTH_BYTES = 200 * MIB;

test("a file of 512 MiB comes from two peers, one of which is killed half-way", async () => {
  const stage = await createStage();
  const folders = [join(stage.folder, "one"), join(stage.folder, "two")];
  for (const folder of folders) await mkdir(join(folder, "films"), { recursive: true });
  const original = join(folders[0]!, "films", "The Bees of Winter.bin");
  const digest = await writeSampleFile(original, 512 * MIB);
  await copyFile(original, join(folders[1]!, "films", "bees-of-winter.bin"));

  const tracker = await stage.startTracker();
  const one = await stage.startPeer({ share: folders[0]!, trackerUrl: tracker.url, name: "One" });
  await stage.startPeer({ share: folders[1]!, trackerUrl: tracker.url, name: "Two" });
  await announced(tracker.url, "winter", 2);

  const app = await openApp(tracker.url);
  try {
    const { page } = app;
    await page.getByRole("searchbox").fill("of winter");
    await page
      .getByRole("link", { name: /bees.of.winter/i })
      .first()
      .click();
    await expect(page.getByRole("button", { name: "Download", exact: true })).toBeVisible();
    const before = await rendererPss(app.profile);
    let peak = before;

    const saved = page.waitForEvent("download", { timeout: 240_000 });
    await page.getByRole("button", { name: "Download", exact: true }).click();
    const state = page.getByTestId("transfer-state");
    await expect(page.getByTestId("source-row")).toHaveCount(2);

    // Half-way by what the page itself shows.
    const verifiedBytes = async (): Promise<number> => {
      const rows = await page.getByTestId("source-row").all();
      const shown = await Promise.all(rows.map((row) => row.getAttribute("data-verified-bytes")));
      return shown.reduce((sum, bytes) => sum + Number(bytes), 0);
    };
    await until("half of the file is there", async () => {
      peak = Math.max(peak, await rendererPss(app.profile));
      return (await verifiedBytes()) >= 256 * MIB ? true : undefined;
    });
    await one.stop("SIGKILL");
    expect(await state.getAttribute("data-state")).toBe("running");

    await until("the download is done", async () => {
      peak = Math.max(peak, await rendererPss(app.profile));
      return (await state.getAttribute("data-state")) === "done" ? true : undefined;
    });
    const target = join(stage.folder, "saved.bin");
    await (await saved).saveAs(target);
    expect(await sha256Of(target)).toBe(digest);

    const shown = await page
      .getByTestId("source-row")
      .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute("data-verified-bytes"))));
    expect(shown).toHaveLength(2);
    for (const bytes of shown) expect(bytes).toBeGreaterThan(MIB);
    expect(shown[0]! + shown[1]!).toBe(512 * MIB);

    const growth = peak - before;
    console.log(
      `renderer PSS: ${Math.round(before / MIB)} MiB before, grew by ${Math.round(growth / MIB)} MiB at most`,
    );
    expect(before).toBeGreaterThan(0);
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
  } finally {
    await app.close();
    await stage.close();
  }
});

test("a peer that flips bits is named, and the file still arrives whole", async () => {
  const stage = await createStage();
  const proxy = await startLyingProxy();
  const share = join(stage.folder, "share");
  await mkdir(share);
  const digest = await writeSampleFile(join(share, "nectar.bin"), 150 * MIB, 2);
  const tracker = await stage.startTracker();
  const startPeer = (name: string, args: string[] = []) =>
    stage.startPeer({ share, trackerUrl: tracker.url, name, args });
  await startPeer("Honest Ana");
  proxy.standInFor((await startPeer("Lying Leo", ["--advertise", proxy.url])).url);
  await startPeer("Honest Bea");
  await announced(tracker.url, "nectar", 3);

  const app = await openApp(tracker.url);
  try {
    const { page } = app;
    await page.getByRole("searchbox").fill("nectar");
    await page
      .getByRole("link", { name: /nectar/ })
      .first()
      .click();
    const saved = page.waitForEvent("download", { timeout: 120_000 });
    await page.getByRole("button", { name: "Download", exact: true }).click();
    const target = join(stage.folder, "saved.bin");
    await (await saved).saveAs(target);
    expect(await sha256Of(target)).toBe(digest);
    await expect(page.getByTestId("transfer-state")).toHaveAttribute("data-state", "done");
    expect(proxy.lies).toBeGreaterThan(0);
    await expect(page.getByTestId("liar")).toContainText("Lying Leo");
  } finally {
    await app.close();
    await proxy.close();
    await stage.close();
  }
});
