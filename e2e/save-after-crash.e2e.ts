import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect as expectSoon, test } from "@playwright/test";
import { openApp } from "./support/app.ts";
import { announced, createStage, until } from "./support/processes.ts";
import { rendererPids } from "./support/renderer-memory.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";
import { openSlowWay } from "./support/slow-way.ts";

const MIB = 1024 * 1024;
/** A busy machine may take its time. */
const expect = expectSoon.configure({ timeout: 60_000 });
const FILE_BYTES = 64 * MIB;
/** Slow enough that the renderer dies long before the end. */
const SLOW_BYTES_PER_SECOND = 8 * MIB;
/** Headers, frames, the manifest, and who answers: everything that goes over the way besides pieces. */
const MAX_OVERHEAD_BYTES = MIB / 2;

/** How many pieces the journal in the browser's storage names: what a page knows that opens after a crash. */
const JOURNALED_PIECES = (fileId: string) => `(async () => {
  const root = await navigator.storage.getDirectory();
  const folder = await (await root.getDirectoryHandle("panal-downloads")).getDirectoryHandle("${fileId}");
  const bytes = await (await (await folder.getFileHandle("journal")).getFile()).bytes();
  const bitmap = bytes.subarray(bytes.indexOf(10, bytes.indexOf(10) + 1) + 1);
  return bitmap.reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
})().catch(() => 0)`;

test("a page whose renderer is killed at 40 % goes on in a new one, which fetches only what is missing", async () => {
  const stage = await createStage();
  const way = await openSlowWay(SLOW_BYTES_PER_SECOND);
  const share = join(stage.folder, "share");
  await mkdir(share);
  const digest = await writeSampleFile(join(share, "propolis.bin"), FILE_BYTES);
  const tracker = await stage.startTracker();
  const args = ["--advertise", way.url];
  const peer = await stage.startPeer({ share, trackerUrl: tracker.url, name: "Only", args });
  way.leadTo(peer.url);
  const fileId = await announced(tracker.url, "propolis", 1);
  const app = await openApp(`${tracker.url}/f/${fileId}`);
  try {
    await app.page.getByRole("button", { name: "Download", exact: true }).click();
    const journaled = () => app.page.evaluate<number>(JOURNALED_PIECES(fileId));
    await until("40 % are journaled", async () =>
      (await journaled()) * MIB >= 0.4 * FILE_BYTES ? true : undefined,
    );
    const crashed = app.page.waitForEvent("crash");
    for (const pid of await rendererPids(app.profile)) process.kill(pid, "SIGKILL");
    await crashed;
    way.cut();
    way.setRate(1024 * MIB);

    const page = await app.page.context().newPage();
    await page.goto(`${tracker.url}/transfers`);
    const resume = page.getByRole("button", { name: "Resume", exact: true });
    await expect(resume).toBeVisible();
    await expect(page.getByRole("button", { name: "Discard" })).toBeVisible();
    const keptBytes = (await page.evaluate<number>(JOURNALED_PIECES(fileId))) * MIB;
    expect(keptBytes).toBeGreaterThanOrEqual(0.4 * FILE_BYTES);
    expect(keptBytes).toBeLessThan(FILE_BYTES);
    const before = way.bytes;
    const saving = page.waitForEvent("download");
    await resume.click();
    expect(await sha256Of(await (await saving).path())).toBe(digest);
    const missingBytes = FILE_BYTES - keptBytes;
    expect(way.bytes - before).toBeGreaterThanOrEqual(missingBytes);
    expect(way.bytes - before).toBeLessThan(missingBytes + MAX_OVERHEAD_BYTES);
  } finally {
    await app.close();
    await way.close();
    await stage.close();
  }
});
