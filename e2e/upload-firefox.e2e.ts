import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { findFirefox } from "../scripts/find-firefox.ts";
import { openBareFirefox } from "./support/bare-firefox.ts";
import { linkOf } from "./support/peer-link.ts";
import { createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";

/** Several pieces, more than one part, the last one short. */
const FILE_BYTES = 5_000_321;

test("Firefox sends a file to a peer, with its upload code, and is told when it is there", async () => {
  const firefox = findFirefox();
  if (firefox === undefined) throw new Error("there is no Firefox; npm test gets one");
  const stage = await createStage();
  const share = join(stage.folder, "share");
  await mkdir(share);
  const chosen = join(stage.folder, "meadow.bin");
  const digest = await writeSampleFile(chosen, FILE_BYTES);
  const { url: trackerUrl } = await stage.startTracker();
  const peer = await stage.startPeer({ share, trackerUrl, name: "Gus", args: ["--allow-uploads"] });
  const code = await until("it prints its code", () => /with the code (\S+)/.exec(peer.output())?.[1]);
  const app = await openBareFirefox(firefox, `${await linkOf(trackerUrl, "Gus")}#upload=${code}`);
  try {
    await until("it has the code", () =>
      app.evaluate<true | undefined>(
        `document.body.textContent.includes("has the upload code") ? true : undefined`,
      ),
    );
    await app.choose("input[type=file]", [chosen]);
    const row = () =>
      app.evaluate<{ phase?: string; done?: string } | undefined>(
        `({ ...document.querySelector("[data-testid=upload-row]")?.dataset })`,
      );
    await until("it is there", async () => {
      const state = await row();
      expect(state?.phase).not.toBe("failed");
      return state?.phase === "done" ? true : undefined;
    });
    expect((await row())?.done).toBe(String(FILE_BYTES));
    expect(await sha256Of(join(share, "inbox", "meadow.bin"))).toBe(digest);
  } finally {
    await app.close();
    await stage.close();
  }
});
