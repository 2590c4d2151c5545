import { arrivals } from "./arrivals.ts";
import { type Expectation, expectAnswer } from "./expectation.ts";
import { openConnections } from "./http-connections.ts";

/** More at the same time only wait at the other end. */
const MAX_CONNECTIONS = 512;

export interface PacedRequest {
  /** A whole request. */
  readonly bytes: string;
  readonly expected: Expectation;
  /** Latencies are told apart by it. */
  readonly label: string;
}

export interface PaceJob {
  readonly type: "pace";
  readonly port: number;
  /** Sent in turn, again and again. */
  readonly requests: readonly PacedRequest[];
  readonly ratePerSecond: number;
  /** How many; without it, until stopped. */
  readonly count?: number;
  readonly isPunctual?: boolean;
}

/** Milliseconds from when a request was due to its answer, by label. */
export type Latencies = Readonly<Record<string, readonly number[]>>;

/** Requests at a fixed rate, however long the answers take. Fails with the first wrong answer. */
export async function pace(job: PaceJob, stopping: AbortSignal): Promise<Latencies> {
  const connections = openConnections(job.port, MAX_CONNECTIONS);
  const latencies: Record<string, number[]> = {};
  const asked: Promise<void>[] = [];
  const failed = new AbortController();

  async function ask({ bytes, expected, label }: PacedRequest, dueAt: number): Promise<void> {
    const answer = await connections.request(bytes);
    const latencyMs = performance.now() - dueAt;
    expectAnswer(answer, expected);
    (latencies[label] ??= []).push(latencyMs);
  }

  try {
    const signal = AbortSignal.any([stopping, failed.signal]);
    await arrivals({ ...job, signal }, (index, dueAt) => {
      const asking = ask(job.requests[index % job.requests.length]!, dueAt);
      asking.catch((error: unknown) => failed.abort(error));
      asked.push(asking);
    });
    await Promise.all(asked);
  } finally {
    connections.close();
  }
  return latencies;
}
