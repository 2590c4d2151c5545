import type { Job, Outcome, Reply } from "./job.ts";

/** What the benchmark calls: each job in a new worker, as a page's first download would be. */
function runJob(job: Job): Promise<Outcome> {
  const worker = new Worker(new URL("./bench.worker.ts", import.meta.url), { type: "module" });
  const result = Promise.withResolvers<Outcome>();
  worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
    if ("error" in data) result.reject(new Error(data.error));
    else result.resolve(data);
  });
  worker.addEventListener("error", ({ message }) => result.reject(new Error(message)));
  worker.postMessage(job);
  return result.promise.finally(() => worker.terminate());
}

Object.assign(globalThis, { runJob });
