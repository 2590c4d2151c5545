import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "@playwright/test";
import { ROOT } from "../scripts/run-command.ts";
import { buildWebApp, isWebAppStale } from "../scripts/web-app.ts";
import { type AppBrowser, openApp } from "./support/app.ts";
import { PLAUSIBLE_PEERS, writePlausibleShare } from "./support/plausible-shares.ts";
import { type Stage, announced, createStage, until } from "./support/processes.ts";
import type { Shot } from "./support/shot.ts";
import { shotsUnderWay } from "./support/shots-under-way.ts";
import { shots } from "./support/shots.ts";

// `npm run pictures [-- FOLDER] [--only home,grid] [--width 360] [--theme dark] [--language es]`: every view of the app
// with a real tracker and peers, into FOLDER; without one, those of docs/ anew.

const WIDTHS = { 360: 740, 768: 1024, 1440: 900 } as const;
const THEMES = ["light", "dark"] as const;
const LANGUAGES = ["en", "es"] as const;
/** The pictures in docs/, small enough for a repository. */
const DOCS: readonly { name: string; shot: string; theme: string; width: number; height: number }[] = [
  { name: "app.png", shot: "downloading", theme: "light", width: 1280, height: 800 },
  { name: "app-dark.png", shot: "grid", theme: "dark", width: 1280, height: 800 },
];

interface Look {
  readonly theme: string;
  readonly language: string;
  readonly width: number;
  readonly height: number;
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: "string" },
      width: { type: "string" },
      theme: { type: "string" },
      language: { type: "string" },
    },
  });
  if (await isWebAppStale()) await buildWebApp({ isShown: true });
  const stage = await createStage();
  try {
    const { url, emptyUrl } = await startEverything(stage);
    const [folder] = positionals;
    const only = values.only?.split(",");
    const wanted = (name: string) => only === undefined || only.includes(name);
    if (folder === undefined) {
      for (const { name, shot, ...look } of DOCS) {
        if (!wanted(shot)) continue;
        const path = join(ROOT, "docs", name);
        await takeAll(
          { ...look, language: "en" },
          { url, emptyUrl, wanted: (each) => each === shot, path: () => path },
        );
      }
      return;
    }
    await mkdir(folder, { recursive: true });
    for (const [width, height] of Object.entries(WIDTHS)) {
      for (const theme of THEMES) {
        for (const language of LANGUAGES) {
          if ((values.width ?? width) !== width) continue;
          if ((values.theme ?? theme) !== theme || (values.language ?? language) !== language) continue;
          await takeAll(
            { theme, language, width: Number(width), height },
            {
              url,
              emptyUrl,
              wanted,
              path: (shot) => join(resolve(folder), `${shot}-${width}-${theme}-${language}.png`),
            },
          );
        }
      }
    }
  } finally {
    await stage.close();
  }
}

/** A tracker with three peers that differ in speed, and one that nobody shares anything at. */
async function startEverything(stage: Stage): Promise<{ url: string; emptyUrl: string }> {
  const data = (name: string) => ({ args: ["--data", join(stage.folder, name)] });
  const tracker = await stage.startTracker(data("tracker-full"));
  const empty = await stage.startTracker(data("tracker-empty"));
  const rates = ["24M", "15M", "9M"];
  const uploads: Partial<Record<string, string[]>> = {
    "Ana's laptop": ["--allow-uploads", "--upload-open"],
    "Workshop NAS": ["--allow-uploads"],
  };
  for (const [index, name] of PLAUSIBLE_PEERS.entries()) {
    const share = join(stage.folder, `share-${index}`);
    await writePlausibleShare(share, name, Date.now());
    await stage.startPeer({
      share,
      trackerUrl: tracker.url,
      name,
      args: ["--max-upload-rate", rates[index % rates.length]!, ...(uploads[name] ?? [])],
    });
  }
  await announced(tracker.url, "bees of winter", PLAUSIBLE_PEERS.length);
  await until("all files are announced", async () => {
    const stats = (await (await fetch(`${tracker.url}/api/v1/stats`)).json()) as { entries: number };
    return stats.entries >= 34 ? true : undefined;
  });
  return { url: tracker.url, emptyUrl: empty.url };
}

interface Taking {
  url: string;
  emptyUrl: string;
  wanted(shot: string): boolean;
  path(shot: string): string;
}

/** All wanted pictures of one look, in a browser of its own, so that none shows what another one did. */
async function takeAll({ theme, language, width, height }: Look, taking: Taking): Promise<void> {
  const app: AppBrowser = await openApp("about:blank", {
    viewport: { width, height },
    deviceScaleFactor: 1,
    hasTouch: width < 500,
    locale: language === "es" ? "es-ES" : "en-US",
    reducedMotion: "reduce",
  });
  try {
    await app.page.addInitScript(
      ([theme, language]) => {
        localStorage.setItem("panal.theme", theme!);
        localStorage.setItem("panal.language", language!);
      },
      [theme, language],
    );
    for (const shot of [...shots, ...shotsUnderWay]) {
      if (!taking.wanted(shot.name)) continue;
      await takeOne(app.page, shot, taking);
    }
  } finally {
    await app.close();
  }
}

async function takeOne(page: Page, shot: Shot, { url, emptyUrl, path }: Taking): Promise<void> {
  await page.goto(`${shot.isOfEmptyTracker === true ? emptyUrl : url}${shot.path ?? "/"}`);
  await shot.prepare?.(page);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: path(shot.name), animations: "disabled" });
  await shot.after?.(page);
  console.log(path(shot.name));
}

await main();
