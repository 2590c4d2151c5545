import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import type { Job, Outcome } from "../bench/page/job.ts";
import { serveBenchPage } from "../bench/support/bench-page.ts";
import { openBareApp } from "./support/bare-chromium.ts";
import { announced, createStage, until } from "./support/processes.ts";
import { writeSampleFile } from "./support/sample-file.ts";

/** A name that means this machine to the browser of this test only: as insecure as one on a LAN. */
const HOST = "panal.test";
const FILE_BYTES = 20_000_000;

test("a page on http without WebCrypto checks what it downloads, with WASM in workers", async () => {
  const stage = await createStage();
  const server = await serveBenchPage(join(stage.folder, "page"), HOST);
  const share = join(stage.folder, "share");
  await mkdir(share);
  await writeSampleFile(join(share, "bench.bin"), FILE_BYTES);
  const url = new URL(server.url);
  url.hostname = HOST;
  const tracker = await stage.startTracker();
  const args = ["--allow-origin", url.origin];
  const peer = await stage.startPeer({ share, trackerUrl: tracker.url, name: "bench", args });
  const fileId = await announced(tracker.url, "bench", 1);
  const app = await openBareApp(url.href, [`--host-resolver-rules=MAP ${HOST} 127.0.0.1`]);
  try {
    await until("the page is loaded", async () =>
      (await app.evaluate<boolean>('typeof runJob === "function"')) ? true : undefined,
    );
    expect(await app.evaluate("isSecureContext || crypto.subtle !== undefined")).toBe(false);
    const job: Job = { client: "panal", target: "nothing", fileId, peerUrl: peer.url };
    const { workerScripts } = await app.evaluate<Outcome>(`runJob(${JSON.stringify(job)})`);
    expect(workerScripts.length).toBeGreaterThanOrEqual(2);
    for (const script of workerScripts) expect(script).toContain("hash.worker");
  } finally {
    await app.close();
    await server.close();
    await stage.close();
  }
});
