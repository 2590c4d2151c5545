import { findBrowser } from "../../scripts/find-browser.ts";
import { buildWebApp, isWebAppStale } from "../../scripts/web-app.ts";
import type { Bench } from "./bench.ts";

/** Builds the app if need be. False, and the report says why, where there is no Chromium to open it in. */
export async function hasAppToMeasure(bench: Bench): Promise<boolean> {
  if (findBrowser() === undefined) {
    bench.missing("Chromium", "apt-get install chromium, or npx playwright install chromium");
    return false;
  }
  if (await isWebAppStale()) await buildWebApp();
  return true;
}
