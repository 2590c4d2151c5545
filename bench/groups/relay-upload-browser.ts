import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openBareApp } from "../../e2e/support/bare-chromium.ts";
import { listedPeers } from "../../e2e/support/listed-peers.ts";
import { until } from "../../e2e/support/processes.ts";
import { hasAppToMeasure } from "../support/app-to-measure.ts";
import type { Group } from "../support/bench.ts";
import { startHelper } from "../support/timed-command.ts";
import type { Contender } from "../support/trial.ts";

const FILE_BYTES = 256 * 1024 * 1024;
const FILE_NAME = "bench.bin";

/** A file in the page's own storage, as a picked one would be on the disk. */
const WRITE_FILE = `(async () => {
  const handle = await (await navigator.storage.getDirectory()).getFileHandle("${FILE_NAME}", { create: true });
  const stream = await handle.createWritable();
  const chunk = new Uint8Array(1024 * 1024);
  for (let at = 0; at < ${FILE_BYTES}; at += chunk.length) {
    for (let filled = 0; filled < chunk.length; filled += 65536) crypto.getRandomValues(chunk.subarray(filled, filled + 65536));
    await stream.write(chunk);
  }
  await stream.close();
  self.showOpenFilePicker = async () => [handle];
})()`;

/** In the app: chosen with the button, until the row says that it is there. */
const UPLOAD = `(async () => {
  // Told of changes: to look in each frame would have the browser draw all the time.
  const wanted = (selector, matches) => new Promise((resolve) => {
    const look = () => {
      const found = [...document.querySelectorAll(selector)].find(matches);
      if (found === undefined) return;
      changes.disconnect();
      resolve(found);
    };
    const changes = new MutationObserver(look);
    changes.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    look();
  });
  const choose = await wanted("main button", ({ textContent }) => textContent === "Choose files");
  const started = performance.now();
  choose.click();
  const row = await wanted("[data-testid=upload-row]", ({ dataset }) => ["done", "failed"].includes(dataset.phase));
  const milliseconds = performance.now() - started;
  if (Number(row.dataset.sent) !== ${FILE_BYTES}) throw new Error(row.textContent);
  row.querySelector("button:last-of-type").click();
  return milliseconds;
})()`;

/** What somebody would write who wants the bytes there and nothing else: parts of 4 MiB, four at a time. */
const POST = (url: string) => `(async () => {
  const file = await (await (await navigator.storage.getDirectory()).getFileHandle("${FILE_NAME}")).getFile();
  const started = performance.now();
  let at = 0;
  const worker = async () => {
    while (at < file.size) {
      const start = at;
      at += 4 * 1024 * 1024;
      const answer = await fetch("${url}/" + start, { method: "POST", body: file.slice(start, at) });
      if (!answer.ok) throw new Error("HTTP " + answer.status);
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return performance.now() - started;
})()`;

/** From a page to a peer's disk: hashed before, verified there and flushed, against bare bodies that are none of that. */
export const relayUploadBrowser: Group = {
  name: "relay-upload-browser",
  report: "results-relay.md",
  async prepare(bench) {
    if (!(await hasAppToMeasure(bench))) return [];
    const tracker = await bench.stage.startTracker();
    const share = join(bench.folder, "takes-uploads");
    await mkdir(share);
    const args = ["--allow-uploads", "--upload-open", "--upload-quota", "1T"];
    await bench.stage.startPeer({ share, trackerUrl: tracker.url, name: "bench", args });
    const peer = await until("the peer is announced", async () => (await listedPeers(tracker.url))[0]);
    const parts = join(bench.folder, "parts");
    await mkdir(parts);
    const sinkScript = fileURLToPath(new URL("../support/parts-server.ts", import.meta.url));
    const sink = await startHelper([process.execPath, sinkScript, parts, new URL(tracker.url).origin]);
    bench.defer(sink.stop);

    const app = await openBareApp(`${tracker.url}/p/${peer.peerId}?upload`);
    bench.defer(app.close);
    await until("the app is loaded", async () =>
      (await app.evaluate<boolean>("document.querySelector('main section') !== null")) ? true : undefined,
    );
    await app.evaluate(WRITE_FILE);

    const timed = (command: string, prepare: () => Promise<void>, expression: string): Contender => ({
      command,
      async run() {
        await prepare();
        const milliseconds = await app.evaluate<number>(expression);
        return { bytesPerSecond: FILE_BYTES / (milliseconds / 1000) };
      },
    });
    return [
      {
        rows: [
          {
            name: "Chromium, from the app to a peer's disk, against bare POSTs of 4 MiB to a plain Node server that writes to disk",
            figure: "bytesPerSecond",
            unit: "MiB/s",
            bar: { atLeast: 0.7 },
          },
        ],
        ours: timed(
          "the app's page of the peer: Choose files; hashed, sent in parts, verified there",
          async () => {
            await rm(join(share, "inbox", FILE_NAME), { force: true });
            // What it has is not sent again.
            await until("the peer has nothing", async () => {
              const answer = await fetch(`${tracker.url}/api/v1/peers/${peer.peerId}`);
              return ((await answer.json()) as { fileCount: number }).fileCount === 0 || undefined;
            });
          },
          UPLOAD,
        ),
        theirs: timed(
          "fetch(POST) of 4 MiB slices, four at a time",
          async () => {
            await rm(parts, { recursive: true, force: true });
            await mkdir(parts);
          },
          POST(sink.line),
        ),
      },
    ];
  },
};
