import type { Page } from "@playwright/test";

/**
 * For the page, before its scripts: pickers, which a browser without a screen refuses, give handles of the page's own
 * storage. They are handles like any other, but for the permission that nobody asks for.
 */
export const PICKERS_OF_OPFS = `
  const picked = async () => (await navigator.storage.getDirectory()).getDirectoryHandle("picked", { create: true });
  self.showSaveFilePicker = async ({ suggestedName }) =>
    (await picked()).getFileHandle(suggestedName, { create: true });
  self.showDirectoryPicker = picked;
`;

/** SHA-256 of a file in what was picked, by its path; undefined when it isn't there. */
export function pickedDigest(page: Page, path: string): Promise<string | undefined> {
  return page.evaluate<string | undefined>(`(async () => {
    const names = ${JSON.stringify(path.split("/"))};
    let folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("picked");
    for (const name of names.slice(0, -1)) folder = await folder.getDirectoryHandle(name);
    const file = await (await folder.getFileHandle(names.at(-1))).getFile();
    return new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())).toHex();
  })().catch((error) => (error.name === "NotFoundError" ? undefined : Promise.reject(error)))`);
}

/** Writes a text over a file in what was picked. */
export function writePicked(page: Page, path: string, text: string): Promise<void> {
  return page.evaluate(`(async () => {
    const names = ${JSON.stringify(path.split("/"))};
    let folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("picked");
    for (const name of names.slice(0, -1)) folder = await folder.getDirectoryHandle(name);
    const writable = await (await folder.getFileHandle(names.at(-1), { create: true })).createWritable();
    await writable.write(${JSON.stringify(text)});
    await writable.close();
  })()`);
}
