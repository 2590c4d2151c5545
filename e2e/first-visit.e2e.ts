import { gzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";
import { MAX_FIRST_LOAD_BYTES } from "../scripts/web-size.ts";
import { openApp } from "./support/app.ts";
import { createStage } from "./support/processes.ts";

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
    await app.page.goto(tracker.url);
    await expect(app.page.getByText("Nothing is shared here yet")).toBeVisible();
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
    await app.page.reload();
    await expect(app.page.getByText("Aquí todavía no se comparte nada")).toBeVisible();
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
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
