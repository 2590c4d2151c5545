import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { announced } from "../../e2e/support/processes.ts";
import { sha256Of } from "../../e2e/support/sample-file.ts";
import { type Group, PEER_NODE, SAMPLE_BYTES } from "../support/bench.ts";
import { startNginx } from "../support/nginx.ts";
import { succeeds } from "../support/succeeds.ts";
import { timedCommand } from "../support/timed-command.ts";
import type { Trial } from "../support/trial.ts";

/** The distribution's own, whatever else is called python3 here: it is the one that has the binding. */
const PYTHON = "/usr/bin/python3";
const LIBTORRENT = fileURLToPath(new URL("../support/libtorrent-download.py", import.meta.url));

/** The command line, from a peer to a verified file on disk, against other clients. */
export const download: Group = {
  name: "download",
  report: "results.md",
  async prepare(bench) {
    const share = await bench.sampleShare();
    const tracker = await bench.stage.startTracker();
    const peer = await bench.stage.startPeer({ share, trackerUrl: tracker.url, name: "bench" });
    const fileId = await announced(tracker.url, "bench", 1);
    const out = join(bench.folder, "out");
    const target = join(out, "bench.bin");
    const toDisk = (...command: [string, ...string[]]) =>
      timedCommand({
        bytes: SAMPLE_BYTES,
        async prepare() {
          await rm(out, { recursive: true, force: true });
          await mkdir(out);
        },
        command,
      });
    const ours = toDisk(...PEER_NODE, "download", fileId, "--tracker", tracker.url, "-o", target);
    const trials: Trial[] = [];

    const nginx = await startNginx(share, join(bench.folder, "nginx"));
    if (nginx === undefined) {
      bench.missing("nginx", "apt-get install nginx-light");
    } else {
      bench.defer(nginx.stop);
      trials.push({
        rows: [
          {
            name: "peer-node download, verified, on disk, against curl -o from nginx, not verified",
            figure: "bytesPerSecond",
            unit: "MiB/s",
            bar: { atLeast: 0.9 },
          },
        ],
        ours,
        theirs: toDisk("curl", "--silent", "--fail", "--output", target, `${nginx.url}/bench.bin`),
      });
    }

    if (!succeeds("aria2c", "--version")) {
      bench.missing("aria2", "apt-get install aria2");
    } else if (nginx !== undefined) {
      // With one connection, its default; four were no faster on loopback. It checks in the end, reading it all again.
      const checksum = `--checksum=sha-256=${await sha256Of(join(share, "bench.bin"))}`;
      const settings = ["--quiet", "--file-allocation=none", checksum, "--dir", out];
      trials.push({
        rows: [
          {
            name: "the same against aria2 with its checksum, on disk",
            figure: "bytesPerSecond",
            unit: "MiB/s",
            bar: { atLeast: 2.5 },
          },
        ],
        ours,
        theirs: toDisk("aria2c", ...settings, `${nginx.url}/bench.bin`),
      });
    }

    if (!succeeds(PYTHON, "-c", "import libtorrent")) {
      bench.missing("libtorrent", "apt-get install python3-libtorrent");
    } else {
      // From the same peer by its torrent: nginx as the web seed made no difference.
      const torrent = join(bench.folder, "bench.bin.torrent");
      const response = await fetch(`${peer.url}/files/${fileId}/bench.bin.torrent`);
      await writeFile(torrent, await response.bytes());
      trials.push({
        rows: [
          {
            name: "the same against libtorrent, on disk",
            figure: "bytesPerSecond",
            unit: "MiB/s",
            bar: { atLeast: 1 },
          },
          {
            name: "the same against libtorrent: what a second of the downloader's processor brings",
            figure: "bytesPerCpuSecond",
            unit: "bytes per CPU second",
            bar: { atLeast: 1.3 },
          },
        ],
        ours,
        theirs: toDisk(PYTHON, LIBTORRENT, torrent, out),
      });
    }
    return trials;
  },
};
