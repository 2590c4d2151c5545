import { mkdir, writeFile } from "node:fs/promises";
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

const MIB = 1024 * 1024;

/** Bytes of verified pieces that peers have brought to this page. */
const FROM_PEERS = `[...document.querySelectorAll("[data-testid=source-row]")].reduce((sum, row) => sum + Number(row.dataset.verifiedBytes), 0)`;

test("Firefox finds files as somebody types, and goes on with a download after a reload, with what is missing", async () => {
  const firefox = findFirefox();
  if (firefox === undefined) throw new Error("there is no Firefox; npm test gets one");
  const stage = await createStage();
  const share = join(stage.folder, "share");
  await mkdir(share);
  const digest = await writeSampleFile(join(share, "heather.bin"), 48 * MIB, 3);
  await writeFile(join(share, "clover.txt"), "clover");
  const tracker = await stage.startTracker();
  // Slow, so that a machine of any speed sees it half-way.
  const args = ["--max-upload-rate", "4M"];
  await stage.startPeer({ share, trackerUrl: tracker.url, name: "Meadow", args });
  await announced(tracker.url, "clover", 1);
  const fileId = await announced(tracker.url, "heather", 1);
  const app = await openBareFirefox(firefox, tracker.url);
  try {
    const found = () =>
      app.evaluate<string[]>(`[...document.querySelectorAll("[data-row]")].map((row) => row.textContent)`);
    const type = (words: string) =>
      app.evaluate(`(() => {
        const box = document.querySelector("input[type=search]");
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(box, ${JSON.stringify(words)});
        box.dispatchEvent(new Event("input", { bubbles: true }));
      })()`);
    await until("the box and both files are there", async () =>
      (await found()).length === 2 ? true : undefined,
    );
    await type("heath");
    await until("only one is left", async () => {
      const rows = await found();
      return rows.length === 1 && rows[0]!.includes("heather.bin") ? true : undefined;
    });
    await app.evaluate(`void document.querySelector("[data-row]").click()`);
    await click(app, "Download");
    await until("some pieces are there", async () =>
      (await app.evaluate<number>(FROM_PEERS)) >= 8 * MIB ? true : undefined,
    );
    await app.evaluate(`void setTimeout(() => location.assign("/f/${fileId}"))`);
    await until("the new page offers to go on", async () =>
      (await app
        .evaluate<boolean>(
          `[...document.querySelectorAll("button:enabled")].some(({ textContent }) => textContent === "Resume")`,
        )
        // Between two pages there is nothing to ask.
        .catch(() => false))
        ? true
        : undefined,
    );
    await click(app, "Resume");
    await until("the download is done", async () => {
      const state = await app.evaluate<string | undefined>(
        `document.querySelector("[data-testid=transfer-state]")?.dataset.state`,
      );
      expect(state).not.toBe("failed");
      return state === "done" ? true : undefined;
    });
    expect(await app.evaluate<number>(FROM_PEERS)).toBeLessThanOrEqual(44 * MIB);
    const kept = await app.evaluate<string>(`(async () => {
      const root = await navigator.storage.getDirectory();
      const folder = await (await root.getDirectoryHandle("panal-downloads")).getDirectoryHandle("${fileId}");
      const file = await (await folder.getFileHandle("data")).getFile();
      return new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())).toHex();
    })()`);
    expect(kept).toBe(digest);
  } finally {
    await app.close();
    await stage.close();
  }
});
