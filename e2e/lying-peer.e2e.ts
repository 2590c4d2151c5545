import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { openApp } from "./support/app.ts";
import { startLyingProxy } from "./support/lying-proxy.ts";
import { announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";

const MIB = 1024 * 1024;

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
  const fileId = await announced(tracker.url, "nectar", 3);

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
    // The page has told the tracker, which asks others first.
    const said = await until("the liar is reported", async () => {
      const answer = await fetch(`${tracker.url}/api/v1/files/${fileId}`);
      const { peers } = (await answer.json()) as {
        peers: { name: string; reachable: string; reports: { corrupt: number } }[];
      };
      const areChecked = peers.every(({ reachable }) => reachable === "yes");
      return areChecked && peers.some(({ reports }) => reports.corrupt > 0) ? peers : undefined;
    });
    expect(said.map(({ name, reports }) => `${name} ${reports.corrupt}`).at(-1)).toBe("Lying Leo 1");
    expect(said.filter(({ reports }) => reports.corrupt > 0)).toHaveLength(1);
  } finally {
    await app.close();
    await proxy.close();
    await stage.close();
  }
});
