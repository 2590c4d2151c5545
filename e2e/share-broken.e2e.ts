import { mkdir, readFile, utimes } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { manifestOf } from "@panal/sdk";
import { nodeHashBlocks } from "@panal/sdk/node";
import type { AppBrowser } from "./support/app.ts";
import { listedPeers } from "./support/listed-peers.ts";
import { type Stage, announced, createStage, until } from "./support/processes.ts";
import { rendererPids } from "./support/renderer-memory.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";
import {
  chooseToShare,
  hasSent,
  isShared,
  openSharingApp,
  peerCount,
  putIntoStorage,
  shareAgain,
} from "./support/sharing-tab.ts";

const MIB = 1024 * 1024;
const FILE_BYTES = 24 * MIB + 77;

test.describe("a tab that breaks while it is read", () => {
  let stage: Stage;
  let trackerUrl: string;
  let a: AppBrowser;
  /** On disk, for a peer; and its SHA-256. */
  let share: string;
  let digest: string;

  test.beforeEach(async () => {
    stage = await createStage();
    trackerUrl = (await stage.startTracker({ args: ["--heartbeat-seconds=1"] })).url;
    share = join(stage.folder, "share");
    await mkdir(share);
    digest = await writeSampleFile(join(share, "bees.bin"), FILE_BYTES);
    a = await openSharingApp(trackerUrl);
  });
  test.afterEach(async () => {
    await a.close();
    await stage.close();
  });

  async function shareInTab(path = join(share, "bees.bin")): Promise<string> {
    await putIntoStorage(a.page, path, "bees.bin");
    await chooseToShare(a.page, "files");
    await isShared(a.page, 1);
    return announced(trackerUrl, "bees", 1);
  }

  const startDiskPeer = (...args: string[]) => stage.startPeer({ share, trackerUrl, name: "Disk", args });

  async function download(fileId: string, ...args: string[]) {
    const target = join(stage.folder, "fetched.bin");
    const to = ["--tracker", trackerUrl, "--output", target];
    const ended = await stage.runCli(["download", fileId, ...to, ...args]);
    return { ...ended, digest: ended.code === 0 ? await sha256Of(target) : undefined };
  }

  test("killed with -9 it is gone within moments, and who reads goes on when it shares again", async () => {
    const fileId = await shareInTab();
    const downloading = download(fileId, "--max-download-rate", "6M");
    await hasSent(a.page, 4 * MIB);
    for (const pid of await rendererPids(a.profile)) process.kill(pid, "SIGKILL");
    await until("its entry is gone", async () => ((await peerCount(trackerUrl)) === 0 ? true : undefined));
    const again = await a.page.context().newPage();
    await again.goto(`${trackerUrl}/share`);
    await shareAgain(again);
    expect(await downloading).toMatchObject({ code: 0, digest });
  });

  test("asleep it costs its readers a timeout, then others have taken over; awake it is there again", async () => {
    const fileId = await shareInTab();
    // So slow that the tab brings nearly everything.
    await startDiskPeer("--max-upload-rate", "4M");
    await announced(trackerUrl, "bees", 2);
    const downloading = download(fileId, "--max-download-rate", "8M");
    await hasSent(a.page, 2 * MIB);
    const pids = await rendererPids(a.profile);
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    try {
      expect(await downloading).toMatchObject({ code: 0, digest });
      await until("it is given up", async () => ((await peerCount(trackerUrl)) === 1 ? true : undefined));
    } finally {
      for (const pid of pids) process.kill(pid, "SIGCONT");
    }
    expect(await announced(trackerUrl, "bees", 2)).toBe(fileId);
  });

  test("with other bytes than it says it is found out, named, and left alone", async () => {
    // What the tab believes to know of its file is another file's, of the same length.
    const other = join(stage.folder, "wasps.bin");
    await writeSampleFile(other, FILE_BYTES, 2);
    await shareInTab(other);
    const { fileId, pieceLayer } = await manifestOf(
      [await readFile(join(share, "bees.bin"))],
      FILE_BYTES,
      nodeHashBlocks,
    );
    await a.page.evaluate(
      async ({ fileId, layer }) => {
        const opening = indexedDB.open("panal-shares");
        await new Promise((resolve) => (opening.onsuccess = resolve));
        const change = opening.result.transaction("hashes", "readwrite");
        const hashes = change.objectStore("hashes");
        const asking = hashes.getAll();
        asking.onsuccess = () => {
          for (const record of asking.result)
            hashes.put({ ...record, fileId, pieceLayer: new Uint8Array(layer) });
        };
        await new Promise((resolve) => (change.oncomplete = resolve));
        opening.result.close();
      },
      { fileId, layer: [...pieceLayer] },
    );
    await a.page.goto("about:blank");
    await a.page.goto(`${trackerUrl}/share`);
    await shareAgain(a.page);
    await isShared(a.page, 1);
    // Slow enough that the tab is asked as well.
    await startDiskPeer("--max-upload-rate", "6M");
    expect(await announced(trackerUrl, "bees", 2)).toBe(fileId);
    const ended = await download(fileId);
    expect(ended).toMatchObject({ code: 0, digest });
    expect(ended.stderr).toMatch(/Chrome.*wrong|wrong.*Chrome/s);
  });
});

test("a file that is another on the disk by now isn't sent, and isn't shared any more", async () => {
  const stage = await createStage();
  const trackerUrl = (await stage.startTracker()).url;
  const app = await openSharingApp(trackerUrl);
  try {
    const path = join(stage.folder, "rose.bin");
    await writeSampleFile(path, MIB);
    await app.page.locator("input[type=file]").first().setInputFiles(path);
    await isShared(app.page, 1);
    const fileId = await announced(trackerUrl, "rose", 1);
    const [tab] = await listedPeers(trackerUrl);
    const via = tab!.endpoints.find(({ route }) => route === "relay")!.url;
    const read = (range: string) => fetch(`${via}/files/${fileId}`, { headers: { range } });
    const before = await read("bytes=0-9");
    expect(before.status).toBe(206);
    expect(Buffer.from(await before.arrayBuffer())).toEqual((await readFile(path)).subarray(0, 10));

    await writeSampleFile(path, MIB, 2);
    // Browsers look at the seconds.
    const later = new Date(Date.now() + 60_000);
    await utimes(path, later, later);
    // Not of what the relay has by now.
    const after = await read(`bytes=${MIB / 2}-`);
    expect(after.status).toBe(502);
    const root = app.page.locator("[data-testid=share-root][data-phase=failed]");
    await expect(root).toContainText("rose.bin has changed");
    await until("the entry is gone", async () => {
      const response = await fetch(`${trackerUrl}/api/v1/files?q=rose`);
      return ((await response.json()) as { files: unknown[] }).files.length === 0 ? true : undefined;
    });
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});

test("two tabs that share and two that read, in one browser over plain http, keep nobody waiting", async () => {
  const stage = await createStage();
  const trackerUrl = (await stage.startTracker()).url;
  const app = await openSharingApp(trackerUrl);
  try {
    const context = app.page.context();
    const names = ["rose", "tulip"];
    const ids: string[] = [];
    for (const [index, name] of names.entries()) {
      const path = join(stage.folder, `${name}.bin`);
      await writeSampleFile(path, 16 * MIB, index + 1);
      const page = index === 0 ? app.page : await context.newPage();
      if (index > 0) await page.goto(`${trackerUrl}/share`);
      await page.locator("input[type=file]").first().setInputFiles(path);
      await isShared(page, index + 1);
      ids.push(await announced(trackerUrl, name, 1));
    }
    expect(await peerCount(trackerUrl)).toBe(1);
    const readers = await Promise.all(
      ids.map(async (fileId) => {
        const page = await context.newPage();
        await page.goto(`${trackerUrl}/f/${fileId}`);
        await page.getByRole("button", { name: "Download", exact: true }).click();
        return page;
      }),
    );
    // While all that goes on, the app itself loads and finds.
    const another = await context.newPage();
    await another.goto(`${trackerUrl}/?q=rose`);
    await expect(another.getByText("rose.bin").first()).toBeVisible();
    for (const page of readers) {
      await expect(page.getByTestId("transfer-state")).toHaveAttribute("data-state", "done", {
        timeout: 60_000,
      });
    }
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});
