import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { openApp } from "./support/app.ts";
import { writePdf } from "./support/pdf.ts";
import { announced, createStage } from "./support/processes.ts";

const MIB = 1024 * 1024;
const PAGES = 150;
/** A first look starts a worker and draws; a machine may be slow. */
const PATIENTLY = { timeout: 60_000 };

/** Bytes of verified pieces, as the page shows them. */
const verifiedBytes = (page: Page) =>
  page.evaluate<number>(
    `[...document.querySelectorAll("[data-testid=source-row]")].reduce((sum, row) => sum + Number(row.dataset.verifiedBytes), 0)`,
  );

test("a PDF is read before it is here, wherever it is looked at, and nothing in it runs", async () => {
  const stage = await createStage();
  const share = join(stage.folder, "share");
  await mkdir(share);
  await writePdf(join(share, "combs.pdf"), PAGES);
  const tracker = await stage.startTracker();
  // Slow, so that it isn't here by the time it is looked at.
  const args = ["--max-upload-rate", "6M"];
  await stage.startPeer({ share, trackerUrl: tracker.url, name: "Meadow", args });
  const fileId = await announced(tracker.url, "combs", 1);
  const app = await openApp(`${tracker.url}/f/${fileId}`);
  const { page } = app;
  try {
    const scripts: string[] = [];
    page.on("request", (request) => scripts.push(new URL(request.url()).pathname));
    await page.getByRole("button", { name: "View", exact: true }).click();
    const first = page.getByTestId("pdf-page").first();
    await expect(first).toHaveAttribute("data-drawn", "true", PATIENTLY);
    await expect(first).toContainText("Comb number 1");
    await expect(page.getByText(`Page 1 of ${PAGES}`, { exact: true })).toBeVisible();

    const last = page.getByTestId("pdf-page").last();
    await last.scrollIntoViewIfNeeded();
    await expect(last).toHaveAttribute("data-drawn", "true", PATIENTLY);
    await expect(last).toContainText(`Comb number ${PAGES}`);
    expect(await verifiedBytes(page)).toBeLessThan((PAGES / 2) * MIB);
    // What is out of sight is forgotten.
    await expect(first).toHaveAttribute("data-drawn", "false");

    const widthBefore = (await last.boundingBox())!.width;
    await page.getByRole("button", { name: "Larger" }).click();
    await expect.poll(async () => (await last.boundingBox())!.width).toBeGreaterThan(widthBefore * 1.2);

    expect(scripts.filter((path) => /sandbox|quickjs/.test(path))).toEqual([]);
    expect(await page.evaluate("globalThis.owned")).toBeUndefined();
    await page.getByRole("button", { name: "Back to the file" }).click();
    await expect(page.getByTestId("pdf")).toHaveCount(0);
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});
