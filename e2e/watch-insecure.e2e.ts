import { stat } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { CHROMIUM_FLAGS } from "../scripts/find-browser.ts";
import { openApp } from "./support/app.ts";
import { createFilmStage } from "./support/film-stage.ts";
import { announced } from "./support/processes.ts";
import { sha256Of } from "./support/sample-file.ts";

/** A name that means this machine to the browser of this test only: as insecure as one on a LAN. */
const HOST = "panal.test";

test("on plain http a film plays and is saved straight from a peer, unchecked, or through the tracker, checked; the page says which and why", async () => {
  const scene = await createFilmStage({ seconds: 30, trackerArgs: ["--allow-host", HOST] });
  const url = new URL(scene.tracker.url);
  url.hostname = HOST;
  const app = await openApp(url.href, {
    args: [...CHROMIUM_FLAGS, `--host-resolver-rules=MAP ${HOST} 127.0.0.1`],
  });
  try {
    await scene.startPeer("Ana");
    const fileId = await announced(scene.tracker.url, "honeycomb", 1);
    expect(await app.page.evaluate("isSecureContext")).toBe(false);
    await app.page.goto(`${url.origin}/f/${fileId}/watch`);
    await expect(app.page.getByTestId("unchecked")).toContainText("straight from Ana, unchecked");
    await expect(app.page.getByTestId("player")).toHaveAttribute(
      "src",
      /^http:\/\/127\.0\.0\.1:\d+\/files\//,
    );
    await app.page.evaluate(`document.querySelector("[data-testid=player]").currentTime = 20.5`);
    await expect
      .poll(() => app.page.evaluate(`document.querySelector("[data-testid=player]").currentTime`))
      .toBeGreaterThan(20);

    const contentBytes = async () => {
      const metrics = await (await fetch(`${scene.tracker.url}/metrics`)).text();
      return Number(
        /^panal_via_bytes_total\{route="content",direction="down"\} (\d+)$/m.exec(metrics)?.[1] ?? 0,
      );
    };
    await app.page.goto(`${url.origin}/f/${fileId}`);
    await expect(app.page.getByText("where browsers let no page save a file piece by piece")).toBeVisible();
    await expect(app.page.getByText("checked piece by piece there")).toBeVisible();
    for (const name of ["Download from Ana", "Download through the tracker"]) {
      expect(await contentBytes()).toBe(0);
      const saving = app.page.waitForEvent("download");
      await app.page.getByRole("link", { name }).click();
      const download = await saving;
      expect(download.suggestedFilename()).toBe("honeycomb.webm");
      expect(await sha256Of(await download.path())).toBe(scene.film.digest);
    }
    expect(await contentBytes()).toBe((await stat(scene.film.path)).size);

    await app.page.goto(`${url.origin}/doctor`);
    await expect(app.page.getByText("Open the tracker through https to change that.")).toBeVisible();
    await expect(app.page.getByText("Not available: browsers offer it to secure pages only.")).toHaveCount(3);
  } finally {
    await app.close();
    await scene.close();
  }
});
