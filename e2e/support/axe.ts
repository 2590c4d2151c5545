import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type axe from "axe-core";

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const DESKTOP = { width: 1280, height: 800 };
/** The narrowest there is. */
export const PHONE = { width: 320, height: 640 };

/** For a page that goes somewhere from now on: its policy would refuse a script of somebody else's, so axe is part of the browser. */
export async function bringAxe(page: Page): Promise<void> {
  await page.addInitScript({ content: await readFile(axePath, "utf8") });
}

/** What axe finds in the page as it is, and what would have to be scrolled sideways. */
export async function findingsOf(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    // What moves in is looked at when it is there; and a colour goes from one element to those in it, a frame each.
    const isMoving = () => document.getAnimations().some(({ playState }) => playState === "running");
    for (let stillFrames = 0; stillFrames < 5; stillFrames = isMoving() ? 0 : stillFrames + 1) {
      await new Promise((drawn) => requestAnimationFrame(drawn));
    }
    const { axe: loaded } = window as unknown as { axe: typeof axe };
    const { violations } = await loaded.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    const page = document.documentElement;
    const wide = [...document.querySelectorAll("*")].filter((element) => {
      if (element.scrollWidth <= element.clientWidth) return false;
      if (element === page) return true;
      // Half a pixel may be rounded up here and down there; a bar made to be moved sideways says so.
      if (element.scrollWidth === element.clientWidth + 1 || element.matches(".overflow-x-auto"))
        return false;
      return ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
    });
    return [
      ...violations.flatMap(({ id, help, nodes }) =>
        nodes.map((node: axe.NodeResult) => `${id}: ${help}: ${node.html.slice(0, 200)}`),
      ),
      ...wide.map((element) => `wider than its place: ${element.outerHTML.slice(0, 200)}`),
    ];
  });
}

/** The findings in both themes, on a desktop and on a phone. */
export async function findingsInEveryLook(page: Page): Promise<string[]> {
  const all: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const size of [PHONE, DESKTOP]) {
      await page.setViewportSize(size);
      const findings = await findingsOf(page);
      all.push(...findings.map((finding) => `${colorScheme}, ${size.width}: ${finding}`));
    }
  }
  return all;
}
