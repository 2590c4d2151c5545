import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { findFirefox } from "../scripts/find-firefox.ts";
import { openBareFirefox } from "./support/bare-firefox.ts";
import { startHttpsFront } from "./support/https-front.ts";
import { announced, createStage, until } from "./support/processes.ts";
import { writeSampleFile } from "./support/sample-file.ts";

const FILE_BYTES = 5_000_000;

test("Firefox, with the straight way shut, downloads through the gateway, and the page says so", async () => {
  const firefox = findFirefox();
  if (firefox === undefined) throw new Error("there is no Firefox; npm test gets one");
  const stage = await createStage();
  const front = await startHttpsFront(stage);
  const share = join(stage.folder, "share");
  await mkdir(share);
  await writeSampleFile(join(share, "meadow.bin"), FILE_BYTES);
  await stage.startPeer({ share, trackerUrl: front.trackerUrl, name: "Meadow" });
  const fileId = await announced(front.trackerUrl, "meadow", 1);
  // Nobody's authority has signed the certificate of tests.
  const app = await openBareFirefox(firefox, `${front.url}/f/${fileId}`, {
    isTrusting: true,
    // As if the page and the gateway were on the internet, and the peer weren't: of loopback Firefox is not afraid otherwise.
    preferences: {
      "network.lna.enabled": true,
      "network.lna.blocking": true,
      "network.lna.address_space.public.override": [front.url, front.viaUrl]
        .map((url) => `127.0.0.1:${new URL(url).port}`)
        .join(","),
    },
  });
  try {
    await until("the button is there", async () =>
      (await app.evaluate<boolean>(`(() => {
        const found = [...document.querySelectorAll("button:enabled")].find((each) => each.textContent === "Download");
        found?.click();
        return found !== undefined;
      })()`))
        ? true
        : undefined,
    );
    await until("the download is done", async () => {
      const state = await app.evaluate<string | undefined>(
        `document.querySelector("[data-testid=transfer-state]")?.dataset.state`,
      );
      expect(state).not.toBe("failed");
      return state === "done" ? true : undefined;
    });
    const rows = await app.evaluate<string>(`document.querySelector("[data-testid=source-row]").textContent`);
    expect(rows).toContain("through the tracker");
    expect(await front.passedBytes()).toBeGreaterThanOrEqual(FILE_BYTES);
  } finally {
    await app.close();
    await front.close();
    await stage.close();
  }
});
