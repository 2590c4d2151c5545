import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import {
  bytesBySource,
  createFilmStage,
  expectNoErrors,
  seekTo,
  showsSecond,
  sum,
} from "./support/film-stage.ts";
import { sha256Of } from "./support/sample-file.ts";

const MIB = 1024 * 1024;
/** What is fetched ahead of a player, and what one of its questions may be ahead itself. */
const AHEAD_BYTES = (32 + 32) * MIB;

test("a film plays before it is here, seeks, outlives a peer, and saving it fetches only the rest", async () => {
  const scene = await createFilmStage();
  const { app, film } = scene;
  const { page } = app;
  try {
    const victim = await scene.startPeer("One");
    await scene.startPeer("Two");
    await scene.openFilm(2);
    const length = (await stat(film.path)).size;

    await showsSecond(page, 0);
    await expect(page.getByTestId("transfer-state")).toHaveText(/Fetching what you watch/);
    await seekTo(page, 150.5);
    await showsSecond(page, 150);
    const watched = sum(await bytesBySource(page));
    expect(watched).toBeGreaterThan(2 * MIB);
    expect(watched).toBeLessThan(2 * AHEAD_BYTES);
    expect(watched).toBeLessThan(length);

    await victim.stop("SIGKILL");
    await seekTo(page, 100.5);
    await showsSecond(page, 100);
    expectNoErrors(app);

    const saved = page.waitForEvent("download", { timeout: 120_000 });
    await page.getByRole("button", { name: "Save the whole file" }).click();
    const target = join(scene.stage.folder, "saved.webm");
    await (await saved).saveAs(target);
    expect(await sha256Of(target)).toBe(film.digest);
    await expect(page.getByTestId("transfer-state")).toHaveAttribute("data-state", "done");
    // Each piece has come once: what was watched wasn't fetched again.
    expect(sum(await bytesBySource(page))).toBe(length);

    // Complete, it plays from this disk.
    await page.getByRole("button", { name: "Back to the file" }).click();
    await scene.tracker.stop();
    await page.getByRole("button", { name: "Play", exact: true }).click();
    await seekTo(page, 42.5);
    await showsSecond(page, 42);
  } finally {
    await scene.close();
  }
});

test("what was watched is kept, and a later visit fetches the rest only", async () => {
  const scene = await createFilmStage({ seconds: 100 });
  const { app, film } = scene;
  const { page } = app;
  try {
    await scene.startPeer("One");
    const fileId = await scene.openFilm(1);
    const length = (await stat(film.path)).size;
    await showsSecond(page, 0);
    await seekTo(page, 60.5);
    await showsSecond(page, 60);
    await page.getByRole("button", { name: "Back to the file" }).click();
    await expect(page.getByTestId("transfer-state")).toHaveAttribute("data-state", "paused");
    const watched = sum(await bytesBySource(page));
    expect(watched).toBeLessThan(length);

    await page.goto(`${scene.tracker.url}/f/${fileId}`);
    const saved = page.waitForEvent("download", { timeout: 120_000 });
    await page.getByRole("button", { name: "Resume" }).click();
    const target = join(scene.stage.folder, "saved.webm");
    await (await saved).saveAs(target);
    expect(await sha256Of(target)).toBe(film.digest);
    expect(sum(await bytesBySource(page))).toBe(length - watched);
  } finally {
    await scene.close();
  }
});

test("a film whose index is at its end plays, and goes on when its only peer comes back", async () => {
  const scene = await createFilmStage({ indexAt: "end", seconds: 180 });
  const { page } = scene.app;
  try {
    const only = await scene.startPeer("One");
    await scene.openFilm(1);
    await showsSecond(page, 0);
    await only.stop("SIGKILL");
    await seekTo(page, 150.5);
    await expect(page.getByTestId("held-up")).toBeVisible();
    await scene.startPeer("One again");
    await showsSecond(page, 150);
    await expect(page.getByTestId("held-up")).toBeHidden();
  } finally {
    await scene.close();
  }
});
