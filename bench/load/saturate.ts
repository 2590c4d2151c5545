import { type Expectation, expectAnswer } from "./expectation.ts";
import { openConnections } from "./http-connections.ts";

export interface SaturateJob {
  readonly type: "saturate";
  readonly port: number;
  /** Whole requests, sent in turn, again and again. */
  readonly requests: readonly string[];
  readonly expected: Expectation;
  /** Each sends its next request as soon as it has the answer to the one before. */
  readonly connections: number;
  readonly durationMs: number;
}

export interface Saturation {
  readonly answers: number;
  readonly answersPerSecond: number;
}

/** As many requests as the other end answers. */
export async function saturate(job: SaturateJob): Promise<Saturation> {
  const { requests, expected, durationMs } = job;
  const connections = openConnections(job.port, job.connections);
  let [sent, answered] = [0, 0];
  const startedAt = performance.now();
  const until = startedAt + durationMs;
  async function ask(): Promise<void> {
    while (performance.now() < until) {
      const answer = await connections.request(requests[sent++ % requests.length]!);
      expectAnswer(answer, expected);
      answered++;
    }
  }
  try {
    await Promise.all(Array.from({ length: job.connections }, ask));
  } finally {
    connections.close();
  }
  return { answers: answered, answersPerSecond: answered / ((performance.now() - startedAt) / 1000) };
}
