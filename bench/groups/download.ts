import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { announced } from "../../e2e/support/processes.ts";
import { type Group, PEER_NODE, SAMPLE_BYTES } from "../support/bench.ts";
import { startNginx } from "../support/nginx.ts";
import { timedCommand } from "../support/timed-command.ts";

/** The command line, from a peer to a verified file on disk, against other clients. */
export const download: Group = {
  name: "download",
  async prepare(bench) {
    const share = await bench.sampleShare();
    const tracker = await bench.stage.startTracker();
    await bench.stage.startPeer({ share, trackerUrl: tracker.url, name: "bench" });
    const fileId = await announced(tracker.url, "bench", 1);
    const nginx = await startNginx(share, join(bench.folder, "nginx"));
    if (nginx === undefined) {
      bench.missing("nginx", "apt-get install nginx-light");
      return [];
    }
    bench.defer(nginx.stop);

    const out = join(bench.folder, "out");
    const target = join(out, "bench.bin");
    const prepare = async () => {
      await rm(out, { recursive: true, force: true });
      await mkdir(out);
    };
    const ours = timedCommand({
      bytes: SAMPLE_BYTES,
      prepare,
      command: [...PEER_NODE, "download", fileId, "--tracker", tracker.url, "-o", target],
    });
    return [
      {
        rows: [
          {
            name: "peer-node download, verified, on disk, against curl -o from nginx, not verified",
            figure: "bytesPerSecond",
            unit: "MiB/s",
            bar: { atLeast: 0.9 },
          },
        ],
        ours,
        theirs: timedCommand({
          bytes: SAMPLE_BYTES,
          prepare,
          command: ["curl", "--silent", "--fail", "--output", target, `${nginx.url}/bench.bin`],
        }),
      },
    ];
  },
};
