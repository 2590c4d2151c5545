import { type Page, expect } from "@playwright/test";
import { type AppBrowser, openApp } from "./app.ts";
import { listedPeers } from "./listed-peers.ts";
import { until } from "./processes.ts";

/**
 * For the page, before its scripts: pickers give what `putIntoStorage` has written, handles like any other but for the permission
 * that nobody asks for.
 */
const PICKERS_OF_STORAGE = `
  const top = () => navigator.storage.getDirectory();
  self.showOpenFilePicker = async () => {
    const files = [];
    for await (const handle of (await top()).values()) if (handle.kind === "file") files.push(handle);
    return files;
  };
  self.showDirectoryPicker = async () => (await top()).getDirectoryHandle("garden");
`;

/** A browser whose page is about to share. */
export async function openSharingApp(trackerUrl: string): Promise<AppBrowser> {
  const app = await openApp("about:blank");
  await app.page.context().addInitScript({ content: PICKERS_OF_STORAGE });
  await app.page.goto(`${trackerUrl}/share`);
  return app;
}

/** Copies a file of this disk into the page's own storage, from where the pickers give it. */
export async function putIntoStorage(page: Page, path: string, name: string): Promise<void> {
  const field = page.locator("input[type=file]").first();
  // In a field of its own: the app's would share it.
  const own = await field.evaluateHandle(() => {
    const input = document.createElement("input");
    input.type = "file";
    document.body.append(input);
    return input;
  });
  await own.setInputFiles(path);
  await own.evaluate(async (input, to) => {
    const handle = await (await navigator.storage.getDirectory()).getFileHandle(to, { create: true });
    await input.files![0]!.stream().pipeTo(await handle.createWritable());
    input.remove();
  }, name);
}

/** Writes a folder `garden` of two small texts, from where the pickers give it. */
export async function plantGarden(page: Page): Promise<void> {
  await page.evaluate(async () => {
    async function write(folder: FileSystemDirectoryHandle, name: string, text: string) {
      const stream = await (await folder.getFileHandle(name, { create: true })).createWritable();
      await stream.write(text);
      await stream.close();
    }
    const garden = await (
      await navigator.storage.getDirectory()
    ).getDirectoryHandle("garden", { create: true });
    await write(garden, "roses.txt", "roses, red");
    await write(await garden.getDirectoryHandle("pond", { create: true }), "carp.txt", "carp, gold");
  });
}

export async function chooseToShare(page: Page, what: "files" | "a folder"): Promise<void> {
  await page.getByRole("button", { name: `Choose ${what}` }).click();
}

export async function shareAgain(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Share again" }).click();
}

/** Waits until so many of what was chosen is shared, however long that is hashed. */
export async function isShared(page: Page, count: number): Promise<void> {
  await expect(page.locator("[data-testid=share-root][data-phase=shared]")).toHaveCount(count, {
    timeout: 60_000,
  });
}

/** Waits until the tab has sent so many bytes, all in all. */
export async function hasSent(page: Page, bytes: number): Promise<void> {
  await until(`${bytes} bytes sent`, async () =>
    Number(await page.getByTestId("share-sent").getAttribute("data-bytes")) >= bytes ? true : undefined,
  );
}

export async function peerCount(trackerUrl: string): Promise<number> {
  return (await listedPeers(trackerUrl)).length;
}
