import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type Page, chromium } from "@playwright/test";
import { CHROMIUM_FLAGS, findBrowser } from "../../scripts/find-browser.ts";

export interface AppBrowser {
  readonly page: Page;
  /** The profile's folder, by which the browser's processes can be told. */
  readonly profile: string;
  /** Errors the page has logged or thrown. */
  readonly errors: string[];
  close(): Promise<void>;
}

/**
 * A Chromium with a fresh profile of its own on disk. A private one, Playwright's default, keeps OPFS in memory:
 * nothing measured in it holds for a user.
 */
export async function openApp(
  url: string,
  options: Parameters<typeof chromium.launchPersistentContext>[1] = {},
): Promise<AppBrowser> {
  const profile = await mkdtemp(join(tmpdir(), "panal-profile-"));
  const executablePath = findBrowser();
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    headless: true,
    args: CHROMIUM_FLAGS,
    locale: "en-US",
    acceptDownloads: true,
    ...(executablePath === undefined ? {} : { executablePath }),
    ...options,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.goto(url);
  return {
    page,
    profile,
    errors,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
