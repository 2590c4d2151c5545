import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { findFirefox } from "../scripts/find-firefox.ts";
import { type BareFirefox, openBareFirefox } from "./support/bare-firefox.ts";
import { announced, createStage, until } from "./support/processes.ts";
import { writeSampleFile } from "./support/sample-file.ts";

/** Several pieces, the last one short; small enough for WebCrypto, which wants a whole file at once. */
const FILE_BYTES = 33_333_333;

/** Waits until the button with just these words can be clicked, and does. */
const click = (app: BareFirefox, words: string) =>
  until(`the button "${words}" is there`, async () =>
    (await app.evaluate<boolean>(`(() => {
      const found = [...document.querySelectorAll("button:enabled")].find((each) =>
        each.textContent === ${JSON.stringify(words)});
      found?.click();
      return found !== undefined;
    })()`))
      ? true
      : undefined,
  );

test("Firefox downloads into its own storage, and what is there is the file", async () => {
  const firefox = findFirefox();
  if (firefox === undefined) throw new Error("there is no Firefox; npm test gets one");
  const stage = await createStage();
  const share = join(stage.folder, "share");
  await mkdir(share);
  const digest = await writeSampleFile(join(share, "meadow.bin"), FILE_BYTES);
  const tracker = await stage.startTracker();
  await stage.startPeer({ share, trackerUrl: tracker.url, name: "Meadow" });
  const fileId = await announced(tracker.url, "meadow", 1);
  const app = await openBareFirefox(firefox, `${tracker.url}/f/${fileId}`);
  try {
    await click(app, "Download");
    await until("the download is done", async () => {
      const state = await app.evaluate<string | undefined>(
        `document.querySelector("[data-testid=transfer-state]")?.dataset.state`,
      );
      expect(state).not.toBe("failed");
      return state === "done" ? true : undefined;
    });
    const kept = await app.evaluate<{ bytes: number; digest: string }>(`(async () => {
      const root = await navigator.storage.getDirectory();
      const folder = await (await root.getDirectoryHandle("panal-downloads")).getDirectoryHandle("${fileId}");
      const file = await (await folder.getFileHandle("data")).getFile();
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
      return { bytes: file.size, digest: hash.toHex() };
    })()`);
    expect(kept).toEqual({ bytes: FILE_BYTES, digest });
  } finally {
    await app.close();
    await stage.close();
  }
});
