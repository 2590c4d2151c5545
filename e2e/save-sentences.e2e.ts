import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect as expectSoon, test } from "@playwright/test";
import { openApp } from "./support/app.ts";
import { announced, createStage } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";
import { PICKERS_OF_OPFS, pickedDigest } from "./support/opfs-pickers.ts";
import { openSlowWay } from "./support/slow-way.ts";

const MIB = 1024 * 1024;
/** A busy machine may take its time. */
const expect = expectSoon.configure({ timeout: 60_000 });

async function createScene({ withPickers }: { withPickers: boolean }) {
  const stage = await createStage();
  const way = await openSlowWay(MIB);
  const share = join(stage.folder, "share");
  await mkdir(share);
  const path = join(share, "meadow.bin");
  const digest = await writeSampleFile(path, 8 * MIB + 17);
  const tracker = await stage.startTracker();
  const args = ["--advertise", way.url];
  const peer = await stage.startPeer({ share, trackerUrl: tracker.url, name: "Meadow", args });
  way.leadTo(peer.url);
  const fileId = await announced(tracker.url, "meadow", 1);
  const app = await openApp("about:blank");
  const { page } = app;
  if (withPickers) await page.addInitScript(PICKERS_OF_OPFS);
  const close = async () => {
    await app.close();
    await way.close();
    await stage.close();
  };
  const open = () => page.goto(`${tracker.url}/f/${fileId}`);
  const click = (name: string) => page.getByRole("button", { name, exact: true }).click();
  return { stage, page, tracker, peer, way, path, digest, open, click, close };
}

test("into a picked file: sender gone and permission lost are told apart, and it goes on after both", async () => {
  const scene = await createScene({ withPickers: true });
  const { page, peer, way, click } = scene;
  const state = page.getByTestId("transfer-state");
  // Read aloud, too, to those who don't see it.
  const voice = page.getByTestId("voice");
  try {
    await scene.open();
    await click("Download");
    await expect(page.getByTestId("source-row")).toBeVisible();
    await peer.stop("SIGKILL");
    way.cut();
    await expect(state).toHaveText("No peer answers right now. It goes on by itself as soon as one does.");
    await expect(voice).toHaveText(/^meadow\.bin: No peer answers right now\./);
    await click("Pause");
    await expect(state).toHaveText("Paused");

    await page.reload();
    await page.evaluate('FileSystemHandle.prototype.requestPermission = async () => "denied"');
    await click("Resume");
    await expect(state).toHaveText("Stopped. The browser refuses to save the file. Allow it, then resume.");

    await expect(voice).toHaveText(/^meadow\.bin: Stopped\. The browser refuses to save the file\./);

    const again = await scene.stage.startPeer({
      share: join(scene.path, ".."),
      trackerUrl: scene.tracker.url,
      name: "Meadow",
      args: ["--advertise", way.url],
    });
    way.leadTo(again.url);
    way.setRate(1024 * MIB);
    await page.evaluate('FileSystemHandle.prototype.requestPermission = async () => "granted"');
    await click("Try again");
    await expect(state).toHaveText("Complete, every piece verified");
    await expect(voice).toHaveText("meadow.bin: all here and verified.");
    await expect(page.getByText("Saved as meadow.bin.")).toBeVisible();
    expect(await pickedDigest(page, "meadow.bin")).toBe(scene.digest);
  } finally {
    await scene.close();
  }
});

test("into the browser's storage: when it is full, that is said; with room it goes on", async () => {
  const scene = await createScene({ withPickers: false });
  const { page, click } = scene;
  const state = page.getByTestId("transfer-state");
  try {
    await scene.open();
    const browser = await page.context().newCDPSession(page);
    const { origin } = new URL(page.url());
    await browser.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: MIB });
    await click("Download");
    await expect(state).toHaveText(
      "Stopped. There is no space left. Make room, then resume: what is verified stays.",
    );
    await browser.send("Storage.overrideQuotaForOrigin", { origin });
    scene.way.setRate(1024 * MIB);
    const saving = page.waitForEvent("download");
    await click("Try again");
    await expect(state).toHaveText("Complete, every piece verified");
    expect(await sha256Of(await (await saving).path())).toBe(scene.digest);
  } finally {
    await scene.close();
  }
});
