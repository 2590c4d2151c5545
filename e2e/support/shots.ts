import type { Page } from "@playwright/test";
import { FILM, download, openFirst, rows, type Shot, withRows } from "./shot.ts";

/** Opens what a browser shows; it is there when one of these is. */
async function watch(page: Page, sign: string): Promise<void> {
  await openFirst(page);
  await page.locator("button:has(svg.lucide-play), button:has(svg.lucide-eye)").first().click();
  await page.locator(sign).first().waitFor();
}

/** Stops the film at a second, so that all pictures are of the same one. */
async function stopFilmAt(page: Page, second: number): Promise<void> {
  await page.getByTestId("player").evaluate(async (player: HTMLVideoElement, to) => {
    const shown = Promise.withResolvers<void>();
    player.addEventListener("seeked", () => shown.resolve(), { once: true });
    player.pause();
    player.currentTime = to;
    await shown.promise;
  }, second);
}

async function selectThree(page: Page): Promise<void> {
  await withRows(page);
  await page.locator("button[aria-pressed]:has(svg.lucide-list-checks)").click();
  for (const row of [0, 1, 3]) await page.locator(`[data-selectable]:has([data-row="${row}"]) input`).click();
}

/** In this order, since what one leaves behind the next ones show. */
export const shots: readonly Shot[] = [
  { name: "first-run", isOfEmptyTracker: true, prepare: async (page) => page.locator("main h2").waitFor() },
  { name: "home", prepare: withRows },
  { name: "results", path: "/?q=bees", prepare: openFirst },
  { name: "results-list", path: "/?q=b&kind=document", prepare: withRows },
  {
    name: "grid",
    path: "/?view=grid",
    async prepare(page) {
      await withRows(page);
      await page.locator("[data-row] img").nth(2).waitFor();
    },
  },
  { name: "selection", path: "/?q=b", prepare: (page) => selectThree(page) },
  { name: "selection-grid", path: "/?view=grid", prepare: (page) => selectThree(page) },
  {
    name: "selection-save",
    path: "/?q=b",
    async prepare(page) {
      await selectThree(page);
      await page.locator("button:has(svg.lucide-folder-down)").last().click();
      await page.locator("[role=dialog] button:has(svg.lucide-file-archive)").waitFor();
    },
  },
  {
    name: "pictures",
    path: "/?kind=image&view=grid",
    async prepare(page) {
      await withRows(page);
      await page.locator("[data-row] img").nth(4).waitFor();
    },
  },
  {
    name: "nothing",
    path: "/?q=zebra&kind=video",
    prepare: async (page) => page.locator("main h2").first().waitFor(),
  },
  {
    name: "refused",
    path: "/?q=size%3Abig",
    prepare: async (page) => page.getByRole("alert").first().waitFor(),
  },
  { name: "file", path: FILM, prepare: openFirst },
  {
    name: "qr",
    path: FILM,
    async prepare(page) {
      await openFirst(page);
      await page.locator("button:has(svg.lucide-qr-code)").first().click();
      await page.locator("[role=dialog] svg").first().waitFor();
    },
  },
  {
    name: "film",
    path: "/?q=comb+fills",
    async prepare(page) {
      await watch(page, "[data-testid=player]");
      await stopFilmAt(page, 5);
    },
  },
  {
    name: "pdf",
    path: "/?q=panal+works",
    prepare: (page) => watch(page, "[data-testid=pdf-page][data-drawn=true]"),
  },
  {
    name: "text",
    path: "/?q=honey+recipes",
    prepare: (page) => watch(page, "[data-testid=text]:not(:empty)"),
  },
  { name: "unplayable", path: "/?q=pollen+cut", prepare: (page) => watch(page, "[data-testid=cannot-show]") },
  { name: "downloading", path: FILM, prepare: download },
  {
    name: "transfers",
    path: "/transfers",
    prepare: async (page) => page.locator("main a, main h2").first().waitFor(),
  },
  { name: "peers", path: "/p", prepare: async (page) => page.locator("main li").nth(2).waitFor() },
  {
    name: "peer",
    path: "/p",
    async prepare(page) {
      await page.locator("main li a").first().click();
      await withRows(page);
      await rows(page).first().click();
      await withRows(page);
    },
  },
  { name: "share", path: "/share", prepare: async (page) => page.locator("main code").first().waitFor() },
  {
    name: "doctor",
    path: "/doctor",
    prepare: async (page) => {
      await page.locator("[data-look=good]").nth(3).waitFor();
    },
  },
  {
    name: "menu",
    prepare: async (page) => {
      await withRows(page);
      await page.locator("nav button").click();
      await page.getByRole("menu").waitFor();
    },
  },
  { name: "unknown", path: "/f/nonsense", prepare: async (page) => page.locator("main h1").waitFor() },
];
