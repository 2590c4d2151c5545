import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect as expectSoon, test } from "@playwright/test";
import type { DownloadResult } from "@panal/sdk";
import { openApp } from "./support/app.ts";
import { announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";
import { hasSent, isShared, peerCount } from "./support/sharing-tab.ts";
import { openSlowWay } from "./support/slow-way.ts";

const MIB = 1024 * 1024;
/** A busy machine may take its time. */
const expect = expectSoon.configure({ timeout: 60_000 });
const FILE_BYTES = 24 * MIB + 9;
/** Slow enough that the way can be shut long before the end. */
const SLOW_BYTES_PER_SECOND = 6 * MIB;
const QUICK_BYTES_PER_SECOND = 1024 * MIB;
/** Has come into the tab when the way to the only peer is shut. */
const COME_BYTES = 8 * MIB;

/** A file at one peer, over a way that can be shut, and a tab that has downloaded a part of it and seeds. */
async function createScene() {
  const stage = await createStage();
  const way = await openSlowWay(SLOW_BYTES_PER_SECOND);
  const share = join(stage.folder, "share");
  await mkdir(share);
  const digest = await writeSampleFile(join(share, "pollen.bin"), FILE_BYTES);
  const { url: trackerUrl } = await stage.startTracker();
  const args = ["--advertise", way.url];
  const peer = await stage.startPeer({ share, trackerUrl, name: "Disk", args });
  way.leadTo(peer.url);
  const fileId = await announced(trackerUrl, "pollen", 1);
  const app = await openApp(`${trackerUrl}/share`);
  const { page } = app;
  await page.getByRole("switch", { name: "Also share what I download here" }).check();
  await page.goto(`${trackerUrl}/f/${fileId}`);
  await page.getByRole("button", { name: "Download", exact: true }).click();
  const source = page.getByTestId("source-row");
  await until("a part has come", async () =>
    Number(await source.first().getAttribute("data-verified-bytes", { timeout: 60_000 })) >= COME_BYTES
      ? true
      : undefined,
  );
  way.setRate(0);
  // The tab is a peer that has the file, too.
  await announced(trackerUrl, "pollen", 2);
  return {
    stage,
    way,
    peer,
    page,
    app,
    digest,
    trackerUrl,
    fileId,
    async close() {
      await app.close();
      await stage.close();
      await way.close();
    },
  };
}

test("a download that runs in a tab gives others what has come, and goes on so when it is complete", async () => {
  const scene = await createScene();
  const { stage, page, way, digest, fileId, trackerUrl } = scene;
  const to = (target: string) => ["--tracker", trackerUrl, "--output", target, "--json"];
  const fetched = async (name: string) => {
    const target = join(stage.folder, name);
    const { code, stdout, stderr } = await stage.runCli(["download", fileId, ...to(target)]);
    expect(stderr).not.toContain("wrong bytes");
    expect(code).toBe(0);
    expect(await sha256Of(target)).toBe(digest);
    return JSON.parse(stdout) as DownloadResult;
  };
  try {
    await page.getByRole("link", { name: "Share", exact: true }).click();
    await isShared(page, 1);
    await expect(page.getByTestId("share-root")).toContainText("being downloaded here");
    const first = fetched("first.bin");
    // Said when it is waited for.
    first.catch(() => {});
    // Nobody else gives anything now.
    await hasSent(page, COME_BYTES - 2 * MIB);
    way.setRate(QUICK_BYTES_PER_SECOND);
    const { sources, fetchedBytes } = await first;
    expect(fetchedBytes).toBe(FILE_BYTES);
    const relayed = sources.find(({ route }) => route === "relay");
    expect(relayed?.verifiedBytes).toBeGreaterThanOrEqual(COME_BYTES - 2 * MIB);
    expect(relayed?.wastedBytes.corrupt).toBe(0);

    await expect(page.getByTestId("share-root")).toContainText("downloaded here");
    await expect(page.getByTestId("share-root")).not.toContainText("being downloaded");
    await expect(page.getByTestId("share-root")).toHaveAttribute("data-hashed-bytes", "0");
    // From the tab alone.
    await scene.peer.stop();
    await until("only the tab is there", async () =>
      (await peerCount(trackerUrl)) === 1 ? true : undefined,
    );
    await fetched("second.bin");
    // It never asked itself.
    await page.goBack();
    await expect(page.getByTestId("source-row")).toHaveCount(1);
  } finally {
    await scene.close();
  }
});

test("a download that is cancelled in a tab is there for nobody any more", async () => {
  const scene = await createScene();
  const { page, trackerUrl } = scene;
  try {
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Discard" }).click();
    await until("the tab is no peer", async () => ((await peerCount(trackerUrl)) === 1 ? true : undefined));
  } finally {
    await scene.close();
  }
});
