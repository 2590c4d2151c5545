import { spawn } from "node:child_process";
import { once } from "node:events";
import { until } from "./processes.ts";

/** A container's process, as it is to be run without one. */
export interface PlainService {
  readonly name: string;
  readonly command: readonly string[];
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** As in a Dockerfile: `1000:1000`. Only root can become somebody else; for others it says nothing. */
  readonly user?: string | undefined;
  /** A command that succeeds when it is well. */
  readonly healthCheck: readonly string[];
  readonly stopSignal: string;
}

export interface RunningService {
  readonly name: string;
  /** What it has printed, both streams. */
  output(): string;
  isHealthy(): Promise<boolean>;
  becomesHealthy(): Promise<void>;
  /** Sends the signal it is to be stopped with; gives its exit code, null when a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export function startService(service: PlainService): RunningService {
  const [uid, gid] = (service.user ?? "").split(":").map(Number);
  const settings = {
    cwd: service.cwd,
    env: service.env,
    ...(service.user !== undefined && process.getuid?.() === 0 ? { uid: uid!, gid: gid! } : {}),
  };
  const [program, ...args] = service.command;
  const child = spawn(program!, args, { ...settings, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const ended = once(child, "close").then(([code]) => code as number | null);

  async function isHealthy(): Promise<boolean> {
    const [checker, ...checkArgs] = service.healthCheck;
    const checking = spawn(checker!, checkArgs, { ...settings, stdio: "ignore" });
    const [code] = (await once(checking, "exit")) as [number | null];
    return code === 0;
  }

  return {
    name: service.name,
    output: () => output,
    isHealthy,
    async becomesHealthy() {
      const healthy = until(`${service.name} is healthy`, async () => {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`${service.name} has ended with ${child.exitCode}`);
        return (await isHealthy()) || undefined;
      });
      await healthy.catch((error: unknown) => {
        throw new Error(`${String(error)}. It said:\n${output}`, { cause: error });
      });
    },
    stop(signal = service.stopSignal as NodeJS.Signals) {
      child.kill(signal);
      return ended;
    },
  };
}
