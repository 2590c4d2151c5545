import { spawnSync } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../../e2e/support/processes.ts";
import { type Group, LIMITED_BYTES, PEER_NODE } from "../support/bench.ts";
import { openFarPath } from "../support/far-path.ts";
import { succeeds } from "../support/succeeds.ts";
import { startHelper, timedCommand } from "../support/timed-command.ts";

const ROUND_TRIP_MS = 20;
/** 1 Gbit/s: more than most paths of that length have, and less than what a loaded machine could hold up by itself. */
const PATH_BYTES_PER_SECOND = 125e6;
/** Nobody listens there: the peer is asked by its address. */
const NO_TRACKER = "http://127.0.0.1:9";

/** One peer, far away: the engine hides the round trip, as one long answer to curl does. */
export const roundTrip: Group = {
  name: "round-trip",
  report: "results.md",
  async prepare(bench) {
    const share = await bench.sampleShare(LIMITED_BYTES);
    const [node, ...script] = PEER_NODE;
    const hashed = spawnSync(node, [...script, "hash", join(share, "bench.bin")]);
    const fileId = String(hashed.stdout).slice(0, String(hashed.stdout).indexOf(" "));

    const path = await openFarPath({ roundTripMs: ROUND_TRIP_MS, bytesPerSecond: PATH_BYTES_PER_SECOND });
    bench.defer(path.close);
    const state = join(bench.folder, "far-peer");
    const within = (...words: [string, ...string[]]) => [...path.within, ...words] as [string, ...string[]];
    const atFreePort = ["--host", "127.0.0.1", "--port", "0", "--tracker", NO_TRACKER, "--state", state];
    const peer = await startHelper(within(...PEER_NODE, "share", ...atFreePort, share));
    bench.defer(peer.stop);
    const url = await path.leadTo(/http:\S+/.exec(peer.line)![0]);
    const door = `${url}/files/${fileId}/bench.bin`;
    const asking = within("curl", "--silent", "--fail", "--head", door);
    await until("the far peer has the file", () => (succeeds(...asking) ? true : undefined));

    const out = join(bench.folder, "out");
    const target = join(out, "bench.bin");
    const toDisk = (...words: [string, ...string[]]) =>
      timedCommand({
        bytes: LIMITED_BYTES,
        async prepare() {
          await rm(out, { recursive: true, force: true });
          await mkdir(out);
        },
        command: within(...words),
      });
    return [
      {
        rows: [
          {
            name: `one peer at ${ROUND_TRIP_MS} ms round trip and 1 Gbit/s (${path.kind}), against curl -o on the same path`,
            figure: "bytesPerSecond",
            unit: "MiB/s",
            bar: { atLeast: 0.9 },
          },
        ],
        ours: toDisk(...PEER_NODE, "download", fileId, "--peer", url, "-o", target),
        theirs: toDisk("curl", "--silent", "--fail", "--output", target, door),
      },
    ];
  },
};
