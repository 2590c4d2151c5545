import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Page, expect, test } from "@playwright/test";
import { type AppBrowser, openApp } from "./support/app.ts";
import { CHROMIUM_FLAGS } from "../scripts/find-browser.ts";
import { freePort } from "./support/free-port.ts";
import { PICKERS_OF_OPFS } from "./support/opfs-pickers.ts";
import { type Stage, announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";
import {
  chooseToShare,
  isShared,
  openSharingApp,
  peerCount,
  plantGarden,
  putIntoStorage,
  shareAgain,
} from "./support/sharing-tab.ts";

const MIB = 1024 * 1024;
/** A tab that lost the relay waits for so long at most before it tries again, and a try may take as long. */
const REATTACH_MS = 30_000;
const FILE_BYTES = 5 * MIB + 321;

async function search(trackerUrl: string, words: string): Promise<{ fileId: string; path: string }[]> {
  const response = await fetch(`${trackerUrl}/api/v1/files?q=${encodeURIComponent(words)}`);
  const page = (await response.json()) as { files: { fileId: string; path: string }[]; didYouMean?: string };
  return page.didYouMean === undefined ? page.files : [];
}

/** Through the field that browsers without pickers use. */
async function shareFields(page: Page, name: string): Promise<void> {
  const field = page.locator("input[type=file]").first();
  await field.setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(`of ${name}`) });
}

test.describe("Share from this tab", () => {
  let stage: Stage;
  let trackerUrl: string;
  let a: AppBrowser;
  test.beforeEach(async () => {
    stage = await createStage();
    trackerUrl = (await stage.startTracker()).url;
    a = await openSharingApp(trackerUrl);
  });
  test.afterEach(async () => {
    await a.close();
    await stage.close();
  });

  test("a file and a folder are found, fetched by a tab and the command line, gone with the tab, and back with one click", async () => {
    const path = join(stage.folder, "bees.bin");
    const digest = await writeSampleFile(path, FILE_BYTES);
    await putIntoStorage(a.page, path, "winter bees.bin");
    await plantGarden(a.page);
    await chooseToShare(a.page, "files");
    await chooseToShare(a.page, "a folder");
    await isShared(a.page, 2);
    await expect(a.page.getByTestId("share-state")).toHaveAttribute("data-state", "sharing");
    const fileId = await announced(trackerUrl, "winter bees", 1);
    // What was hashed later is sent later.
    await announced(trackerUrl, "carp", 1);
    expect((await search(trackerUrl, "carp")).map(({ path }) => path)).toEqual(["garden/pond/carp.txt"]);

    const target = join(stage.folder, "from-tab.bin");
    const downloaded = await stage.runCli(["download", fileId, "--tracker", trackerUrl, "--output", target]);
    expect(downloaded).toMatchObject({ code: 0 });
    expect(await sha256Of(target)).toBe(digest);
    await expect(a.page.getByTestId("share-sent")).toHaveAttribute("data-bytes", /^\d{7,}$/);

    const b = await openApp("about:blank");
    try {
      await b.page.addInitScript({ content: PICKERS_OF_OPFS });
      await b.page.goto(`${trackerUrl}/f/${fileId}`);
      await b.page.getByRole("button", { name: "Download", exact: true }).click();
      await expect(b.page.getByTestId("transfer-state")).toHaveAttribute("data-state", "done");
    } finally {
      await b.close();
    }

    await a.page.goto("about:blank");
    await until("the entry is gone", async () =>
      (await search(trackerUrl, "winter bees")).length === 0 ? true : undefined,
    );

    await a.page.goto(`${trackerUrl}/share`);
    await shareAgain(a.page);
    await isShared(a.page, 2);
    // Nothing was hashed again: it is what it was.
    await expect(a.page.locator("[data-testid=share-root][data-hashed-bytes='0']")).toHaveCount(2);
    expect(await announced(trackerUrl, "winter bees", 1)).toBe(fileId);
    await a.page.getByRole("button", { name: "Stop sharing", exact: true }).click();
    await until("the entry is gone", async () =>
      (await search(trackerUrl, "winter bees")).length === 0 ? true : undefined,
    );
    await expect(a.page.getByRole("button", { name: "Share again" })).toBeHidden();
    expect(a.errors).toEqual([]);
  });

  test("two tabs of a browser are one peer; what one shares goes with it, and the other's stays", async () => {
    await shareFields(a.page, "rose.txt");
    const b = await a.page.context().newPage();
    await b.goto(`${trackerUrl}/share`);
    await isShared(b, 1);
    await shareFields(b, "tulip.txt");
    await isShared(a.page, 2);
    await announced(trackerUrl, "rose", 1);
    await announced(trackerUrl, "tulip", 1);
    expect(await peerCount(trackerUrl)).toBe(1);
    await b.close();
    await isShared(a.page, 1);
    await until("the tulip is gone", async () =>
      (await search(trackerUrl, "tulip")).length === 0 ? true : undefined,
    );
    await announced(trackerUrl, "rose", 1);
    // Nobody has time to say goodbye in a browser that is ended.
    await a.close();
    await until("the peer is gone", async () => ((await peerCount(trackerUrl)) === 0 ? true : undefined));
  });
});

test("a tab is there again after the tracker was killed and started anew, and can be read", async () => {
  const stage = await createStage();
  const [port, via, relay] = [await freePort(), await freePort(), await freePort()];
  const args = [`--port=${port}`, `--via-port=${via}`, `--relay-port=${relay}`, "--heartbeat-seconds=1"];
  // Another folder: it knows nothing of what was.
  const start = (data: string) => stage.startTracker({ args: [...args, "--data", join(stage.folder, data)] });
  const first = await start("before");
  const app = await openApp(`${first.url}/share`);
  try {
    await shareFields(app.page, "rose.txt");
    const fileId = await announced(first.url, "rose", 1);
    await first.stop("SIGKILL");
    await expect(app.page.getByTestId("share-state")).toHaveAttribute("data-state", "away");
    const second = await start("after");
    expect(await announced(second.url, "rose", 1)).toBe(fileId);
    const state = app.page.getByTestId("share-state");
    await expect(state).toHaveAttribute("data-state", "sharing", { timeout: REATTACH_MS });
    const target = join(stage.folder, "rose.txt");
    expect(
      await stage.runCli(["download", fileId, "--tracker", second.url, "--output", target]),
    ).toMatchObject({ code: 0 });
    expect(await readFile(target, "utf8")).toBe("of rose.txt");
  } finally {
    await app.close();
    await stage.close();
  }
});

/** A name that means this machine to the browser of this test only: as insecure as one on a LAN. */
const HOST = "panal.test";

test("a page on plain http shares, too", async () => {
  const stage = await createStage();
  const { url: trackerUrl } = await stage.startTracker({ args: ["--allow-host", HOST] });
  const url = new URL(trackerUrl);
  url.hostname = HOST;
  const app = await openApp(`${url.origin}/share`, {
    args: [...CHROMIUM_FLAGS, `--host-resolver-rules=MAP ${HOST} 127.0.0.1`],
  });
  try {
    expect(await app.page.evaluate("isSecureContext")).toBe(false);
    await expect(app.page.getByText("after a reload, choose it again")).toBeVisible();
    await shareFields(app.page, "rose.txt");
    await isShared(app.page, 1);
    const fileId = await announced(trackerUrl, "rose", 1);
    const target = join(stage.folder, "rose.txt");
    expect(
      await stage.runCli(["download", fileId, "--tracker", trackerUrl, "--output", target]),
    ).toMatchObject({ code: 0 });
    expect(await readFile(target, "utf8")).toBe("of rose.txt");
    await app.page.goto("about:blank");
    await until("the peer is gone", async () => ((await peerCount(trackerUrl)) === 0 ? true : undefined));
  } finally {
    await app.close();
    await stage.close();
  }
});
