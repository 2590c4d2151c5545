import { expect, test } from "@playwright/test";
import { CHROMIUM_FLAGS } from "../scripts/find-browser.ts";
import { openApp } from "./support/app.ts";
import { createFilmStage } from "./support/film-stage.ts";
import { announced } from "./support/processes.ts";

/** A name that means this machine to the browser of this test only: as insecure as one on a LAN. */
const HOST = "panal.test";

test("on plain http a film plays straight from a peer, and the page says that nobody checks it", async () => {
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
  } finally {
    await app.close();
    await scene.close();
  }
});
