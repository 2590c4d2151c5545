import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, type Page, test } from "@playwright/test";
import { ROOT } from "../scripts/run-command.ts";
import { MAX_FIRST_LOAD_BYTES, measureWebSize } from "../scripts/web-size.ts";
import { openApp } from "./support/app.ts";
import { announced, createStage } from "./support/processes.ts";
import { sha256Of } from "./support/sample-file.ts";

test("a first visit fetches little, one language, and nothing the policy forbids", async () => {
  const stage = await createStage();
  const app = await openApp("about:blank");
  try {
    const tracker = await stage.startTracker();
    const scripts: { url: string; gzipBytes: number }[] = [];
    const bodies: Promise<void>[] = [];
    app.page.on("response", (response) => {
      if (response.request().resourceType() !== "script") return;
      bodies.push(
        response.body().then((body) => {
          scripts.push({ url: response.url(), gzipBytes: gzipSync(body).length });
        }),
      );
    });
    // What comes last, when the page has time for it.
    const lastScript = () => app.page.waitForResponse(/\/seed-setting-/);
    const last = lastScript();
    await app.page.goto(tracker.url);
    await expect(app.page.getByText("Nothing is shared here yet")).toBeVisible();
    await last;
    await Promise.all(bodies);
    const ofPage = scripts.filter(({ url }) => !/worker/.test(url));
    expect(ofPage.length).toBeGreaterThan(3);
    const total = ofPage.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0);
    console.log(`${ofPage.length} scripts, ${(total / 1000).toFixed(1)} kB gzip`);
    expect(total).toBeLessThanOrEqual(MAX_FIRST_LOAD_BYTES);
    const named = (name: string) => scripts.filter(({ url }) => url.includes(`/assets/${name}-`)).length;
    expect([named("en"), named("es"), named("doctor-view")]).toEqual([1, 0, 0]);

    await app.page.getByRole("button", { name: "Settings" }).click();
    await app.page.getByRole("menuitemradio", { name: "Español" }).click();
    await expect(app.page.getByText("Aquí todavía no se comparte nada")).toBeVisible();
    const lastAgain = lastScript();
    await app.page.reload();
    await expect(app.page.getByText("Aquí todavía no se comparte nada")).toBeVisible();
    await lastAgain;
    await Promise.all(bodies);
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});

test("the page names all that its first view needs, so that nothing waits for a script to ask for another", async () => {
  const page = await readFile(join(ROOT, "web/dist/index.html"), "utf8");
  const { firstLoad } = await measureWebSize();
  // Which language it is, only the browser knows.
  const unnamed = firstLoad.filter(({ file }) => !page.includes(`"/${file}"`));
  expect(unnamed.map(({ file }) => file.replace(/-[^-]+$/, ""))).toEqual([
    expect.stringMatching(/^assets\/e[ns]$/),
  ]);
  expect(page).toMatch(/rel="preload" as="font"[^>]+inter-latin-wght/);
});

test("a view whose script is gone after an update says so, and comes with a reload", async () => {
  const stage = await createStage();
  // A service worker keeps the whole build, so that none of its scripts is ever gone.
  const app = await openApp("about:blank", { serviceWorkers: "block" });
  try {
    const tracker = await stage.startTracker();
    await app.page.goto(tracker.url);
    await app.page.route(/doctor-view/, (route) => route.fulfill({ status: 404 }));
    await app.page.getByRole("button", { name: "Settings" }).click();
    await app.page.getByRole("menuitem", { name: "Check the connection" }).click();
    await expect(app.page.getByRole("alert")).toContainText("This part of the app could not be fetched");
    // The rest goes on.
    await app.page.getByRole("link", { name: "Peers" }).click();
    await expect(app.page.getByText("No peers")).toBeVisible();
    await app.page.goBack();
    await app.page.unroute(/doctor-view/);
    await app.page.getByRole("button", { name: "Reload" }).click();
    await expect(app.page.getByText("Runs in the background.")).toBeVisible();
  } finally {
    await app.close();
    await stage.close();
  }
});

/** For the page, before its scripts: every click somebody makes is counted; without pickers, files come and go by ways that can be seen. */
const COUNTED_CLICKS = `
  delete self.showSaveFilePicker;
  delete self.showOpenFilePicker;
  const clicks = "test.clicks";
  addEventListener("click", ({ isTrusted }) => {
    if (isTrusted) sessionStorage.setItem(clicks, Number(sessionStorage.getItem(clicks)) + 1);
  }, true);
`;
const MAX_CLICKS = 3;
const EXAMPLES = join(ROOT, "examples", "shared");

const clicksIn = (page: Page) => page.evaluate<number>(`Number(sessionStorage.getItem("test.clicks"))`);

/** Saves the first file of the page that is open; gives its SHA-256. */
async function saveFirstFile(page: Page): Promise<string> {
  await page.locator("[data-row]").first().click();
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download", exact: true }).click();
  return sha256Of(await (await saving).path());
}

for (const [device, viewport] of Object.entries({
  desktop: { width: 1280, height: 800 },
  phone: { width: 360, height: 740 },
})) {
  test(`from the first page after "npm start" to a file on the disk takes three clicks at most, on a ${device}`, async () => {
    const stage = await createStage();
    const app = await openApp("about:blank", { viewport });
    try {
      const tracker = await stage.startTracker();
      for (const name of ["Peer one", "Peer two"])
        await stage.startPeer({ share: EXAMPLES, trackerUrl: tracker.url, name });
      await announced(tracker.url, "honeycomb", 2);
      await app.page.addInitScript(COUNTED_CLICKS);
      await app.page.goto(tracker.url);
      const digest = await saveFirstFile(app.page);
      const files = (await readdir(EXAMPLES, { recursive: true, withFileTypes: true })).filter((entry) =>
        entry.isFile(),
      );
      const digests = await Promise.all(
        files.map(({ parentPath, name }) => sha256Of(join(parentPath, name))),
      );
      expect(digests).toContain(digest);
      expect(await clicksIn(app.page)).toBeGreaterThan(0);
      expect(await clicksIn(app.page)).toBeLessThanOrEqual(MAX_CLICKS);
      expect(app.errors).toEqual([]);
    } finally {
      await app.close();
      await stage.close();
    }
  });
}

test("where nothing is shared yet, one shares a file and another has it with three clicks at most each", async () => {
  const stage = await createStage();
  const [giver, taker] = [await openApp("about:blank"), await openApp("about:blank")];
  try {
    const tracker = await stage.startTracker();
    for (const { page } of [giver, taker]) {
      await page.addInitScript(COUNTED_CLICKS);
      await page.goto(tracker.url);
      await expect(page.getByText("Nothing is shared here yet")).toBeVisible();
    }
    await giver.page.getByRole("main").getByRole("link").click();
    const choosing = giver.page.waitForEvent("filechooser");
    await giver.page.getByRole("button", { name: "Choose files" }).click();
    const path = join(EXAMPLES, "pictures", "honeycomb.jpg");
    await (await choosing).setFiles(path);
    // Nobody has to reload or look for anything: it comes to those who wait.
    expect(await saveFirstFile(taker.page)).toBe(await sha256Of(path));
    for (const { page, errors } of [giver, taker]) {
      expect(await clicksIn(page)).toBe(2);
      expect(errors).toEqual([]);
    }
  } finally {
    await giver.close();
    await taker.close();
    await stage.close();
  }
});
