import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { displayName } from "@panal/sdk";
import { type AppBrowser, openApp } from "./support/app.ts";
import { bringAxe, findingsOf, PHONE } from "./support/axe.ts";
import { HOSTILE_NAMES, HOSTILE_PEER_NAME, writeHostileShare } from "./support/hostile-share.ts";
import { listedPeers } from "./support/listed-peers.ts";
import { type Stage, announced, createStage } from "./support/processes.ts";
import { writeSampleFile } from "./support/sample-file.ts";

const DESKTOP = { width: 1280, height: 800 };

async function startTracker(stage: Stage) {
  const share = join(stage.folder, "share");
  await mkdir(join(share, "films"), { recursive: true });
  await writeSampleFile(join(share, "films", "The Bees of Winter.mp4"), 3_000_000);
  await writeFile(join(share, "notes.txt"), "Notes on bees.");
  await writeHostileShare(join(share, "hostile"));
  const tracker = await stage.startTracker();
  await stage.startPeer({ share, trackerUrl: tracker.url, name: HOSTILE_PEER_NAME });
  await announced(tracker.url, "bees winter", 1);
  await announced(tracker.url, "annexe", 1);
  return tracker;
}

/** Every view and what opens over it, by name; each is there when its function has settled. */
function viewsOf(page: Page, url: string): Readonly<Record<string, () => Promise<void>>> {
  const row = (name: RegExp) => page.getByRole("link", { name }).first();
  const go = (path: string) => page.goto(`${url}${path}`);
  return {
    home: async () => {
      await go("/");
      await page.locator("[data-row]").first().waitFor();
    },
    results: async () => {
      await go("/?q=bees&kind=video&size=1M-100M&sort=name");
      await row(/Bees of Winter/).waitFor();
    },
    grid: async () => {
      await go("/?view=grid");
      await page.locator("[data-row]").first().waitFor();
    },
    selection: async () => {
      await go("/");
      await page.locator("[data-row]").first().waitFor();
      await page.getByRole("button", { name: "Select files" }).click();
      await page.getByRole("button", { name: "Select all" }).click();
      await page.getByText(/files selected · /).waitFor();
    },
    nothing: async () => {
      await go("/?q=zebra");
      await page.getByText("Nothing matches").waitFor();
    },
    file: async () => {
      await go("/?q=bees");
      await row(/Bees of Winter/).click();
      await page.getByText("Peers that have it").waitFor();
    },
    download: async () => {
      await go("/?q=bees");
      await row(/Bees of Winter/).click();
      await page
        .getByRole("button", { name: "Download", exact: true })
        .or(page.getByTestId("transfer-state"))
        .first()
        .waitFor();
      const button = page.getByRole("button", { name: "Download", exact: true });
      if (await button.isVisible()) await button.click();
      await expect(page.getByTestId("transfer-state")).toHaveAttribute("data-state", "done");
    },
    transfers: async () => {
      await go("/transfers");
      await page.getByRole("heading", { level: 1 }).waitFor();
    },
    peers: async () => {
      await go("/p");
      await page.getByText(/direct, \d/).waitFor();
    },
    folder: async () => {
      await go("/p");
      await page.getByRole("main").getByRole("listitem").getByRole("link").first().click();
      await row(/hostile/).click();
      await row(/two/).waitFor();
    },
    saveFolder: async () => {
      await go("/p");
      await page.getByRole("main").getByRole("listitem").getByRole("link").first().click();
      await page.getByRole("button", { name: "Save folder" }).click();
      await page.getByRole("button", { name: "As one ZIP" }).waitFor();
    },
    share: async () => {
      await go("/share");
      await page.getByText("peer-node share").first().waitFor();
      const field = page.locator("input[type=file]").first();
      await field.setInputFiles({ name: "rose.txt", mimeType: "text/plain", buffer: Buffer.from("red") });
      await page.locator("[data-testid=share-root][data-phase=shared]").waitFor();
      await page.locator("[data-testid=share-state][data-state=sharing]").waitFor();
    },
    doctor: async () => {
      await go("/doctor");
      await page
        .getByText(/direct, \d/)
        .first()
        .waitFor();
    },
    menu: async () => {
      await go("/");
      await page.getByRole("button", { name: "Settings" }).click();
      await page.getByRole("menu").waitFor();
    },
    unknown: async () => {
      await go("/f/nonsense");
      await page.getByText("There is nothing here").waitFor();
    },
  };
}

async function openAppWithAxe(options: Parameters<typeof openApp>[1]): Promise<AppBrowser> {
  const app = await openApp("about:blank", options);
  await bringAxe(app.page);
  app.page.setDefaultTimeout(20_000);
  return app;
}

for (const [device, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`axe finds nothing in any view, ${colorScheme}, on a ${device}; nothing is wider than the page`, async () => {
      const stage = await createStage();
      const app = await openAppWithAxe({ viewport, colorScheme, reducedMotion: "reduce" });
      try {
        const { page } = app;
        const tracker = await startTracker(stage);
        for (const [name, show] of Object.entries(viewsOf(page, tracker.url))) {
          await show();
          expect.soft(await findingsOf(page), name).toEqual([]);
        }
      } finally {
        await app.close();
        await stage.close();
      }
    });
  }
}

test("hostile names do nothing and are shown as one line of text in every view", async () => {
  const stage = await createStage();
  const app = await openAppWithAxe({ viewport: DESKTOP });
  try {
    const { page } = app;
    const tracker = await startTracker(stage);
    const shown = Object.values(HOSTILE_NAMES).map((name) => displayName(name));
    expect(shown.join("")).not.toMatch(/[\n\r\u202e]/);
    const places = ["/?q=hostile&sort=name", "/?q=hostile&view=grid"];
    for (const place of places) {
      await page.goto(tracker.url + place);
      for (const name of shown) await expect(page.getByText(name, { exact: true }).first()).toBeVisible();
      expect(await page.locator("main").getByRole("listitem").locator("img, script, b").count()).toBe(0);
    }
    for (const name of shown) {
      await page.goto(`${tracker.url}/?q=hostile&sort=name`);
      await page.getByRole("link", { name }).first().click();
      await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
      await expect(page.getByText("Peers that have it")).toBeVisible();
      await page.getByRole("link", { name: "Peers", exact: true }).click();
    }
    await page.getByRole("link", { name: /onerror/ }).click();
    await page.getByRole("link", { name: /hostile/ }).click();
    await page.getByRole("link", { name: /onclick.*folder/ }).click();
    for (const name of shown) await expect(page.getByText(name, { exact: true })).toBeVisible();
    await page.goto(`${tracker.url}/doctor`);
    await expect(page.getByText(/onerror=.*reep$/)).toBeVisible();
    await page.goto(`${tracker.url}/?q=hostile&peer=${await firstPeerId(tracker.url)}`);
    await expect(page.getByRole("link", { name: /annexe/ }).first()).toBeVisible();

    // Words are as hostile as names: they come with links.
    await page.goto(`${tracker.url}/?q=${encodeURIComponent("<img src=x onerror=document.title='owned'>")}`);
    await expect(page.getByText(/Nothing matches|these match/)).toBeVisible();
    expect(await page.title()).not.toContain("owned");
    expect(await page.locator("img[src=x], script:not([src])").count()).toBe(0);
    expect(app.errors).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});

async function firstPeerId(trackerUrl: string): Promise<string> {
  return (await listedPeers(trackerUrl))[0]!.peerId;
}

test("keys alone find a file, open it, and lead back; the focus is always seen", async () => {
  const stage = await createStage();
  const app = await openAppWithAxe({ viewport: DESKTOP });
  try {
    const { page } = app;
    const tracker = await startTracker(stage);
    await page.goto(tracker.url);
    await page
      .getByRole("link", { name: /Bees of Winter/ })
      .first()
      .waitFor();
    const outline = () =>
      page.evaluate(() => {
        const { outlineStyle, boxShadow } = getComputedStyle(document.activeElement!);
        return outlineStyle !== "none" || boxShadow !== "none";
      });
    // Once around: every stop is seen, and none is met twice before all were.
    const seen = new Set<string>();
    for (;;) {
      await page.keyboard.press("Tab");
      const stop = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body) return "";
        element.setAttribute("data-seen", element.getAttribute("data-seen") ?? String(Math.random()));
        return element.getAttribute("data-seen")!;
      });
      if (stop === "" || seen.has(stop)) break;
      seen.add(stop);
      expect(
        await outline(),
        await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 120)),
      ).toBe(true);
    }
    expect(seen.size).toBeGreaterThan(12);

    await page.keyboard.press("Control+Home");
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press("/");
    await page.keyboard.type("bees");
    await expect(page).toHaveURL(/q=bees/);
    await page.keyboard.press("Enter");
    await expect(page.locator('[data-row="0"]')).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: /Bees of Winter/ })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page).toHaveURL(/q=bees/);
    await expect(page.locator('[data-row="0"]')).toBeFocused();
  } finally {
    await app.close();
    await stage.close();
  }
});

test("a file, a folder, a peer and the tracker have a link to copy and to scan; crumbs lead back; the doctor says why a peer isn't reached", async () => {
  const stage = await createStage();
  const app = await openApp("about:blank");
  const { page } = app;
  /** That the buttons of what is shown give its link, both ways. */
  async function offersLink(label: string, link: string): Promise<void> {
    await page.getByRole("button", { name: label }).first().click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);
    await page.getByRole("button", { name: "Show QR code" }).first().click();
    await expect(page.getByRole("dialog").getByRole("img", { name: link, exact: true })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
  }
  try {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const share = join(stage.folder, "share");
    await mkdir(join(share, "films", "of winter"), { recursive: true });
    await writeFile(join(share, "films", "of winter", "bees.txt"), "bees");
    const tracker = await stage.startTracker({ args: ["--via-port=off"] });
    await stage.startPeer({ share, trackerUrl: tracker.url, name: "Ana" });
    const fileId = await announced(tracker.url, "bees", 1);
    const [{ peerId } = { peerId: "" }] = await listedPeers(tracker.url);
    await page.goto(`${tracker.url}/f/${fileId}`);
    await offersLink("Copy link", `${tracker.url}/f/${fileId}`);

    await page.goto(`${tracker.url}/p`);
    await offersLink("Copy the link to this tracker", `${tracker.url}/`);
    await page.getByRole("link", { name: "Ana", exact: true }).click();
    await offersLink("Copy the link to this folder", `${tracker.url}/p/${peerId}`);
    await page.getByRole("link", { name: /films/ }).click();
    await page.getByRole("link", { name: /of winter/ }).click();
    await expect(page.getByRole("link", { name: /bees\.txt/ })).toBeVisible();
    await offersLink("Copy the link to this folder", `${tracker.url}/p/${peerId}/films/of%20winter`);
    const crumbs = page.getByRole("navigation", { name: "Folder" });
    await expect(crumbs.getByRole("listitem")).toHaveText(["Shared folder", "films", "of winter"]);
    await crumbs.getByRole("link", { name: "films" }).click();
    await expect(page).toHaveURL(`${tracker.url}/p/${peerId}/films`);
    await expect(page.getByRole("link", { name: /of winter/ })).toBeVisible();
    await crumbs.getByRole("link", { name: "Shared folder" }).click();
    await expect(page).toHaveURL(`${tracker.url}/p/${peerId}`);

    const lost = ["--advertise", "http://127.0.0.1:1", "--no-relay"];
    await stage.startPeer({ share, trackerUrl: tracker.url, name: "Lost", args: lost });
    await page.goto(`${tracker.url}/doctor`);
    await expect(page.getByRole("listitem").filter({ hasText: "Lost" })).toContainText(
      "Nothing answers at its address.",
    );
    await expect(page.getByRole("listitem").filter({ hasText: "Ana" })).toContainText("direct,");
  } finally {
    await app.close();
    await stage.close();
  }
});

test("the app is installable: a manifest with icons of their sizes, one maskable", async () => {
  const stage = await createStage();
  const app = await openApp("about:blank");
  try {
    const tracker = await stage.startTracker();
    await app.page.goto(tracker.url);
    const session = await app.page.context().newCDPSession(app.page);
    const { url, errors } = await session.send("Page.getAppManifest");
    expect(url).toBe(`${tracker.url}/manifest.webmanifest`);
    expect(errors).toEqual([]);
    const { icons } = (await (await fetch(url)).json()) as {
      icons: { src: string; sizes: string; type: string; purpose?: string }[];
    };
    expect(icons.some(({ purpose }) => purpose === "maskable")).toBe(true);
    for (const { src, sizes, type } of icons) {
      const answer = await fetch(new URL(src, url));
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, type]);
      if (sizes === "any") continue;
      const header = Buffer.from(await answer.arrayBuffer());
      expect(`${header.readUInt32BE(16)}x${header.readUInt32BE(20)}`).toBe(sizes);
    }
    const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
    // Private profiles install nothing; ours isn't one.
    expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual([]);
  } finally {
    await app.close();
    await stage.close();
  }
});
