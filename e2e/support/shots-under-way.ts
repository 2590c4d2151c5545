import type { Page } from "@playwright/test";
import { rows, type Shot } from "./shot.ts";

const MB = 1_000_000;

/** Lets the page's button for a folder give one of its own storage, with files of almost nothing but zeros. */
async function chooseFolder(
  page: Page,
  name: string,
  files: Readonly<Record<string, number>>,
): Promise<void> {
  await page.evaluate(
    async ([folderName, lengths]) => {
      const top = await navigator.storage.getDirectory();
      const folder = await top.getDirectoryHandle(folderName, { create: true });
      for (const [file, length] of Object.entries(lengths)) {
        const stream = await (await folder.getFileHandle(file, { create: true })).createWritable();
        // No peer has it from the picture before.
        const content = new Uint8Array(length);
        crypto.getRandomValues(content.subarray(0, 16));
        await stream.write(content);
        await stream.close();
      }
      Object.assign(self, { showDirectoryPicker: () => Promise.resolve(folder) });
    },
    [name, files] as const,
  );
  await page.locator("main button:has(svg.lucide-folder-plus)").click();
}

/** Three downloads that go on while one looks at them. */
async function downloadThree(page: Page): Promise<void> {
  for (const word of ["netinst", "raspberrypi", "phone"]) {
    await page.locator("input[type=search]").first().fill(word);
    await rows(page).filter({ hasText: word }).first().click();
    await page.locator("button:enabled:has(svg.lucide-download)").first().click();
    await page.locator("[data-testid=transfer-state][data-state=running]").waitFor();
    // On a phone the file covers the search.
    await page.goBack();
  }
  await page.locator("nav a[href='/transfers']").click();
  await page.locator("main li:has(svg.lucide-pause)").nth(2).waitFor();
}

/** Opens the page from where files are sent to the peer that is called so. */
async function openSending(page: Page, name: string): Promise<void> {
  const card = page.locator("main li", { hasText: name });
  await card.locator("a:has(svg.lucide-upload)").click();
  await page.locator("button:has(svg.lucide-folder-plus)").waitFor();
}

/** What is on its way, where `shots` show what is at rest. */
export const shotsUnderWay: readonly Shot[] = [
  { name: "transfers-running", prepare: downloadThree },
  {
    name: "cancel",
    path: "/transfers",
    async prepare(page) {
      await page.locator("main li button:enabled:has(svg.lucide-play)").first().click();
      await page.locator("main li button:enabled:has(svg.lucide-x)").first().click();
      await page.getByRole("alertdialog").waitFor();
    },
  },
  { name: "send-code", path: "/p", prepare: (page) => openSending(page, "Workshop NAS") },
  {
    name: "sending",
    path: "/p",
    async prepare(page) {
      await openSending(page, "Ana's laptop");
      await chooseFolder(page, "Swarm, May", { "on the branch.jpg": 3 * MB, "in the box.jpg": 2 * MB });
      await page.locator("[data-testid=upload-row][data-phase=done]").waitFor();
      await chooseFolder(page, "Extraction day", { "first frame.mov": 400 * MB, "last frame.mov": 300 * MB });
      await page.waitForFunction(() => {
        const running = document.querySelector<HTMLElement>("[data-testid=upload-row][data-phase=running]");
        return Number(running?.dataset["sent"]) > 100_000_000;
      });
    },
  },
  {
    name: "sharing",
    path: "/share",
    async prepare(page) {
      await page.locator("main code").first().waitFor();
      await chooseFolder(page, "Apiary", { "map.png": 2 * MB, "counts 2026.ods": MB, "queens.txt": 2000 });
      await page.locator("[data-testid=share-root][data-phase=shared]").first().waitFor();
    },
    // Else it would be shared in the next ones, too.
    after: (page) => page.locator("button:has(svg.lucide-square)").first().click(),
  },
];
