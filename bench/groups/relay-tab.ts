import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openBareApp } from "../../e2e/support/bare-chromium.ts";
import { listedPeers } from "../../e2e/support/listed-peers.ts";
import { announced, until } from "../../e2e/support/processes.ts";
import { hasAppToMeasure } from "../support/app-to-measure.ts";
import { type Group, LIMITED_BYTES, PEER_NODE } from "../support/bench.ts";
import { startHelper, timedCommand } from "../support/timed-command.ts";
import type { Contender } from "../support/trial.ts";

const INTO_NOTHING = fileURLToPath(new URL("../support/download-into-nothing.ts", import.meta.url));
const SINK = fileURLToPath(new URL("../support/sink-server.ts", import.meta.url));
const PART_BYTES = 4 * 1024 * 1024;
const PARTS_IN_FLIGHT = 4;
const READERS = 10;
const READ_BYTES = 200e6;

/** Runs in the page: as many bytes as the file has, from memory, to somebody who looks at none of them. Gives milliseconds. */
const barePosts = (url: string) => `(async () => {
  const part = new Uint8Array(${PART_BYTES});
  for (let at = 0; at < part.length; at += 65536) crypto.getRandomValues(part.subarray(at, at + 65536));
  let left = ${Math.ceil(LIMITED_BYTES / PART_BYTES)};
  const started = performance.now();
  await Promise.all(Array.from({ length: ${PARTS_IN_FLIGHT} }, async () => {
    while (left-- > 0) await fetch(${JSON.stringify(url)}, { method: "POST", mode: "no-cors", body: part });
  }));
  return performance.now() - started;
})()`;

/** A file in a tab, read through the relay. */
export const relayTab: Group = {
  name: "relay-tab",
  report: "results-relay.md",
  async prepare(bench) {
    if (!(await hasAppToMeasure(bench))) return [];
    const tracker = await bench.stage.startTracker({ args: ["--via-speed", "4096"] });
    const app = await openBareApp(`${tracker.url}/share`);
    bench.defer(app.close);
    const share = async (lengthBytes: number) => {
      const file = join(await bench.sampleShare(lengthBytes), "bench.bin");
      await app.choose("input[type=file]", [file]);
      return announcedFile(tracker.url, lengthBytes);
    };
    const fileId = await share(LIMITED_BYTES);
    const readId = await share(READ_BYTES);
    const [listed] = await listedPeers(tracker.url);
    const via = listed?.endpoints.find(({ route }) => route === "relay")?.url;
    if (via === undefined) throw new Error("the tab isn't attached to the relay");

    const posts = async (...sinkArgs: string[]): Promise<Contender> => {
      const sink = await startHelper([process.execPath, SINK, ...sinkArgs]);
      bench.defer(sink.stop);
      const to = sinkArgs.length > 0 ? "writes them to disk" : "throws them away";
      return {
        command: `a page's fetch: POSTs of 4 MiB from memory, four at a time, to a plain Node server that ${to}`,
        async run() {
          const milliseconds = await app.evaluate<number>(barePosts(sink.line));
          return { bytesPerSecond: LIMITED_BYTES / (milliseconds / 1000) };
        },
      };
    };
    const out = join(bench.folder, "out");
    const readOnce = timedCommand({
      bytes: READ_BYTES,
      command: [process.execPath, INTO_NOTHING, readId, via],
    });
    return [
      {
        rows: [
          {
            name: "a file in a tab to the command line's engine, through the relay, verified, into nothing, against Chromium's bare POSTs of 4 MiB to a sink",
            figure: "bytesPerSecond",
            unit: "MiB/s",
            bar: { atLeast: 0.7 },
          },
        ],
        ours: timedCommand({
          bytes: LIMITED_BYTES,
          command: [process.execPath, INTO_NOTHING, fileId, via],
        }),
        theirs: await posts(),
      },
      {
        rows: [
          {
            name: "the same with peer-node download, on disk, against a sink that writes to disk",
            figure: "bytesPerSecond",
            unit: "MiB/s",
            bar: { atLeast: 0.7 },
          },
        ],
        ours: timedCommand({
          bytes: LIMITED_BYTES,
          async prepare() {
            await rm(out, { recursive: true, force: true });
            await mkdir(out);
          },
          command: [...PEER_NODE, "download", fileId, "--tracker", tracker.url, "-o", join(out, "bench.bin")],
        }),
        theirs: await posts(join(bench.folder, "stored.bin")),
      },
      {
        rows: [
          {
            name: "ten readers of one file in a tab at the same time: bytes the tab sent, against the file's",
            figure: "pushedBytes",
            unit: "MB",
            bar: { atMost: 1.3 },
            ideal: READ_BYTES,
          },
        ],
        rounds: 3,
        ours: {
          command: `${READERS} times at once: ${readOnce.command}; panal_relay_pushed_bytes_total`,
          async run() {
            const before = await pushedBytes(tracker.url);
            await Promise.all(Array.from({ length: READERS }, () => readOnce.run()));
            return { pushedBytes: (await pushedBytes(tracker.url)) - before };
          },
        },
      },
    ];
  },
};

async function announcedFile(trackerUrl: string, lengthBytes: number): Promise<string> {
  await announced(trackerUrl, "bench", 1);
  return until(`a file of ${lengthBytes} bytes is announced`, async () => {
    const response = await fetch(`${trackerUrl}/api/v1/files?q=bench`);
    const { files } = (await response.json()) as { files: { fileId: string }[] };
    return files.find((file) => file.fileId.endsWith(`-${lengthBytes}`))?.fileId;
  });
}

async function pushedBytes(trackerUrl: string): Promise<number> {
  const text = await (await fetch(`${trackerUrl}/metrics`)).text();
  return Number(/^panal_relay_pushed_bytes_total (\S+)/m.exec(text)?.[1]);
}
