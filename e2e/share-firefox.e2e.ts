import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { findFirefox } from "../scripts/find-firefox.ts";
import { type BareFirefox, openBareFirefox } from "./support/bare-firefox.ts";
import { announced, createStage, until } from "./support/processes.ts";
import { sha256Of } from "./support/sample-file.ts";
import { peerCount } from "./support/sharing-tab.ts";

/** Several pieces, the last one short. */
const FILE_BYTES = 5_000_321;

/** To be evaluated in the page: chooses a file of bytes that don't repeat; gives its SHA-256. */
const CHOOSE_FILE = `(async () => {
  const content = new Uint8Array(${FILE_BYTES});
  for (let at = 0; at < content.length; at++) content[at] = (at * 31 + (at >> 10)) & 0xff;
  const picked = new DataTransfer();
  picked.items.add(new File([content], "meadow.bin"));
  const field = document.querySelector("input[type=file]");
  field.files = picked.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", content)).toHex();
})()`;

const dataOf = (app: BareFirefox, testId: string, name: string) =>
  app.evaluate<string | undefined>(`document.querySelector("[data-testid=${testId}]")?.dataset.${name}`);

test("Firefox shares from a tab, to the command line and to another Firefox, until the tab is gone", async () => {
  const firefox = findFirefox();
  if (firefox === undefined) throw new Error("there is no Firefox; npm test gets one");
  const stage = await createStage();
  const { url: trackerUrl } = await stage.startTracker();
  const sharing = await openBareFirefox(firefox, `${trackerUrl}/share`);
  try {
    await until("files can be chosen", () =>
      sharing.evaluate<true | undefined>(`document.querySelector("input[type=file]") ? true : undefined`),
    );
    const digest = await sharing.evaluate<string>(CHOOSE_FILE);
    await until("it is shared", async () =>
      (await dataOf(sharing, "share-state", "state")) === "sharing" ? true : undefined,
    );
    const fileId = await announced(trackerUrl, "meadow", 1);
    const target = join(stage.folder, "meadow.bin");
    const to = ["--tracker", trackerUrl, "--output", target];
    expect(await stage.runCli(["download", fileId, ...to])).toMatchObject({ code: 0 });
    expect(await sha256Of(target)).toBe(digest);

    const reading = await openBareFirefox(firefox, `${trackerUrl}/f/${fileId}`);
    try {
      await until("the button is there", () =>
        reading.evaluate<true | undefined>(`(() => {
          const found = [...document.querySelectorAll("button:enabled")].find(
            ({ textContent }) => textContent === "Download");
          found?.click();
          return found === undefined ? undefined : true;
        })()`),
      );
      await until("it is here", async () => {
        const state = await dataOf(reading, "transfer-state", "state");
        expect(state).not.toBe("failed");
        return state === "done" ? true : undefined;
      });
    } finally {
      await reading.close();
    }
  } finally {
    await sharing.close();
  }
  try {
    await until("the peer is gone", async () => ((await peerCount(trackerUrl)) === 0 ? true : undefined));
  } finally {
    await stage.close();
  }
});
