import { mkdir, open, readFile } from "node:fs/promises";
import { type Socket, connect } from "node:net";
import { join } from "node:path";
import { announced } from "../../e2e/support/processes.ts";
import type { Group } from "../support/bench.ts";
import { envelopedRequest } from "../support/enveloped-request.ts";

const FILE_BYTES = 4 * 1024 ** 3;
const READERS = 200;
/** Fast so far, then nothing: a peer that trusted them would have read ahead. */
const READ_BYTES = 4 * 1024 * 1024;
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

    /** Reads a little and stops; settles then. */
    function startReader(index: number): Promise<Socket> {
      return new Promise((resolve, reject) => {
        const socket = connect(Number(port), "127.0.0.1");
        let read = 0;
        socket.write(requests[index % requests.length]!);
        socket.on("data", (chunk) => {
          read += chunk.length;
          if (read < READ_BYTES) return;
          socket.pause();
          resolve(socket);
        });
        socket.on("error", reject);
        socket.on("close", () => reject(new Error(`a reader got ${read} bytes only`)));
      });
    }
    const startReaders = (count: number) =>
      Promise.all(Array.from({ length: count }, (_, index) => startReader(index)));

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
          command: `${READERS} connections (/files and Connect in turns) that read 4 MiB and stop; half of them vanish and as many come; the most that was resident since the peer, which knew the file, was started`,
          async run() {
            const readers = await startReaders(READERS);
            await new Promise((resolve) => setTimeout(resolve, BLOCKED_MS));
            for (const reader of readers.splice(0, READERS / 2)) reader.destroy();
            readers.push(...(await startReaders(READERS / 2)));
            await new Promise((resolve) => setTimeout(resolve, BLOCKED_MS));
            const peakBytes = await peakOf(peer.child.pid!);
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

/** The most memory a process has had resident, as Linux counts it. */
async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error(`/proc/${pid}/status tells no peak`);
  return Number(kib) * 1024;
}
