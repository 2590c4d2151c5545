import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { type PullAnswer, type RelayedRequest, attach, createTrackerClient } from "@panal/sdk";
import { createRelayTransport } from "@panal/sdk/node";
import type { Group } from "../support/bench.ts";
import { peakBytesOf } from "../support/process-costs.ts";
import { startStallingReader } from "../support/stalling-reader.ts";

const PEERS = 50;
const READERS = 50;
const FILE_BYTES = 1024 ** 3;
const CHUNK = new Uint8Array(1024 * 1024);
/** Long enough for what grows to show. */
const BLOCKED_MS = 2_000;

/** What attached peers, and clients of theirs that stop, cost the tracker. */
export const relayMemory: Group = {
  name: "relay-memory",
  report: "results-relay.md",
  async prepare(bench) {
    // Nobody here heartbeats.
    const tracker = await bench.stage.startTracker({ args: ["--heartbeat-seconds", "600"] });
    const via = await Promise.all(Array.from({ length: PEERS }, (_, index) => attachPeer(index)));

    /** One that speaks what tabs speak, and says the same of every file. */
    async function attachPeer(index: number): Promise<string> {
      const client = createTrackerClient({ url: tracker.url });
      const { peerId, lease, relayUrl } = await client.register({ name: `tab ${index}`, relay: true });
      if (relayUrl === undefined) throw new Error("the tracker has no relay");
      const isAttached = Promise.withResolvers<void>();
      const attachment = attach({
        relayUrl,
        identity: () => ({ peerId, lease }),
        transport: createRelayTransport(relayUrl),
        serve: async (request) => fileOf(request),
        onState: ({ type }) => type === "attached" && isAttached.resolve(),
      });
      bench.defer(() => attachment.close());
      await isAttached.promise;
      const peer = await client.getPeer(peerId);
      const endpoint = peer?.endpoints.find(({ route }) => route === "relay");
      if (endpoint === undefined) throw new Error("the tracker gives no way through its relay");
      return endpoint.url;
    }

    return [
      {
        rows: [
          {
            name: "tracker memory with 50 attached tabs and 50 slow readers, each of another tab's file of 1 GiB",
            figure: "peakBytes",
            unit: "MiB",
            bar: { atMost: 350e6 },
          },
        ],
        rounds: 1,
        ours: {
          command: `${PEERS} peers attached by the code that tabs attach with, ${READERS} connections to the gateway that read 4 MiB and stop; half of them vanish and as many come; the most that was resident since the tracker was started`,
          async run() {
            const start = (urls: readonly string[]) =>
              Promise.all(
                urls.map((url, index) => {
                  const { port, pathname } = new URL(url);
                  const fileId = `${String(index).padStart(64, "0")}-${FILE_BYTES}`;
                  const request = `GET ${pathname}/files/${fileId}/a.bin HTTP/1.1\r\nhost: localhost\r\n\r\n`;
                  return startStallingReader(Number(port), Buffer.from(request));
                }),
              );
            const readers = await start(via.slice(0, READERS));
            await sleep(BLOCKED_MS);
            const leaving = readers.splice(0, READERS / 2);
            await Promise.all(
              leaving.map((socket) => {
                const gone = once(socket, "close");
                socket.destroy();
                return gone;
              }),
            );
            readers.push(...(await start(via.slice(0, READERS / 2))));
            await sleep(BLOCKED_MS);
            const peakBytes = await peakBytesOf(tracker.child.pid!);
            for (const reader of readers) reader.destroy();
            return { peakBytes };
          },
        },
      },
    ];
  },
};

/** The range that is asked for, of zeros. */
function fileOf({ headers }: RelayedRequest): PullAnswer {
  const [, first = "0", last = String(FILE_BYTES - 1)] =
    /^bytes=(\d+)-(\d+)$/.exec(headers["range"] ?? "") ?? [];
  const length = Number(last) + 1 - Number(first);
  return {
    status: 206,
    headers: {
      "content-length": String(length),
      "content-range": `bytes ${first}-${last}/${FILE_BYTES}`,
    },
    body: (async function* () {
      for (let left = length; left > 0; left -= CHUNK.length)
        yield CHUNK.subarray(0, Math.min(left, CHUNK.length));
    })(),
  };
}
