import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createTrackerClient, download, followFileSources } from "@panal/sdk";
import { createFileStore, createNodePeerSource, nodeHashBlocks } from "@panal/sdk/node";
import { announced } from "../../e2e/support/processes.ts";
import { writeSampleFile } from "../../e2e/support/sample-file.ts";
import { type Group, SAMPLE_BYTES } from "../support/bench.ts";
import type { Trial } from "../support/trial.ts";

const SMALL_BYTES = 100_000;
const LIMIT_MS = 60;

/** What somebody waits for after choosing a file, in a process that has been running for a while, as the app is. */
export const firstByte: Group = {
  name: "first-byte",
  report: "results.md",
  async prepare(bench) {
    const tracker = await bench.stage.startTracker();
    const smallShare = join(bench.folder, "small");
    await mkdir(smallShare);
    await writeSampleFile(join(smallShare, "small.bin"), SMALL_BYTES);
    const shares = { large: await bench.sampleShare(), small: smallShare };
    for (const [name, share] of Object.entries(shares)) {
      await bench.stage.startPeer({ share, trackerUrl: tracker.url, name });
    }
    await announced(tracker.url, "bench", 1);
    await announced(tracker.url, "small", 1);

    const client = createTrackerClient({ url: tracker.url });
    const out = join(bench.folder, "out");

    /** From a row of the search to the first piece that was checked and written. */
    async function firstVerifiedMs(q: string): Promise<number> {
      const { files } = await client.searchFiles({ q });
      const { fileId } = files[0]!;
      await rm(out, { recursive: true, force: true });
      await mkdir(out);
      const ended = new AbortController();
      const fromMs = performance.now();
      let verifiedMs = NaN;
      const sources = await followFileSources({
        fileId,
        tracker: client,
        createSource: createNodePeerSource,
        signal: ended.signal,
      });
      await download({
        fileId,
        sources,
        store: createFileStore({ path: join(out, "first.bin") }),
        hashBlocks: nodeHashBlocks,
        signal: ended.signal,
        onEvent({ type }) {
          if (type !== "piece-verified" || ended.signal.aborted) return;
          verifiedMs = performance.now() - fromMs;
          ended.abort();
        },
      }).catch((error: unknown) => {
        if (Number.isNaN(verifiedMs)) throw error;
      });
      return verifiedMs;
    }

    const trialOf = (q: string, what: string): Trial => ({
      rows: [
        {
          name: `search result to first verified byte, loopback, ${what}`,
          figure: "milliseconds",
          unit: "ms",
          bar: { atMost: LIMIT_MS },
        },
      ],
      ours: {
        command: `followFileSources() and download() of a file found by "${q}", to its first piece-verified`,
        run: async () => ({ milliseconds: await firstVerifiedMs(q) }),
      },
    });
    return [
      trialOf("small", `a file of ${SMALL_BYTES / 1000} kB`),
      trialOf("bench", `a file of ${SAMPLE_BYTES / 1024 ** 3} GiB`),
    ];
  },
};
