import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect as expectSoon, test } from "@playwright/test";
import { openApp } from "./support/app.ts";
import { PICKERS_OF_OPFS, pickedDigest } from "./support/opfs-pickers.ts";
import { announced, createStage } from "./support/processes.ts";
import { writeSampleFile } from "./support/sample-file.ts";
import { openSlowWay } from "./support/slow-way.ts";

const MIB = 1024 * 1024;
/** A busy machine may take its time. */
const expect = expectSoon.configure({ timeout: 60_000 });
const NAMES = ["acacia", "borage", "clover", "daisy"] as const;
/** So slow that nothing is done before the way is made fast. */
const SLOW_BYTES_PER_SECOND = 16 * 1024;

/** One at a time; what the page asks of the screen, tells the person and has read aloud is written down; it is hidden when it is told so. */
const WATCHED_PAGE = `
  ${PICKERS_OF_OPFS}
  if (localStorage.getItem("panal.transfers") === null) localStorage.setItem("panal.transfers", '{"atOnce":1}');
  self.told = [];
  self.said = [];
  new MutationObserver((changes) => {
    const element = (node) => (node instanceof Element ? node : node.parentElement);
    const places = changes.map(({ target }) => element(target)?.closest("[role=status], [role=alert], [aria-live]"));
    for (const place of new Set(places)) if (place?.textContent) self.said.push(place.textContent);
  }).observe(document, { subtree: true, childList: true, characterData: true });
  self.heldLocks = 0;
  self.isHidden = false;
  self.Notification = class extends EventTarget {
    static permission = "granted";
    constructor(title) { super(); self.told.push(title); }
  };
  Object.defineProperty(document, "visibilityState", { get: () => (self.isHidden ? "hidden" : "visible") });
  Object.defineProperty(navigator, "wakeLock", {
    value: {
      async request() {
        self.heldLocks++;
        return { release: async () => void self.heldLocks-- };
      },
    },
  });
`;

test("downloads wait for their turn, in an order that buttons change; while they run the page stays awake, warns, and says how far", async () => {
  const stage = await createStage();
  const way = await openSlowWay(SLOW_BYTES_PER_SECOND);
  const share = join(stage.folder, "share");
  await mkdir(share);
  const digests = new Map<string, string>();
  for (const [index, name] of NAMES.entries())
    digests.set(name, await writeSampleFile(join(share, `${name}.bin`), 4 * MIB + index, index));
  const tracker = await stage.startTracker();
  const args = ["--advertise", way.url];
  const peer = await stage.startPeer({ share, trackerUrl: tracker.url, name: "Slow", args });
  way.leadTo(peer.url);
  for (const name of NAMES) await announced(tracker.url, name, 1);
  const app = await openApp("about:blank");
  const { page } = app;
  const row = (name: string) => page.getByRole("listitem").filter({ hasText: name });
  const names = page.getByRole("main").getByRole("listitem").getByRole("link");
  const waiting = page.getByText("Waits for its turn");
  const limit = page.getByRole("combobox", { name: "Speed limit" });
  const heldLocks = () => page.evaluate<number>("heldLocks");
  try {
    await page.addInitScript(WATCHED_PAGE);
    await page.goto(`${tracker.url}/?sort=name`);
    await page.getByRole("button", { name: "Select files" }).click();
    await page.getByRole("button", { name: "Select all" }).click();
    await page.getByRole("region", { name: "Selection" }).getByRole("button", { name: "Save" }).click();
    expect(await heldLocks()).toBe(0);
    await page.getByRole("button", { name: "Into a folder" }).click();
    await page.getByRole("button", { name: "Show transfers" }).click();
    await page.evaluate("said.length = 0");

    await expect(waiting).toHaveCount(3);
    await expect(names).toHaveText(["acacia.bin", "borage.bin", "clover.bin", "daisy.bin"]);
    await row("daisy").getByRole("button", { name: "Earlier" }).click();
    await expect(names).toHaveText(["acacia.bin", "borage.bin", "daisy.bin", "clover.bin"]);
    await row("borage").getByRole("button", { name: "Later" }).click();
    await expect(names).toHaveText(["acacia.bin", "daisy.bin", "borage.bin", "clover.bin"]);
    await expect(row("clover").getByRole("button", { name: "Later" })).toBeDisabled();
    await page.getByRole("combobox", { name: "Downloads at once" }).selectOption("2");
    await expect(waiting).toHaveCount(2);
    await expect(row("daisy").getByText("Waits for its turn")).toHaveCount(0);

    expect(await heldLocks()).toBe(1);
    await expect(page).toHaveTitle(/^\d+% · /);
    const warning = page.waitForEvent("dialog");
    await page.close({ runBeforeUnload: true });
    const dialog = await warning;
    expect(dialog.type()).toBe("beforeunload");
    await dialog.dismiss();

    // The way would give everything at once; by the limit each of the two has its half.
    await limit.selectOption({ label: "At most 100.0 kB/s" });
    way.setRate(1024 * MIB);
    await expect(page.getByText(/ · [45]\d\.\d\skB\/s/).first()).toBeVisible();
    await page.evaluate("isHidden = true; document.dispatchEvent(new Event('visibilitychange'))");
    // Nobody sees the page: the screen may go dark.
    await expect.poll(heldLocks).toBe(0);
    await limit.selectOption({ label: "Full speed" });
    await expect(page.getByText("Complete, every piece verified")).toHaveCount(4);
    expect(await page.evaluate<string[]>("told.toSorted()")).toEqual(NAMES.map((name) => `${name}.bin`));
    await expect(page).toHaveTitle(/^Panal/);
    // Bars, figures and rows have changed hundreds of times; ears heard tenths at most, and the end once.
    const said = await page.evaluate<string[]>("said");
    expect(said.filter((text) => !/^Transfers: [1-9]0%\.$/.test(text))).toEqual([
      "4 files: all here and verified.",
    ]);
    expect(new Set(said).size).toBe(said.length);
    const warns = `!dispatchEvent(new Event("beforeunload", { cancelable: true }))`;
    expect(await page.evaluate<boolean>(warns)).toBe(false);
    for (const name of NAMES) expect(await pickedDigest(page, `${name}.bin`)).toBe(digests.get(name));
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await way.close();
    await stage.close();
  }
});
