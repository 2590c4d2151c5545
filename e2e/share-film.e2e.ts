import { readFile, stat } from "node:fs/promises";
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
import { announced, until } from "./support/processes.ts";
import { sha256Of } from "./support/sample-file.ts";
import {
  chooseToShare,
  hasSent,
  isShared,
  openSharingApp,
  peerCount,
  plantGarden,
  putIntoStorage,
  shareAgain,
} from "./support/sharing-tab.ts";

const MIB = 1024 * 1024;

test("a film and a folder in a tab: watched in another, fetched by the command line, which goes on when the tab closes; shared again with one click", async () => {
  const scene = await createFilmStage({ seconds: 112 });
  const { stage, film, app: b } = scene;
  const trackerUrl = scene.tracker.url;
  const length = (await stat(film.path)).size;
  const a = await openSharingApp(trackerUrl);
  const fetchWith = (name: string, ...args: string[]) =>
    stage.runCli(["download", "--tracker", trackerUrl, "--output", join(stage.folder, name), ...args]);
  try {
    await putIntoStorage(a.page, film.path, "honeycomb.webm");
    await plantGarden(a.page);
    await chooseToShare(a.page, "files");
    await chooseToShare(a.page, "a folder");
    await isShared(a.page, 2);

    const fileId = await scene.openFilm(1);
    await showsSecond(b.page, 0);
    await expect(b.page.getByTestId("transfer-state")).toHaveText(/Fetching what you watch/);
    await b.page.evaluate(`document.querySelector("[data-testid=player]").pause()`);
    await seekTo(b.page, 104.5);
    await showsSecond(b.page, 104);
    // From far behind what was fetched ahead: that is 64 MiB at most, and not more than 20 were played.
    expect(sum(await bytesBySource(b.page))).toBeLessThan(length);
    await b.page.goto("about:blank");
    expectNoErrors(b);

    const carpId = await announced(trackerUrl, "carp", 1);
    expect(await fetchWith("carp.txt", carpId)).toMatchObject({ code: 0 });
    expect(await readFile(join(stage.folder, "carp.txt"), "utf8")).toBe("carp, gold");
    expect(await fetchWith("from-tab.webm", fileId)).toMatchObject({ code: 0 });
    expect(await sha256Of(join(stage.folder, "from-tab.webm"))).toBe(film.digest);

    // Slowly enough that it isn't over before the tab is.
    await scene.startPeer("Disk");
    await announced(trackerUrl, "honeycomb", 2);
    const sentBefore = Number(await a.page.getByTestId("share-sent").getAttribute("data-bytes"));
    const downloading = fetchWith("from-both.webm", fileId, "--max-download-rate", "20M");
    await hasSent(a.page, sentBefore + 2 * MIB);
    await a.page.goto("about:blank");
    await until("the tab's entry is gone", async () =>
      (await peerCount(trackerUrl)) === 1 ? true : undefined,
    );
    expect(await downloading).toMatchObject({ code: 0 });
    expect(await sha256Of(join(stage.folder, "from-both.webm"))).toBe(film.digest);

    await a.page.goto(`${trackerUrl}/share`);
    await shareAgain(a.page);
    await isShared(a.page, 2);
    expect(await announced(trackerUrl, "honeycomb", 2)).toBe(fileId);
    expect(a.errors).toEqual([]);
  } finally {
    await a.close();
    await scene.close();
  }
});
