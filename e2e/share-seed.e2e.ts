import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { openApp } from "./support/app.ts";
import { announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";
import { isShared, peerCount } from "./support/sharing-tab.ts";

const FILE_BYTES = 5 * 1024 * 1024 + 9;

test("what was downloaded in a tab is there for others when that is switched on, and not on a metered network", async () => {
  const stage = await createStage();
  const share = join(stage.folder, "share");
  await mkdir(share);
  const digest = await writeSampleFile(join(share, "bees.bin"), FILE_BYTES);
  const { url: trackerUrl } = await stage.startTracker();
  const peer = await stage.startPeer({ share, trackerUrl, name: "Disk" });
  const fileId = await announced(trackerUrl, "bees", 1);
  const app = await openApp(`${trackerUrl}/f/${fileId}`);
  const { page } = app;
  const seed = page.getByRole("switch", { name: "Also share what I download here" });
  const isGone = () =>
    until("nobody shares", async () => ((await peerCount(trackerUrl)) === 0 ? true : undefined));
  try {
    await page.getByRole("button", { name: "Download", exact: true }).click();
    await expect(page.getByTestId("transfer-state")).toHaveAttribute("data-state", "done");
    await peer.stop();
    await isGone();

    await page.goto(`${trackerUrl}/share`);
    await seed.check();
    await isShared(page, 1);
    // It was verified when it came, and isn't hashed again.
    await expect(page.getByTestId("share-root")).toHaveAttribute("data-hashed-bytes", "0");
    expect(await announced(trackerUrl, "bees", 1)).toBe(fileId);
    const target = join(stage.folder, "fetched.bin");
    const to = ["--tracker", trackerUrl, "--output", target];
    expect(await stage.runCli(["download", fileId, ...to])).toMatchObject({ code: 0 });
    expect(await sha256Of(target)).toBe(digest);

    // Any other view does as well, after a reload, too.
    await page.goto("about:blank");
    await isGone();
    await page.goto(`${trackerUrl}/transfers`);
    await announced(trackerUrl, "bees", 1);

    await page.goto("about:blank");
    await isGone();
    await page.addInitScript(() =>
      Object.defineProperty(navigator, "connection", {
        value: Object.assign(new EventTarget(), { saveData: true }),
      }),
    );
    await page.goto(`${trackerUrl}/share`);
    await expect(page.getByText("this network is metered")).toBeVisible();
    await expect(seed).not.toBeChecked();
    expect(await peerCount(trackerUrl)).toBe(0);
    await seed.check();
    await announced(trackerUrl, "bees", 1);
    await page.getByRole("button", { name: "Stop sharing", exact: true }).click();
    await isGone();
    await expect(seed).not.toBeChecked();
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});
