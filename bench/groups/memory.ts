import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { announced } from "../../e2e/support/processes.ts";
import type { Group } from "../support/bench.ts";
import { envelopedRequest } from "../support/enveloped-request.ts";
import { peakBytesOf } from "../support/process-costs.ts";
import { STALL_AFTER_BYTES, startStallingReader } from "../support/stalling-reader.ts";

const FILE_BYTES = 4 * 1024 ** 3;
const READERS = 200;
/** Long enough for what was read ahead to be given back, and for what grows to show. */
const BLOCKED_MS = 3_000;

/** What clients that stop cost a peer. */
export const memory: Group = {
  name: "memory",
  report: "results.md",
  async prepare(bench) {
    const share = join(bench.folder, "sparse");
    await mkdir(share);
    const file = await open(join(share, "sparse.bin"), "w");
    await file.truncate(FILE_BYTES);
    await file.close();
    const tracker = await bench.stage.startTracker();
    const startPeer = () =>
      bench.stage.startPeer({
        share,
        trackerUrl: tracker.url,
        name: "slow readers",
        args: ["--state", join(bench.folder, "slow-readers")],
      });
    // Hashing takes memory of its own: the peer that is measured knows the file already.
    const indexing = await startPeer();
    const fileId = await announced(tracker.url, "sparse", 1);
    await indexing.stop();
    const peer = await startPeer();
    await announced(tracker.url, "sparse", 1);
    const { port } = new URL(peer.url);
    const requests = [
      Buffer.from(`GET /files/${fileId}/sparse.bin HTTP/1.1\r\nhost: localhost\r\n\r\n`),
      connectRequest(envelopedRequest(fileId)),
    ];

    const startReaders = (count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, index) =>
          startStallingReader(Number(port), requests[index % requests.length]!),
        ),
      );

    return [
      {
        rows: [
          {
            name: "peer memory with 200 slow readers of one 4 GiB file",
            figure: "peakBytes",
            unit: "MiB",
            bar: { atMost: 300e6 },
          },
        ],
        rounds: 1,
        ours: {
          command: `${READERS} connections (/files and Connect in turns) that read ${STALL_AFTER_BYTES / 1024 ** 2} MiB and stop; half of them vanish and as many come; the most that was resident since the peer, which knew the file, was started`,
          async run() {
            const readers = await startReaders(READERS);
            await new Promise((resolve) => setTimeout(resolve, BLOCKED_MS));
            for (const reader of readers.splice(0, READERS / 2)) reader.destroy();
            readers.push(...(await startReaders(READERS / 2)));
            await new Promise((resolve) => setTimeout(resolve, BLOCKED_MS));
            const peakBytes = await peakBytesOf(peer.child.pid!);
            for (const reader of readers) reader.destroy();
            return { peakBytes };
          },
        },
      },
    ];
  },
};

function connectRequest(body: Uint8Array): Buffer {
  const head = [
    "POST /panal.v1.PeerService/DownloadFile HTTP/1.1",
    "host: localhost",
    "content-type: application/connect+proto",
    `content-length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]);
}
