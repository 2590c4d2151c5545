import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect as expectSoon, test } from "@playwright/test";
import { openApp } from "./support/app.ts";
import { give } from "./support/give-file.ts";
import { freeSite, startNginx } from "./support/nginx.ts";
import { linkOf } from "./support/peer-link.ts";
import { announced, createStage } from "./support/processes.ts";

/** A busy machine may take its time. */
const expect = expectSoon.configure({ timeout: 60_000 });
/** Longer than a part may be at first. */
const TEXT = Array.from({ length: 500_000 }, (_, line) => `bee ${line}\n`).join("");

test("behind an nginx as it is installed, which takes 1 MiB at once, a page sends files to a peer, and shares them", async () => {
  const stage = await createStage();
  const [relay, via] = [await freeSite("http"), await freeSite("http")];
  const nginx = await startNginx({ folder: join(stage.folder, "nginx"), sites: [relay, via] });
  const share = join(stage.folder, "share");
  await mkdir(share);
  const { url: trackerUrl } = await stage.startTracker({
    args: [
      `--relay-port=${relay.innerPort}`,
      `--relay-url=${relay.url}`,
      `--via-port=${via.innerPort}`,
      `--via-url=${via.url}`,
      "--trusted-proxy=127.0.0.1",
    ],
  });
  // Nobody can call it: what it is sent comes through the gateway and the relay, each behind nginx.
  await stage.startPeer({
    share,
    trackerUrl,
    name: "Fay",
    args: ["--relay", "--advertise=http://127.0.0.1:1", "--allow-uploads", "--upload-open"],
  });
  const { page, close } = await openApp("about:blank");
  try {
    await page.goto(`${await linkOf(trackerUrl, "Fay")}?upload`);
    await expect(page.getByText("Drop files or folders")).toBeVisible();
    await give(page, "drop", "sent.txt", TEXT);
    await expect(page.getByTestId("upload-row")).toHaveAttribute("data-phase", "done");
    expect((await readFile(join(share, "inbox", "sent.txt"), "utf8")) === TEXT).toBe(true);

    await page.goto(`${trackerUrl}/share`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await give(page, "drop", "shared.txt", TEXT.slice(1));
    const fileId = await announced(trackerUrl, "shared", 1);
    const target = join(stage.folder, "shared.txt");
    const saved = await stage.runCli(["download", fileId, "--tracker", trackerUrl, "--output", target]);
    expect(saved).toMatchObject({ code: 0 });
    expect((await readFile(target, "utf8")) === TEXT.slice(1)).toBe(true);
  } finally {
    await close();
    await stage.close();
    await nginx.close();
  }
});
