import { defineConfig } from "@playwright/test";
import { CHROMIUM_FLAGS, findBrowser } from "./scripts/find-browser.ts";

const executablePath = findBrowser();

/** One file per promise. They start real processes and move real bytes, so one at a time. */
export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.e2e.ts",
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 180_000,
  reporter: "list",
  use: {
    launchOptions: { args: CHROMIUM_FLAGS, ...(executablePath === undefined ? {} : { executablePath }) },
    trace: "off",
    video: "off",
    screenshot: "off",
  },
});
