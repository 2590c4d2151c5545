import { type HashThreads, createHashThreads } from "@panal/sdk/node";
import { EXIT } from "./exit-codes.ts";

/** What work on files has while it runs. */
export interface WorkTools {
  threads: HashThreads;
  /** Aborted by Ctrl-C, and when the work is over. */
  signal: AbortSignal;
}

/**
 * Runs work that Ctrl-C stops tidily, with threads that start while it finds out what there is to do. `threadCount`: default as many as leave a
 * core to the work itself.
 */
export async function runInterruptible(
  work: (tools: WorkTools) => Promise<void>,
  { threadCount }: { threadCount?: number } = {},
): Promise<void> {
  const stop = new AbortController();
  const interrupt = () => {
    // The second time nobody wants to wait for a tidy end; what is verified is journaled anyway.
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    stop.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const threads = createHashThreads(threadCount);
  try {
    await work({ threads, signal: stop.signal });
  } finally {
    await threads.close();
    // Ends what still waits, such as questions to the tracker.
    stop.abort();
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}
