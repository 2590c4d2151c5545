import { expect, test } from "@playwright/test";
import { createFilmStage, seekTo, showsSecond } from "./support/film-stage.ts";

test("a service worker that is ended again and again answers on, wherever the player jumps", async () => {
  const scene = await createFilmStage();
  const { page } = scene.app;
  try {
    await scene.startPeer("One");
    await scene.openFilm(1);
    await showsSecond(page, 0);
    const browser = await page.context().newCDPSession(page);
    await browser.send("ServiceWorker.enable");
    for (const second of [150, 60, 190]) {
      await browser.send("ServiceWorker.stopAllWorkers");
      await seekTo(page, second + 0.5);
      await showsSecond(page, second, second + 10);
    }
  } finally {
    await scene.close();
  }
});

test("without the tracker the app opens all the same, and says so; its API is never kept", async () => {
  const scene = await createFilmStage({ seconds: 1 });
  const { page } = scene.app;
  try {
    await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)");
    await expect.poll(() => page.evaluate("navigator.serviceWorker.controller !== null")).toBe(true);
    await page.goto(`${scene.tracker.url}/p`);
    await scene.tracker.stop();
    for (const path of ["/transfers", "/", "/doctor"]) {
      const answer = await page.goto(scene.tracker.url + path);
      expect(answer?.fromServiceWorker()).toBe(true);
      await expect(page.getByRole("navigation")).toBeVisible();
    }
    await page.goto(scene.tracker.url);
    await expect(page.getByText("The tracker doesn't answer")).toBeVisible();
    const kept = await page.evaluate<string[]>(`(async () => {
      const names = await caches.keys();
      const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return all.flat().map(({ url }) => new URL(url).pathname);
    })()`);
    expect(kept).toContain("/");
    expect(
      kept.filter((path) => !/^\/($|assets\/[\w.-]+$|[\w-]+\.(svg|png|webmanifest)$)/.test(path)),
    ).toEqual([]);
  } finally {
    await scene.close();
  }
});
