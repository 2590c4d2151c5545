import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FromLoadProcess, LoadJobs, ToLoadProcess } from "./load-jobs.ts";

const SCRIPT = fileURLToPath(new URL("load-process.ts", import.meta.url));

type Job<K extends keyof LoadJobs> = LoadJobs[K]["job"] & { readonly type: K };

/** A load process, from outside. */
export interface LoadGenerator {
  /** Settles when the job is done; one at a time. Throws what went wrong. */
  run<K extends keyof LoadJobs>(job: Job<K>): Promise<LoadJobs[K]["result"]>;
  /** Ends a job that has no end of its own; `run` then gives what it has. */
  stop(): void;
  close(): Promise<void>;
}

export async function startLoadGenerator(): Promise<LoadGenerator> {
  const child = fork(SCRIPT, [], { serialization: "advanced" });
  const ready = await nextMessage(child);
  if (ready.type !== "ready") throw new Error("a load process didn't begin as it should");
  const send = (message: ToLoadProcess) => child.send(message);
  return {
    async run(job) {
      const answer = nextMessage(child);
      send({ type: "job", job });
      const message = await answer;
      if (message.type !== "done") {
        throw new Error(message.type === "failed" ? message.message : `unexpected ${message.type}`);
      }
      return message.result as never;
    },
    stop: () => send({ type: "stop" }),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}

function nextMessage(child: ChildProcess): Promise<FromLoadProcess> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown) => {
      child.off("exit", onExit);
      resolve(message as FromLoadProcess);
    };
    const onExit = (code: number | null) => {
      child.off("message", onMessage);
      reject(new Error(`a load process ended with ${code}`));
    };
    child.once("message", onMessage);
    child.once("exit", onExit);
  });
}
