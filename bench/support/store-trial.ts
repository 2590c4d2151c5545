import type { Job, Outcome } from "../page/job.ts";
import type { Contender, Row, Trial } from "./trial.ts";
import { until } from "../../e2e/support/processes.ts";

/** A browser with the benchmark's page. */
export interface BenchBrowser {
  evaluate<T>(expression: string): Promise<T>;
}

const PLACES: Readonly<Record<Job["target"], string>> = {
  opfs: "written to OPFS (createSyncAccessHandle)",
  picked: "written to a FileSystemFileHandle (createWritable, positional writes)",
  nothing: "thrown away",
};

interface StoreTrialOptions {
  readonly target: Job["target"];
  readonly fileId: string;
  readonly fileBytes: number;
  readonly peerUrl: string;
  readonly row: Pick<Row, "name" | "bar">;
}

/** Our client into a store, against a bare fetch into the same. */
export function storeTrial(page: BenchBrowser, options: StoreTrialOptions): Trial {
  const { target, fileId, fileBytes, peerUrl, row } = options;
  const contender = (client: Job["client"], command: string): Contender => ({
    command: `${command}, ${PLACES[target]}`,
    async run() {
      const job: Job = { client, target, fileId, peerUrl };
      const { milliseconds } = await page.evaluate<Outcome>(`runJob(${JSON.stringify(job)})`);
      return { bytesPerSecond: fileBytes / (milliseconds / 1000) };
    },
  });
  return {
    rows: [{ ...row, figure: "bytesPerSecond", unit: "MiB/s" }],
    ours: contender("panal", "download() over gRPC-Web in a worker, every piece checked"),
    theirs: contender("fetch", 'fetch("/files/...") with a BYOB reader in a worker'),
  };
}

export async function benchPageLoaded(page: BenchBrowser): Promise<void> {
  await until("the benchmark's page is loaded", async () =>
    (await page.evaluate<boolean>('typeof runJob === "function"')) ? true : undefined,
  );
}
