import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { CHROMIUM_FLAGS } from "../scripts/find-browser.ts";
import { openApp } from "./support/app.ts";
import { bytesBySource, seekTo, showsSecond, sum } from "./support/film-stage.ts";
import { startEvilPeer } from "./support/evil-peer.ts";
import { startHttpsFront } from "./support/https-front.ts";
import { announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";
import { ENCODE_PICTURES, writeFilm } from "./support/webm.ts";

const MIB = 1024 * 1024;

test("over https, with the straight way shut, films play and files come through the gateway, and the page says so", async () => {
  const stage = await createStage();
  const front = await startHttpsFront(stage);
  const share = join(stage.folder, "share");
  await mkdir(share);
  const digest = await writeSampleFile(join(share, "meadow.bin"), 9_000_000);
  const app = await openApp(front.url, { args: front.flagsAsIfPublic });
  const { page } = app;
  try {
    const pictures = await page.evaluate<string[]>(ENCODE_PICTURES);
    await writeFilm(join(share, "honeycomb.webm"), { pictures, seconds: 60, bytesPerSecond: MIB / 4 });
    const peer = await stage.startPeer({ share, trackerUrl: front.trackerUrl, name: "Meadow" });
    expect(peer.url).toMatch(/^http:/);
    const fileId = await announced(front.trackerUrl, "meadow", 1);
    const filmId = await announced(front.trackerUrl, "honeycomb", 1);

    // The straight way is shut.
    const straight = await page.evaluate<string>(
      `fetch("${peer.url}/healthz", { mode: "no-cors", signal: AbortSignal.timeout(2000) }).then(() => "open", () => "shut")`,
    );
    expect(straight).toBe("shut");

    await page.goto(`${front.url}/f/${fileId}`);
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download", exact: true }).click();
    const target = join(stage.folder, "saved.bin");
    await (await saved).saveAs(target);
    expect(await sha256Of(target)).toBe(digest);
    await expect(page.getByTestId("source-row")).toContainText("through the tracker");
    expect(await front.passedBytes()).toBeGreaterThanOrEqual(9_000_000);

    const before = await front.passedBytes();
    await page.goto(`${front.url}/f/${filmId}`);
    await page.getByRole("button", { name: "Play", exact: true }).click();
    await showsSecond(page, 0);
    await seekTo(page, 50.5);
    await showsSecond(page, 50);
    expect(sum(await bytesBySource(page))).toBeGreaterThan(0);
    expect(await front.passedBytes()).toBeGreaterThan(before);

    await page.goto(`${front.url}/p`);
    await expect(page.getByText(/through the tracker, \d/)).toBeVisible();
  } finally {
    await app.close();
    await front.close();
    await stage.close();
  }
});

test("a page, a picture, a worker and headers of a malicious peer, opened through the gateway, reach nothing of the app's", async () => {
  const stage = await createStage();
  const front = await startHttpsFront(stage, ["--heartbeat-seconds", "600"]);
  const script =
    "globalThis.owned = true; self.addEventListener?.('fetch', (e) => e.respondWith(new Response('owned')));";
  const evil: Record<string, string> = {
    "evil.html": `<!doctype html><title>owned</title><script>${script} localStorage.owned = 1; document.cookie = "owned=1";</script>`,
    "evil.svg": `<svg xmlns="http://www.w3.org/2000/svg"><script>${script}</script></svg>`,
    "sw.js": script,
  };
  const peer = await startEvilPeer(front.trackerUrl, evil);
  const app = await openApp(front.url, {
    args: [...CHROMIUM_FLAGS, "--ignore-certificate-errors"],
    ignoreHTTPSErrors: true,
  });
  const { page } = app;
  try {
    const via = `${front.viaUrl}/via/${peer.peerId}/files`;
    const urls = Object.keys(evil).map((name) => `${via}/${peer.fileId}/${name}`);
    // The peer is called once it proved its nonce.
    await until("the gateway passes on what the peer says", async () => {
      const status = await page.request.get(urls[0]!).then((answer) => answer.status());
      return status === 200 || undefined;
    });
    for (const url of urls) {
      const answer = await page.request.get(url);
      const headers = answer.headers();
      expect(headers).toMatchObject({
        "content-type": "application/octet-stream",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "x-content-type-options": "nosniff",
      });
      expect(headers["content-disposition"]).toMatch(/^attachment/);
      for (const header of ["set-cookie", "service-worker-allowed", "clear-site-data", "refresh", "link"])
        expect(headers).not.toHaveProperty(header);
    }
    // Nothing of the app's page runs or shows it.
    const outcomes = await page.evaluate<Record<string, string>>(`(async () => {
      const [html, svg, js] = ${JSON.stringify(urls)};
      const element = (tag, attributes) => new Promise((resolve) => {
        const made = Object.assign(document.createElement(tag), { onload: () => resolve("loaded"), onerror: () => resolve("refused") });
        try { for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value); } catch { return resolve("refused"); }
        document.body.append(made);
      });
      return {
        script: await element("script", { src: js }),
        style: await element("link", { rel: "stylesheet", href: js }),
        picture: await element("img", { src: svg }),
        import: await import(js).then(() => "loaded", () => "refused"),
        worker: await navigator.serviceWorker.register(js).then(() => "loaded", () => "refused"),
      };
    })()`);
    expect(new Set(Object.values(outcomes))).toEqual(new Set(["refused"]));

    // In a tab of its own it is saved, and never a page of the gateway's origin.
    const tab = await page.context().newPage();
    for (const url of urls) {
      const saved = tab.waitForEvent("download");
      // It becomes a download, so nowhere is arrived at.
      await expect(tab.goto(url)).rejects.toThrow(/download|ERR_ABORTED/i);
      await (await saved).cancel();
    }
    expect(tab.url()).toBe("about:blank");
    // Nor has that origin any page that could ask for a worker: its own answers are sandboxed.
    await tab.goto(`${front.viaUrl}/healthz`);
    expect(await tab.evaluate("origin")).toBe("null");
    expect(await page.context().cookies([front.url, front.viaUrl])).toEqual([]);
    await page.reload();
    expect(await page.evaluate("[globalThis.owned, localStorage.owned]")).toEqual([undefined, undefined]);
    expect(await page.title()).not.toBe("owned");
    expect(peer.seen).toContainEqual(expect.stringContaining(peer.fileId));
    expect(peer.leaked).toEqual([]);
  } finally {
    await app.close();
    await peer.close();
    await front.close();
    await stage.close();
  }
});
