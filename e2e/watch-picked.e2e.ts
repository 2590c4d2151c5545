import { stat } from "node:fs/promises";
import { expect as expectSoon, test } from "@playwright/test";
import { bytesBySource, createFilmStage, seekTo, showsSecond, sum } from "./support/film-stage.ts";
import { PICKERS_OF_OPFS, pickedDigest } from "./support/opfs-pickers.ts";
import { announced, until } from "./support/processes.ts";
import { openSlowWay } from "./support/slow-way.ts";

const MIB = 1024 * 1024;
/** A busy machine may take its time. */
const expect = expectSoon.configure({ timeout: 60_000 });
const SLOW_BYTES_PER_SECOND = 2 * MIB;
const QUICK_BYTES_PER_SECOND = 1024 * MIB;
/**
 * Besides the film: headers, and what is on its way when a player jumps or a peer falls silent, twice each: parts of
 * pieces, and what the sockets hold. To fetch what was played once more would be half of the film at least.
 */
const MAX_OVERHEAD_BYTES = 12 * MIB;

/** A film at one peer, over a way that counts what comes; pickers give places in the page's own storage. */
async function createScene(seconds: number) {
  const scene = await createFilmStage({ seconds });
  const way = await openSlowWay(20 * MIB);
  const { page } = scene.app;
  await page.addInitScript({ content: PICKERS_OF_OPFS });
  const peer = await scene.startPeer("Only", ["--advertise", way.url]);
  way.leadTo(peer.url);
  return {
    ...scene,
    page,
    way,
    peer,
    length: (await stat(scene.film.path)).size,
    fileId: await announced(scene.tracker.url, "honeycomb", 1),
    verified: (bytes: number) =>
      until(`${bytes} bytes are verified`, async () =>
        sum(await bytesBySource(page)) >= bytes ? true : undefined,
      ),
    async close() {
      await scene.close();
      await way.close();
    },
  };
}

test("a film that goes to a picked file is watched meanwhile, without any byte coming twice", async () => {
  const scene = await createScene(60);
  const { page, way, length, film } = scene;
  try {
    await page.goto(`${scene.tracker.url}/f/${scene.fileId}`);
    await page.getByRole("button", { name: "Download", exact: true }).click();
    await scene.verified(length / 2);
    // Of what is there now nothing comes again; what isn't comes for the player first.
    way.setRate(SLOW_BYTES_PER_SECOND);
    await page.getByRole("button", { name: "Play", exact: true }).click();
    await showsSecond(page, 0);
    await expect(page.getByTestId("transfer-state")).toHaveAttribute("data-state", "running");
    await seekTo(page, 50.5);
    await showsSecond(page, 50);
    way.setRate(QUICK_BYTES_PER_SECOND);
    await expect(page.getByTestId("transfer-state")).toHaveAttribute("data-state", "done");
    expect(await pickedDigest(page, "honeycomb.webm")).toBe(film.digest);
    expect(sum(await bytesBySource(page))).toBe(length);
    expect(way.bytes).toBeLessThan(length + MAX_OVERHEAD_BYTES);

    // The player goes on with the file that was saved.
    await scene.peer.stop();
    await seekTo(page, 10.5);
    await showsSecond(page, 10);
    expect(sum(await bytesBySource(page))).toBe(length);
  } finally {
    await scene.close();
  }
});

test("what was watched of a film comes from the browser's storage when it is saved into a folder", async () => {
  const scene = await createScene(100);
  const { page, way, length, film } = scene;
  try {
    await scene.openFilm(1);
    await showsSecond(page, 0);
    await scene.verified(24 * MIB);
    await page.getByRole("button", { name: "Back to the file" }).click();
    await expect(page.getByTestId("transfer-state")).toHaveAttribute("data-state", "paused");
    const watched = sum(await bytesBySource(page));
    expect(watched).toBeLessThan(length - 24 * MIB);

    await page.goto(`${scene.tracker.url}/p`);
    await page.getByRole("main").getByRole("listitem").getByRole("link").first().click();
    await page.getByRole("button", { name: "Save folder" }).click();
    way.setRate(QUICK_BYTES_PER_SECOND);
    const before = way.bytes;
    await page.getByRole("dialog").getByRole("button", { name: "Into a folder" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Show transfers" }).click();
    await expect(page.getByText("Complete, every piece verified")).toBeVisible();
    expect(await pickedDigest(page, "honeycomb.webm")).toBe(film.digest);
    expect(way.bytes - before).toBeLessThan(length - watched + MIB);

    // Nothing of it is left in the browser's storage, to be resumed some day.
    await page.reload();
    await expect(page.getByRole("heading", { name: "No transfers" })).toBeVisible();
  } finally {
    await scene.close();
  }
});
