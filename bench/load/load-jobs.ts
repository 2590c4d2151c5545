import type { Latencies, PaceJob } from "./pace.ts";
import type { SaturateJob, Saturation } from "./saturate.ts";
import type { ChangeJob } from "./change.ts";
import type { Delays } from "./delays.ts";
import type { ListenJob, ListenedJob } from "./listen.ts";
import type { PrepareListsJob, SendListsJob, SentLists } from "./send-lists.ts";

/** What a load process can be told to do, and what it answers. */
export interface LoadJobs {
  saturate: { job: SaturateJob; result: Saturation };
  pace: { job: PaceJob; result: Latencies };
  "prepare-lists": { job: PrepareListsJob; result: { bytes: number } };
  "send-lists": { job: SendListsJob; result: SentLists };
  listen: { job: ListenJob; result: { listeners: number } };
  listened: { job: ListenedJob; result: Delays };
  change: { job: ChangeJob; result: { changes: number } };
}

export type LoadJob = LoadJobs[keyof LoadJobs]["job"];
export type LoadResult = LoadJobs[keyof LoadJobs]["result"];

export type ToLoadProcess =
  | { readonly type: "job"; readonly job: LoadJob }
  /** Ends a job that has no end of its own. */
  | { readonly type: "stop" };

export type FromLoadProcess =
  | { readonly type: "ready" }
  | { readonly type: "done"; readonly result: LoadResult }
  | { readonly type: "failed"; readonly message: string };
