import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Page, expect as expectSoon, test } from "@playwright/test";
import { displayName } from "@panal/sdk";
import { type AppBrowser, openApp } from "./support/app.ts";
import { bringAxe, findingsInEveryLook } from "./support/axe.ts";
import { freePort } from "./support/free-port.ts";
import { give } from "./support/give-file.ts";
import { openHeldWay } from "./support/held-way.ts";
import { HOSTILE_NAMES } from "./support/hostile-share.ts";
import { startHttpsFront } from "./support/https-front.ts";
import { journaledPieces } from "./support/journal.ts";
import { linkOf } from "./support/peer-link.ts";
import { type Stage, announced, createStage, until } from "./support/processes.ts";
import { rendererPids } from "./support/renderer-memory.ts";
import { sha256Of } from "./support/sample-file.ts";

const MIB = 1024 * 1024;
/** A busy machine may take its time. */
const expect = expectSoon.configure({ timeout: 60_000 });
const LENGTH = 24 * MIB + 4321;
/** Four parts of 4 MiB are on the way at a time: after this, one of them at least has come. */
const HELD_AFTER_BYTES = 17 * MIB;

/** For the page, before its scripts: pickers give handles of the page's own storage. */
const OPEN_PICKERS = `
  const top = () => navigator.storage.getDirectory();
  self.showOpenFilePicker = async () => [await (await top()).getFileHandle("winter bees.bin")];
  self.showDirectoryPicker = async () => (await top()).getDirectoryHandle("garden");
`;

/** Writes what the pickers will give; gives the SHA-256 of the large file. */
function fillStorage(page: Page, length: number): Promise<string> {
  return page.evaluate(async (bytes) => {
    const top = await navigator.storage.getDirectory();
    async function write(folder: FileSystemDirectoryHandle, name: string, content: Uint8Array<ArrayBuffer>) {
      const stream = await (await folder.getFileHandle(name, { create: true })).createWritable();
      await stream.write(content);
      await stream.close();
    }
    const content = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at++) content[at] = (at * 31 + (at >> 10)) & 0xff;
    await write(top, "winter bees.bin", content);
    const garden = await top.getDirectoryHandle("garden", { create: true });
    const text = (words: string) => new TextEncoder().encode(words);
    await write(garden, "roses.txt", text("roses, red"));
    await write(await garden.getDirectoryHandle("pond", { create: true }), "carp.txt", text("carp, gold"));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }, length);
}

interface ShareTarget {
  action: string;
  method: string;
  enctype: string;
  params: { files: [{ name: string }] };
}

function codeIn(output: string): string | undefined {
  return /with the code (\S+)/.exec(output)?.[1];
}

const row = (page: Page, name: string) => page.getByTestId("upload-row").filter({ hasText: name });

test.describe("Sending files to a peer", () => {
  let stage: Stage;
  let trackerUrl: string;
  let share: string;
  let app: AppBrowser;
  test.beforeEach(async () => {
    stage = await createStage();
    share = join(stage.folder, "share");
    await mkdir(share);
    trackerUrl = (await stage.startTracker()).url;
    app = await openApp("about:blank");
    await app.page.addInitScript({ content: OPEN_PICKERS });
  });
  test.afterEach(async () => {
    await app.close();
    await stage.close();
  });

  test("drops, pastes and picks arrive with the right code only; what is there is skipped, a taken name gets a number", async () => {
    const { page } = app;
    await bringAxe(page);
    const peer = await stage.startPeer({ share, trackerUrl, name: "Ana", args: ["--allow-uploads"] });
    const code = await until("it prints its code", () => codeIn(peer.output()));
    await page.goto(`${trackerUrl}/p`);
    await page.getByRole("link", { name: "Send files to Ana" }).click();
    await page.getByLabel("Upload code").fill("wrong-code");
    await page.getByRole("button", { name: "Use this code" }).click();
    await expect(page.getByText("That isn't this peer's upload code")).toBeVisible();
    await give(page, "drop", "roses.txt", "roses, red");
    await expect(row(page, "roses.txt")).toHaveAttribute("data-phase", "failed");
    expect(await findingsInEveryLook(page)).toEqual([]);
    expect(await page.evaluate("localStorage.getItem('panal.upload-codes')")).toBeNull();

    // The link has the right one, which leaves the address; what waited for it goes on.
    const link = await until("it prints its link", () => /Upload link: (\S+)/.exec(peer.output())?.[1]);
    expect(link).toBe(`${await linkOf(trackerUrl, "Ana")}#upload=${code}`);
    await page.evaluate(`location.hash = "${new URL(link).hash}"`);
    await expect(page.getByText("This browser has the upload code")).toBeVisible();
    expect(page.url()).not.toContain(code);
    await expect(row(page, "roses.txt")).toHaveAttribute("data-phase", "done");
    await expect(row(page, "roses.txt")).toContainText("every piece checked there");
    expect(await readFile(join(share, "inbox", "roses.txt"), "utf8")).toBe("roses, red");
    await announced(trackerUrl, "roses", 1);

    await fillStorage(page, 5 * MIB);
    await page.getByRole("button", { name: "Choose a folder" }).click();
    await expect(row(page, "garden")).toHaveAttribute("data-phase", "done");
    await expect(row(page, "garden")).toContainText("1 was there already");
    expect(await readFile(join(share, "inbox", "garden", "pond", "carp.txt"), "utf8")).toBe("carp, gold");
    await page.getByRole("button", { name: "Choose files" }).click();
    await expect(row(page, "winter bees.bin")).toHaveAttribute("data-done", String(5 * MIB));
    await give(page, "paste", "roses.txt", "roses, white");
    await expect(row(page, "roses.txt").first()).toContainText("Saved as inbox/roses (1).txt");
    expect(await readFile(join(share, "inbox", "roses.txt"), "utf8")).toBe("roses, red");

    for (const name of Object.values(HOSTILE_NAMES)) await give(page, "drop", name, `of ${name}`);
    await expect(page.locator("[data-testid=upload-row][data-phase=done]")).toHaveCount(
      4 + Object.keys(HOSTILE_NAMES).length,
    );
    for (const name of Object.values(HOSTILE_NAMES))
      await expect(page.getByText(displayName(name), { exact: true })).toBeVisible();
    expect(await page.locator("main li").locator("img, script, b").count()).toBe(0);
    expect(await page.title()).not.toContain("owned");
    expect(await findingsInEveryLook(page)).toEqual([]);

    // Remembered after a reload, in the other language, too; forgotten when somebody says so.
    await page.evaluate(`localStorage.setItem("panal.language", "es")`);
    await page.reload();
    await expect(page.getByText("Este navegador tiene el código de envío")).toBeVisible();
    await page.getByRole("button", { name: "Olvidar el código" }).click();
    await expect(page.getByLabel("Código de envío")).toBeVisible();
    expect(await page.evaluate("localStorage.getItem('panal.upload-codes')")).toBe("[]");
    expect(await findingsInEveryLook(page)).toEqual([]);
    // The browser's own words for how a code is tried: 401 is a wrong one, 404 that the peer looked no further.
    expect(app.errors.filter((error) => !/status of 40[14] /.test(error))).toEqual([]);
  });

  test("a peer that takes none offers nothing", async () => {
    await stage.startPeer({ share, trackerUrl, name: "Bea" });
    const link = await linkOf(trackerUrl, "Bea");
    await app.page.goto(link);
    await expect(app.page.getByText("This folder is empty")).toBeVisible();
    await expect(app.page.getByRole("link", { name: "Send files" })).toHaveCount(0);
    await app.page.goto(`${link}#upload=whatever`);
    await expect(app.page.getByText("This peer takes no files")).toBeVisible();
  });

  test("what a phone's share sheet brings goes to the peer that is chosen", async () => {
    const { page } = app;
    await stage.startPeer({ share, trackerUrl, name: "Eva", args: ["--allow-uploads", "--upload-open"] });
    await page.goto(`${trackerUrl}/p`);
    await until("the service worker is in charge", async () =>
      (await page.evaluate<boolean>("navigator.serviceWorker.controller !== null")) ? true : undefined,
    );
    // As the browser does it, by what the manifest says, and not from the app's page, whose policy forbids it forms.
    const manifest = await fetch(`${trackerUrl}/manifest.webmanifest`);
    const { share_target: target } = (await manifest.json()) as { share_target: ShareTarget };
    await page.goto("about:blank");
    await page.setContent(
      `<form action="${trackerUrl}${target.action}" method="${target.method}" enctype="${target.enctype}">` +
        `<input type="file" multiple name="${target.params.files[0].name}"></form>`,
    );
    const files = ["rose.jpg", "carp.jpg"].map((name) => ({
      name,
      mimeType: "image/jpeg",
      buffer: Buffer.from(`of ${name}`),
    }));
    await page.locator("input").setInputFiles(files);
    await page.evaluate("document.forms[0].submit()");
    await expect(page.getByText("2 files to send: ")).toBeVisible();
    expect(new URL(page.url()).pathname).toBe("/p");
    await page.getByRole("link", { name: "Send files to Eva" }).click();
    await page.getByRole("button", { name: "Send to Eva" }).click();
    await expect(page.locator("[data-testid=upload-row][data-phase=done]")).toHaveCount(2);
    expect(await readFile(join(share, "inbox", "rose.jpg"), "utf8")).toBe("of rose.jpg");
    await page.reload();
    await expect(page.getByText("Drop files or folders")).toBeVisible();
    await expect(page.getByRole("button", { name: "Send to Eva" })).toHaveCount(0);
  });

  /** A peer that nobody's bytes get through to after HELD_AFTER_BYTES. */
  async function startHeldPeer() {
    const port = await freePort();
    const way = await openHeldWay(`http://127.0.0.1:${port}`, HELD_AFTER_BYTES);
    const args = [`--port=${port}`, `--advertise=${way.url}`, "--allow-uploads", "--upload-open"];
    const start = () =>
      stage.startPeer({ share, trackerUrl, name: "Cid", args: [...args, `--state=${stage.folder}/cid`] });
    return { way, process: await start(), start };
  }

  /** Of the one upload that is under way; once there are any. */
  async function journaledBytes(): Promise<number> {
    const folder = join(share, "inbox", ".panal-uploads");
    return until("a piece is journaled", async () => {
      const journal = (await readdir(folder)).find((name) => name.endsWith(".journal"));
      const count = journal === undefined ? 0 : await journaledPieces(join(folder, journal));
      return count > 0 ? count * MIB : undefined;
    });
  }

  test("paused and reloaded, it goes on with one click, and only what is missing is sent", async () => {
    const { page } = app;
    const { way } = await startHeldPeer();
    try {
      await page.goto(`${await linkOf(trackerUrl, "Cid")}?upload`);
      const digest = await fillStorage(page, LENGTH);
      await page.getByRole("button", { name: "Choose files" }).click();
      await until("it is half-way", () => (way.isHeld ? true : undefined));
      await page.getByRole("button", { name: "Pause winter bees.bin" }).click();
      await expect(row(page, "winter bees")).toHaveAttribute("data-phase", "paused");
      const known = await journaledBytes();
      await page.reload();
      way.release();
      await page.getByRole("button", { name: "Go on" }).click();
      await expect(row(page, "winter bees")).toHaveAttribute("data-phase", "done");
      const sent = Number(await row(page, "winter bees").getAttribute("data-sent"));
      // Of what was on its way when the page went some may have come.
      expect(sent).toBeLessThanOrEqual(LENGTH - known);
      expect(await sha256Of(join(share, "inbox", "winter bees.bin"))).toBe(digest);
      await page.reload();
      await expect(page.getByText("Drop files or folders")).toBeVisible();
      await expect(page.getByRole("button", { name: "Go on" })).toHaveCount(0);
    } finally {
      await way.close();
    }
  });

  test("a tab that is killed with -9 midway goes on in a new one with one click, and only what is missing is sent", async () => {
    const { page } = app;
    const { way } = await startHeldPeer();
    try {
      const link = `${await linkOf(trackerUrl, "Cid")}?upload`;
      await page.goto(link);
      const digest = await fillStorage(page, LENGTH);
      await page.getByRole("button", { name: "Choose files" }).click();
      await until("it is half-way", () => (way.isHeld ? true : undefined));
      const known = await journaledBytes();
      const crashed = page.waitForEvent("crash");
      for (const pid of await rendererPids(app.profile)) process.kill(pid, "SIGKILL");
      await crashed;
      way.release();
      const again = await page.context().newPage();
      await again.goto(link);
      await again.getByRole("button", { name: "Go on" }).click();
      await expect(row(again, "winter bees")).toHaveAttribute("data-phase", "done");
      const sent = Number(await row(again, "winter bees").getAttribute("data-sent"));
      expect(sent).toBeLessThanOrEqual(LENGTH - known);
      expect(await sha256Of(join(share, "inbox", "winter bees.bin"))).toBe(digest);
    } finally {
      await way.close();
    }
  });

  test("a peer that is killed midway has it whole in the end, and meanwhile its page tells what waits for it", async () => {
    const { page } = app;
    await bringAxe(page);
    // One that forgets sooner who is gone.
    const args = ["--heartbeat-seconds=2", "--data", join(stage.folder, "hasty tracker")];
    trackerUrl = (await stage.startTracker({ args })).url;
    const { way, process, start } = await startHeldPeer();
    try {
      await page.goto(`${await linkOf(trackerUrl, "Cid")}?upload`);
      const digest = await fillStorage(page, LENGTH);
      await page.getByRole("button", { name: "Choose files" }).click();
      await until("it is half-way", () => (way.isHeld ? true : undefined));
      const known = await journaledBytes();
      await process.stop("SIGKILL");
      way.release();
      await expect(row(page, "winter bees")).toContainText("tried again by itself");
      // The tracker forgets it: its page goes on showing what it was being sent, and what can be done.
      await expect(page.getByRole("heading", { name: "This peer is gone" })).toBeVisible();
      await expect(row(page, "winter bees")).toContainText("Waiting for the peer");
      await page.getByRole("button", { name: "Pause winter bees.bin" }).click();
      await expect(row(page, "winter bees")).toHaveAttribute("data-phase", "paused");
      expect(await findingsInEveryLook(page)).toEqual([]);
      // It is in no list any more: from there another way leads back to it.
      await page.getByRole("link", { name: "Peers" }).click();
      const left = page.getByRole("link", { name: "Not finished: winter bees.bin" });
      await expect(left).toBeVisible();
      expect(await findingsInEveryLook(page)).toEqual([]);
      await left.click();
      await expect(row(page, "winter bees")).toHaveAttribute("data-phase", "paused");
      await start();
      await expect(page.getByRole("heading", { name: "Cid" })).toBeVisible();
      await page.getByRole("button", { name: "Go on with winter bees.bin" }).click();
      await expect(row(page, "winter bees")).toHaveAttribute("data-phase", "done");
      const sent = Number(await row(page, "winter bees").getAttribute("data-sent"));
      expect(sent).toBeLessThanOrEqual(LENGTH - known + HELD_AFTER_BYTES);
      expect(await sha256Of(join(share, "inbox", "winter bees.bin"))).toBe(digest);
    } finally {
      await way.close();
    }
  });
});

test("over https, with the straight way shut, files go through the gateway, and the page says so", async () => {
  const stage = await createStage();
  const front = await startHttpsFront(stage);
  const share = join(stage.folder, "share");
  await mkdir(share);
  await writeFile(join(share, "here.txt"), "here");
  const app = await openApp("about:blank", { args: front.flagsAsIfPublic });
  const { page } = app;
  try {
    const args = ["--allow-uploads"];
    const peer = await stage.startPeer({ share, trackerUrl: front.trackerUrl, name: "Dora", args });
    const code = await until("it prints its code", () => codeIn(peer.output()));
    const link = (await linkOf(front.trackerUrl, "Dora")).replace(front.trackerUrl, front.url);
    await page.addInitScript({ content: OPEN_PICKERS });
    await page.goto(`${link}#upload=${code}`);
    await expect(page.getByText("This browser has the upload code")).toBeVisible();
    await expect(page.getByText("through the tracker")).toBeVisible();
    const digest = await fillStorage(page, 9 * MIB);
    await page.getByRole("button", { name: "Choose files" }).click();
    await expect(row(page, "winter bees")).toHaveAttribute("data-phase", "done");
    expect(await sha256Of(join(share, "inbox", "winter bees.bin"))).toBe(digest);
  } finally {
    await app.close();
    await front.close();
    await stage.close();
  }
});
