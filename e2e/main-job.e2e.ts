import { copyFile, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { type BareApp, openBareApp } from "./support/bare-chromium.ts";
import { type Stage, announced, createStage, until } from "./support/processes.ts";
import { rendererPss } from "./support/renderer-memory.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";

const MIB = 1024 * 1024;
const FILE_BYTES = 512 * MIB;
/** What a download may add to the page's memory, whatever the file's size. */
const MAX_GROWTH_BYTES = 200 * MIB;

const transferState = (app: BareApp) =>
  app.evaluate<string | undefined>(`document.querySelector("[data-testid=transfer-state]")?.dataset.state`);

/** Bytes of verified pieces of each peer, as the page shows them. */
const bytesBySource = (app: BareApp) =>
  app.evaluate<number[]>(
    `[...document.querySelectorAll("[data-testid=source-row]")].map((row) => Number(row.dataset.verifiedBytes))`,
  );

async function startTwoPeers(stage: Stage) {
  const folders = [join(stage.folder, "one"), join(stage.folder, "two")] as const;
  for (const folder of folders) await mkdir(join(folder, "films"), { recursive: true });
  const original = join(folders[0], "films", "The Bees of Winter.bin");
  const digest = await writeSampleFile(original, FILE_BYTES);
  await copyFile(original, join(folders[1], "films", "bees-of-winter.bin"));
  const tracker = await stage.startTracker();
  const victim = await stage.startPeer({ share: folders[0], trackerUrl: tracker.url, name: "One" });
  await stage.startPeer({ share: folders[1], trackerUrl: tracker.url, name: "Two" });
  await announced(tracker.url, "winter", 2);
  return { tracker, victim, digest };
}

test("a file of 512 MiB comes from two peers, one of which is killed half-way, in constant memory", async () => {
  const stage = await createStage();
  const { tracker, victim, digest } = await startTwoPeers(stage);
  const app = await openBareApp(tracker.url);
  try {
    await app.type("[role=searchbox], input[type=search]", "of winter");
    await app.click("main a", /bees.of.winter/i);
    await until("the download is offered", async () =>
      (await app.evaluate<boolean>(
        `[...document.querySelectorAll("button")].some((each) => each.textContent === "Download")`,
      ))
        ? true
        : undefined,
    );
    const before = await rendererPss(app.profile);
    let peak = before;
    const measure = async () => {
      peak = Math.max(peak, await rendererPss(app.profile));
    };
    await app.click("button", /^Download$/);

    await until("half of the file is there", async () => {
      await measure();
      const shown = await bytesBySource(app);
      return shown.reduce((sum, bytes) => sum + bytes, 0) >= FILE_BYTES / 2 ? true : undefined;
    });
    await victim.stop("SIGKILL");
    expect(await transferState(app)).toBe("running");
    await until("the download is done", async () => {
      await measure();
      return (await transferState(app)) === "done" ? true : undefined;
    });

    const shown = await bytesBySource(app);
    expect(shown).toHaveLength(2);
    for (const bytes of shown) expect(bytes).toBeGreaterThan(MIB);
    expect(shown[0]! + shown[1]!).toBe(FILE_BYTES);

    const saved = await until("the browser has saved the file", async () => {
      const [name] = (await readdir(app.downloads)).filter((each) => each.endsWith(".bin"));
      if (name === undefined) return undefined;
      const path = join(app.downloads, name);
      return (await stat(path)).size === FILE_BYTES ? path : undefined;
    });
    expect(await sha256Of(saved)).toBe(digest);

    const growth = peak - before;
    console.log(
      `renderer PSS: ${Math.round(before / MIB)} MiB before, grew by ${Math.round(growth / MIB)} MiB`,
    );
    expect(before).toBeGreaterThan(0);
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
  } finally {
    await app.close();
    await stage.close();
  }
});
