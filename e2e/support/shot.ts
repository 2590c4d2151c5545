import type { Page } from "@playwright/test";

/** A view of the app as it is taken a picture of. Everything is found by what doesn't change with the language. */
export interface Shot {
  readonly name: string;
  readonly path?: string;
  readonly isOfEmptyTracker?: boolean;
  prepare?(page: Page): Promise<void>;
  /** Brings things back into order for the next one. */
  after?(page: Page): Promise<void>;
}

export const rows = (page: Page) => page.locator("[data-row]");
export const FILM = "/?q=bees+of+winter";

export async function withRows(page: Page): Promise<void> {
  await rows(page).first().waitFor();
}

export async function openFirst(page: Page): Promise<void> {
  await withRows(page);
  await rows(page).first().click();
  await page.locator("h1 bdi").first().waitFor();
  await page
    .locator("button:enabled:has(svg.lucide-download), [data-testid=transfer-state]")
    .first()
    .waitFor();
}

/** Downloads the first row until its comb is half full. */
export async function download(page: Page): Promise<void> {
  await openFirst(page);
  await page.locator("button:has(svg.lucide-download)").first().click();
  await page.waitForFunction(
    () => {
      const shown = [...document.querySelectorAll<HTMLElement>("[data-testid=source-row]")];
      const bytes = shown.reduce((sum, row) => sum + Number(row.dataset["verifiedBytes"]), 0);
      return bytes > 420_000_000;
    },
    undefined,
    { timeout: 60_000 },
  );
}
