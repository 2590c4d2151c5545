import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { type AppBrowser, openApp } from "./app.ts";
import { announced, createStage, type Stage, type Started, until } from "./processes.ts";
import { ENCODE_PICTURES, type FilmOptions, SHOWN_SECOND, writeFilm } from "./webm.ts";

const MIB = 1024 * 1024;

/** A tracker, a film in a folder that peers may share, and a browser. */
export interface FilmStage {
  readonly stage: Stage;
  readonly tracker: Started;
  readonly app: AppBrowser;
  readonly share: string;
  readonly film: { readonly path: string; readonly digest: string; readonly bytesPerSecond: number };
  startPeer(name: string, args?: string[]): Promise<Started>;
  /** Opens the film, once so many peers have it. */
  openFilm(peers: number): Promise<string>;
  close(): Promise<void>;
}

export async function createFilmStage({
  trackerArgs = [],
  ...options
}: Partial<FilmOptions> & { trackerArgs?: string[] } = {}): Promise<FilmStage> {
  const stage = await createStage();
  const share = join(stage.folder, "share");
  await mkdir(share);
  const tracker = await stage.startTracker({ args: trackerArgs });
  const app = await openApp(tracker.url);
  const pictures = await app.page.evaluate<string[]>(ENCODE_PICTURES);
  const film = { pictures, seconds: 200, bytesPerSecond: MIB, ...options };
  const path = join(share, "honeycomb.webm");
  const digest = await writeFilm(path, film);
  return {
    stage,
    tracker,
    app,
    share,
    film: { path, digest, bytesPerSecond: film.bytesPerSecond },
    startPeer: (name, args = []) => stage.startPeer({ share, trackerUrl: tracker.url, name, args }),
    async openFilm(peers) {
      const fileId = await announced(tracker.url, "honeycomb", peers);
      await app.page.goto(`${tracker.url}/f/${fileId}`);
      await app.page.getByRole("button", { name: "Play", exact: true }).click();
      return fileId;
    },
    async close() {
      await app.close();
      await stage.close();
    },
  };
}

/** Waits until the player shows the picture of this second, or a later one if it plays on. */
export async function showsSecond(page: Page, from: number, to = from + 20): Promise<void> {
  await until(`second ${from} is shown`, async () => {
    const second = await page.evaluate<number | undefined>(SHOWN_SECOND);
    return second !== undefined && second >= from && second < to ? true : undefined;
  });
}

export async function seekTo(page: Page, seconds: number): Promise<void> {
  await page.evaluate(`document.querySelector("[data-testid=player]").currentTime = ${seconds}`);
}

/** Bytes of verified pieces of each peer, as the page shows them. */
export function bytesBySource(page: Page): Promise<number[]> {
  return page
    .getByTestId("source-row")
    .evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset["verifiedBytes"])));
}

export const sum = (all: readonly number[]) => all.reduce((total, each) => total + each, 0);

/** What was told of errors on the page, but for reads that were meant to fail. */
export function expectNoErrors({ errors }: AppBrowser): void {
  expect(errors.filter((error) => !/Failed to load resource|net::ERR/.test(error))).toEqual([]);
}
