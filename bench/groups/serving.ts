import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { announced } from "../../e2e/support/processes.ts";
import { type Group, SAMPLE_BYTES } from "../support/bench.ts";
import { envelopedRequest } from "../support/enveloped-request.ts";
import { startNginx } from "../support/nginx.ts";
import { startHelper, timedCommand } from "../support/timed-command.ts";
import type { Trial } from "../support/trial.ts";

const DISCARD = ["curl", "--silent", "--fail", "--output", "/dev/null"] as const;
/** HTTP/2 without TLS or asking first, as gRPC speaks it. */
const H2C = "--http2-prior-knowledge";

/** What leaves a peer, to a client that throws it away. */
export const serving: Group = {
  name: "serving",
  report: "results.md",
  async prepare(bench) {
    const share = await bench.sampleShare();
    const tracker = await bench.stage.startTracker();
    const peer = await bench.stage.startPeer({ share, trackerUrl: tracker.url, name: "bench" });
    const fileId = await announced(tracker.url, "bench", 1);
    const request = join(bench.folder, "request");
    await writeFile(request, envelopedRequest(fileId));
    const startRaw = async (script: string) => {
      const path = fileURLToPath(new URL(`../support/${script}`, import.meta.url));
      const raw = await startHelper([process.execPath, path, join(share, "bench.bin")]);
      bench.defer(raw.stop);
      return raw.line;
    };
    const rawUrl = await startRaw("raw-server.ts");
    const rawHttp2Url = await startRaw("raw-http2-server.ts");
    const downloadBy = (...protocol: string[]) => [
      ...protocol,
      "--data-binary",
      `@${request}`,
      `${peer.url}/panal.v1.PeerService/DownloadFile`,
    ];

    const trials: Trial[] = [
      {
        rows: [
          {
            name: "one Connect stream to curl, against a plain Node pipe",
            figure: "bytesPerSecond",
            unit: "MiB/s",
            bar: { atLeast: 0.9 },
          },
        ],
        ours: timedCommand({
          bytes: SAMPLE_BYTES,
          command: [...DISCARD, ...downloadBy("-H", "content-type: application/connect+proto")],
        }),
        theirs: timedCommand({ bytes: SAMPLE_BYTES, command: [...DISCARD, rawUrl] }),
      },
      {
        rows: [
          {
            name: "one gRPC stream over HTTP/2 to curl, against a plain Node pipe over HTTP/2",
            figure: "bytesPerSecond",
            unit: "MiB/s",
            bar: { atLeast: 0.8 },
          },
        ],
        ours: timedCommand({
          bytes: SAMPLE_BYTES,
          command: [
            ...DISCARD,
            ...downloadBy(H2C, "-H", "content-type: application/grpc", "-H", "te: trailers"),
          ],
        }),
        theirs: timedCommand({ bytes: SAMPLE_BYTES, command: [...DISCARD, H2C, rawHttp2Url] }),
      },
    ];
    const nginx = await startNginx(share, join(bench.folder, "nginx"));
    if (nginx === undefined) {
      bench.missing("nginx", "apt-get install nginx-light");
      return trials;
    }
    bench.defer(nginx.stop);
    trials.push({
      rows: [
        {
          name: "the /files door to curl, against nginx with sendfile",
          figure: "bytesPerSecond",
          unit: "MiB/s",
          bar: { atLeast: 0.5 },
        },
      ],
      ours: timedCommand({
        bytes: SAMPLE_BYTES,
        command: [...DISCARD, `${peer.url}/files/${fileId}/bench.bin`],
      }),
      theirs: timedCommand({ bytes: SAMPLE_BYTES, command: [...DISCARD, `${nginx.url}/bench.bin`] }),
    });
    return trials;
  },
};
