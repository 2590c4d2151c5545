import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { announcedFile, announceFiles } from "./support/announcing-peer.ts";
import { openApp } from "./support/app.ts";
import { drawPicture } from "./support/drawn-picture.ts";
import { freePort } from "./support/free-port.ts";
import { announced, createStage } from "./support/processes.ts";

const MIB = 1024 * 1024;
const FILES = 50_000;
/** So many rows may exist at a time, however long the list is. */
const MAX_ROWS = 120;
/** Of script objects, for a list of 50 000 files that was scrolled to its end. */
const MAX_HEAP_BYTES = 160 * MIB;
/** Those who only announce here don't send heartbeats. */
const LONG_LEASES = ["--heartbeat-seconds", "600"];
const KINDS = ["mp4", "mp3", "jpg", "pdf", "zip"] as const;

const rows = (page: Page) => page.locator("[data-row]");
const firstRow = (page: Page) => page.locator('[data-row="0"]');
const chip = (page: Page, name: RegExp) =>
  page.getByRole("group", { name: "Kind" }).getByRole("button", { name });
const order = (page: Page) => page.getByRole("combobox", { name: "Order" });
const pathOf = (page: Page) => new URL(page.url()).pathname + new URL(page.url()).search;

/** `archive 00000.mp4` and on, one minute apart, the higher the larger. */
function manyFiles() {
  return Array.from({ length: FILES }, (_, index) =>
    announcedFile(
      `shelf ${index % 50}/item ${String(index).padStart(5, "0")}.${KINDS[index % KINDS.length]}`,
      {
        lengthBytes: 1000 + index * 50_000,
        mtime: new Date(Date.UTC(2015, 0, 1) + index * 60_000).toISOString(),
      },
    ),
  );
}

test("50 000 files: counts, filters, order and views in the URL, back, forward and reload, to the end of the list", async () => {
  // 250 pages, one after the other: on a busy machine that takes longer than most promises do.
  test.setTimeout(400_000);
  const stage = await createStage();
  const app = await openApp("about:blank");
  try {
    const { page } = app;
    const share = join(stage.folder, "share");
    await mkdir(share);
    await writeFile(join(share, "a real file.txt"), "real");
    const tracker = await stage.startTracker({ args: LONG_LEASES });
    await announceFiles(tracker.url, { name: "Archive", port: await freePort(), files: manyFiles() });
    await stage.startPeer({ share, trackerUrl: tracker.url, name: "Real peer" });
    await announced(tracker.url, "real file", 1);

    await page.goto(tracker.url);
    await expect(page.getByText("50,001 files from 2 peers")).toBeVisible();
    // More than are counted: "at least".
    await expect(chip(page, /^All/)).toContainText("2,000+");
    await expect(firstRow(page)).toContainText("a real file.txt");

    await chip(page, /^Pictures/).click();
    await expect(firstRow(page)).toContainText("item 49997.jpg");
    await order(page).selectOption("name");
    await expect(firstRow(page)).toContainText("item 00002.jpg");
    await page.getByRole("combobox", { name: "Size" }).selectOption("1G-");
    await expect(firstRow(page)).toContainText("item 20002.jpg");
    await page.getByRole("button", { name: "Grid" }).click();
    await expect(page.getByRole("button", { name: "Grid" })).toHaveAttribute("aria-pressed", "true");
    await page.getByRole("combobox", { name: "Date" }).selectOption("year");
    await expect(page.getByText("Nothing is left with these filters")).toBeVisible();
    await page.goBack();
    const whole = "/?kind=image&size=1G-&sort=name&view=grid";
    expect(pathOf(page)).toBe(whole);

    await page.reload();
    await expect(firstRow(page)).toContainText("item 20002.jpg");
    await expect(chip(page, /^Pictures/)).toHaveAttribute("aria-pressed", "true");
    await page.goBack();
    await expect(page.getByRole("button", { name: "List" })).toHaveAttribute("aria-pressed", "true");
    await page.goBack();
    await expect(firstRow(page)).toContainText("item 00002.jpg");
    await page.goBack();
    await expect(firstRow(page)).toContainText("item 49997.jpg");
    await page.goBack();
    await expect(firstRow(page)).toContainText("a real file.txt");
    for (let step = 0; step < 4; step++) await page.goForward();
    await expect(firstRow(page)).toContainText("item 20002.jpg");
    expect(pathOf(page)).toBe(whole);

    await page.goto(tracker.url);
    await page.getByRole("searchbox").fill("item 4999");
    // Ten that begin so, and those with 4999 at their end.
    await expect(rows(page)).toHaveCount(15);
    // Each choice says how many it would leave, to whoever is about to choose.
    const [size, peer] = ["Size", "Peer"].map((name) => page.getByRole("combobox", { name }));
    await size!.hover();
    await expect(size!.locator("option")).toHaveText([
      "Any size",
      "Under 1 MB (0)",
      "1 to 100 MB (0)",
      "100 MB to 1 GB (2)",
      "1 GB and more (13)",
    ]);
    await peer!.focus();
    await expect(peer!.locator("option", { hasText: "Archive" })).toHaveText("Archive (15)");
    await peer!.selectOption({ label: "Real peer (0)" });
    await expect(page.getByText("Nothing matches “item 4999”")).toBeVisible();
    await page.getByRole("button", { name: "Take the filters off" }).click();
    await expect(rows(page)).toHaveCount(15);
    await page.getByRole("searchbox").fill("item");
    await expect(page.getByText("At least 2,000 files").last()).toBeVisible();

    await page.goto(`${tracker.url}/?sort=name`);
    await firstRow(page).focus();
    const { shown, worstFrameMs } = await page.evaluate(walkToTheEnd, FILES + 1);
    expect(shown).toBe(FILES + 1);
    await page.keyboard.press("End");
    await expect(page.getByRole("link", { name: /item 49999\.zip/ })).toBeFocused();
    expect(await rows(page).count()).toBeLessThan(MAX_ROWS);
    const session = await page.context().newCDPSession(page);
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    console.log(
      `${Math.round(usedSize / MIB)} MiB of script objects; worst frame ${worstFrameMs.toFixed(0)} ms`,
    );
    expect(usedSize).toBeLessThan(MAX_HEAP_BYTES);
    await page.keyboard.press("Home");
    await expect(firstRow(page)).toBeFocused();
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});

/** Presses End until the list is as long as that, or grows no more for a long time; in the page, frame by frame. */
async function walkToTheEnd(wanted: number): Promise<{ shown: number; worstFrameMs: number }> {
  const MAX_IDLE_FRAMES = 2_000;
  let shown = 0;
  let worstFrameMs = 0;
  let lastFrameAt = performance.now();
  for (let idle = 0; shown < wanted && idle < MAX_IDLE_FRAMES; idle++) {
    const item = document.querySelector("[data-row]")?.closest("[aria-setsize]");
    const length = Number(item?.getAttribute("aria-setsize"));
    if (length > shown) {
      shown = length;
      idle = 0;
      document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key: "End", bubbles: true }));
    }
    await new Promise((resolve) => requestAnimationFrame(resolve));
    worstFrameMs = Math.max(worstFrameMs, performance.now() - lastFrameAt);
    lastFrameAt = performance.now();
  }
  return { shown, worstFrameMs };
}

test("what changes at the tracker shows without the list jumping under the finger", async () => {
  const stage = await createStage();
  const app = await openApp("about:blank");
  try {
    const { page } = app;
    const tracker = await stage.startTracker({ args: LONG_LEASES });
    const day = (date: number) => `2026-02-${String(date).padStart(2, "0")}T00:00:00Z`;
    const names = Array.from({ length: 24 }, (_, index) => `honey ${String.fromCharCode(97 + index)}.txt`);
    const ana = await announceFiles(tracker.url, {
      name: "Ana",
      port: await freePort(),
      files: names.map((name, index) => announcedFile(name, { mtime: day(24 - index) })),
    });
    await page.goto(tracker.url);
    await expect(firstRow(page)).toContainText("honey a.txt");

    // Nobody touches the list: a new file comes by itself.
    await ana.add([announcedFile("honey first.txt", { mtime: day(25) })]);
    await expect(firstRow(page)).toContainText("honey first.txt");

    // A pointer is over it: it is said, and nothing moves.
    await page.getByRole("link", { name: /honey c\.txt/ }).hover();
    const top = () =>
      page.getByRole("link", { name: /honey c\.txt/ }).evaluate((row) => row.getBoundingClientRect().top);
    const before = await top();
    await ana.add(["x", "y", "z"].map((name) => announcedFile(`honey ${name}2.txt`, { mtime: day(26) })));
    const pill = page.getByRole("button", { name: "3 new files: show" });
    await expect(pill).toBeVisible();
    expect(await top()).toBe(before);

    // How many peers have a file changes in place.
    const bea = await announceFiles(tracker.url, {
      name: "Bea",
      port: await freePort(),
      files: [announcedFile("mine/honey c.txt", { content: "honey c.txt", mtime: day(22) })],
    });
    await expect(page.getByRole("link", { name: /honey c\.txt/ })).toContainText("2 peers");
    expect(await top()).toBe(before);

    // A file that nobody has any more is greyed, and goes when the pointer has gone.
    await ana.remove(["honey b.txt"]);
    await expect(page.getByRole("link", { name: /honey b\.txt/ })).toContainText("gone");
    expect(await top()).toBe(before);
    await page.mouse.move(700, 5);
    await expect(page.getByRole("link", { name: /honey b\.txt/ })).toHaveCount(0);

    await pill.click();
    await expect(firstRow(page)).toContainText(/honey [xyz]2\.txt/);
    await expect(pill).toBeHidden();

    await page.mouse.move(700, 5);
    await page.getByRole("searchbox").click();
    await ana.leave();
    await expect(page.getByRole("link", { name: /honey a\.txt/ })).toHaveCount(0);
    await expect(page.getByRole("link", { name: /honey c\.txt/ })).toContainText("1 peer");
    await bea.leave();
    await expect(page.getByText("Nothing is shared here yet")).toBeVisible();
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});

test("a pasted link or file id leads to the file; searches are remembered until they are to be forgotten", async () => {
  const stage = await createStage();
  const app = await openApp("about:blank");
  try {
    const { page } = app;
    const tracker = await stage.startTracker({ args: LONG_LEASES });
    const files = ["bees of winter.mp4", "honey cake.pdf"].map((name) => announcedFile(name));
    await announceFiles(tracker.url, { name: "Ana", port: await freePort(), files });
    await page.goto(tracker.url);
    const paste = (text: string) =>
      page.getByRole("searchbox").evaluate((box, text) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData("text/plain", text);
        box.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
      }, text);
    for (const text of [files[0]!.fileId, `https://elsewhere.example/f/${files[0]!.fileId}`]) {
      await page.goto(tracker.url);
      await expect(rows(page)).toHaveCount(2);
      await paste(` ${text}\n`);
      await expect(page.getByRole("heading", { name: "bees of winter.mp4" })).toBeVisible();
      expect(pathOf(page)).toBe(`/f/${files[0]!.fileId}`);
    }

    await page.goto(tracker.url);
    const box = page.getByRole("searchbox");
    await box.fill("cake");
    await expect(rows(page)).toHaveCount(1);
    await box.press("Enter");
    await expect(firstRow(page)).toBeFocused();
    await page.keyboard.press("ArrowUp");
    await expect(box).toBeFocused();
    await chip(page, /^Documents/).click();
    await page.getByRole("button", { name: "Save this search" }).click();
    await page.goto(tracker.url);
    const remembered = page.getByRole("list", { name: "Searches to go back to" });
    await expect(remembered.getByRole("listitem")).toHaveText(["cake · Documents", "cake"]);
    await remembered.getByRole("link", { name: "cake · Documents" }).click();
    await expect(page).toHaveURL(/\/\?q=cake&kind=document$/);
    await page.goBack();
    await remembered.getByRole("button", { name: "Forget “cake”", exact: true }).click();
    await page.reload();
    await expect(remembered.getByRole("listitem")).toHaveText(["cake · Documents"]);
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});

test("the grid shows pictures made small from verified bytes, and a name's icon where there is none", async () => {
  const stage = await createStage();
  const app = await openApp("about:blank");
  try {
    const { page } = app;
    const share = join(stage.folder, "share");
    await mkdir(share);
    await writeFile(join(share, "meadow.png"), drawPicture("meadow", { width: 640, height: 480, seed: 1 }));
    await writeFile(join(share, "no picture.png"), "<svg onload=alert(1)>");
    const tracker = await stage.startTracker();
    await stage.startPeer({ share, trackerUrl: tracker.url, name: "Ana" });
    await announced(tracker.url, "picture", 1);
    await page.goto(`${tracker.url}/?view=grid`);
    const picture = page.getByRole("link", { name: /meadow/ }).locator("img");
    await expect(picture).toHaveAttribute("src", /^blob:/);
    const sizes = () =>
      picture.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight]);
    await expect.poll(sizes).toEqual([320, 240]);
    await expect(page.getByRole("link", { name: /no picture/ }).locator("img")).toHaveCount(0);
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});
