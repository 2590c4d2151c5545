import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { CHROMIUM_FLAGS, findBrowser } from "./find-browser.ts";
import { ROOT } from "./run-command.ts";

// `npm run icons`: the icons of the installed app, drawn from the mark by a browser. What it writes is committed.

const PUBLIC = join(ROOT, "web/public");
const PAPER = "#fbfaf7";

/** `markShare`: how much of the side the mark takes. A maskable icon may lose all outside a circle of 80 %. */
const ICONS = [
  { name: "icon-192.png", sizePx: 192, markShare: 0.86, isOpaque: false },
  { name: "icon-512.png", sizePx: 512, markShare: 0.86, isOpaque: false },
  { name: "icon-maskable-512.png", sizePx: 512, markShare: 0.58, isOpaque: true },
  { name: "apple-touch-icon.png", sizePx: 180, markShare: 0.7, isOpaque: true },
] as const;

const mark = await readFile(join(PUBLIC, "favicon.svg"), "utf8");
const executablePath = findBrowser();
const browser = await chromium.launch({
  args: CHROMIUM_FLAGS,
  ...(executablePath === undefined ? {} : { executablePath }),
});
try {
  for (const { name, sizePx, markShare, isOpaque } of ICONS) {
    const page = await browser.newPage({ viewport: { width: sizePx, height: sizePx } });
    const source = `data:image/svg+xml;base64,${Buffer.from(mark).toString("base64")}`;
    await page.setContent(
      `<style>body{margin:0;height:100vh;display:grid;place-items:center;background:${isOpaque ? PAPER : "transparent"}}` +
        `img{width:${markShare * 100}%;height:${markShare * 100}%}</style><img src="${source}">`,
    );
    await page.locator("img").evaluate((image: HTMLImageElement) => image.decode());
    await writeFile(join(PUBLIC, name), await page.screenshot({ omitBackground: !isOpaque }));
    await page.close();
    console.log(name);
  }
} finally {
  await browser.close();
}
