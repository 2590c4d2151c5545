import { createHash } from "node:crypto";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { renderUnicodeCompact } from "uqr";
import { takenPorts } from "./free-port.ts";
import { type Program, startProgram } from "./program.ts";
import { type PlannedPeer, type StartPlan, StartUsageError, USAGE, parseStartArgs } from "./start-options.ts";
import { buildCommandLine } from "./command-line.ts";
import { buildWebApp, isWebAppStale } from "./web-app.ts";

const LOOPBACK = "127.0.0.1";
const ASK_AGAIN_MS = 100;
/** A cold, busy machine takes this long at most; something is wrong after that. */
const READY_TIMEOUT_MS = 60_000;

/** A sentence for whoever started it; what ran is stopped. */
class StartError extends Error {}

/** `npm start`: see USAGE. Gives the exit code: 0 when it was stopped, 1 when something failed, 2 for a wrong option. */
async function main(args: readonly string[]): Promise<number> {
  const stopped = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      // The second time nobody wants to wait; what runs ends by itself when this is gone.
      if (stopped.signal.aborted) process.exit(1);
      console.log("\nStopping ...");
      stopped.abort();
    });
  }
  const programs: Program[] = [];
  try {
    // npm changes into the repository; paths are relative to where the command was typed.
    const plan = await parseStartArgs(args, process.env["INIT_CWD"] ?? process.cwd());
    if (plan === undefined) {
      console.log(USAGE);
      return 0;
    }
    await checkPorts(plan);
    await prepareBuilds();
    await run(plan, programs, stopped.signal);
    return 0;
  } catch (error) {
    if (stopped.signal.aborted) return 0;
    if (error instanceof StartUsageError) {
      console.error(`${error.message}\n\n${USAGE}`);
      return 2;
    }
    if (!(error instanceof StartError)) throw error;
    console.error(`\n${error.message}`);
    return 1;
  } finally {
    await stopAll(programs);
  }
}

/** Starts everything and goes on until the signal fires or one of the programs ends. */
async function run(plan: StartPlan, programs: Program[], signal: AbortSignal): Promise<void> {
  let isReady = false;
  /** Fires as well when this is over for another reason, so that nothing goes on waiting. */
  const over = new AbortController();
  const ended: Promise<never>[] = [];
  const start = (name: string, script: string, args: readonly string[]) => {
    const onLine = (line: string) => {
      // Until then this script says itself how far things are.
      if (isReady && !signal.aborted && !over.signal.aborted) console.log(`${name}: ${line}`);
    };
    const program = startProgram({ name, script, args, onLine });
    programs.push(program);
    ended.push(
      program.ended.then((how) => {
        const lines = program.lastLines.map((line) => `  ${line}`).join("\n");
        throw new StartError(
          `${name} has ended (${how}), so the rest is stopped, too. Its last words:\n${lines}`,
        );
      }),
    );
    ended.at(-1)!.catch(() => {});
  };
  const untilUp = (url: string, what: string) =>
    Promise.race([untilAnswered(url, what, AbortSignal.any([signal, over.signal])), ...ended]);
  const host = plan.isForLan ? [] : ["--host", LOOPBACK];
  const trackerUrl = `http://${LOOPBACK}:${plan.trackerPort}`;

  start("tracker", "tracker/bin/panal-tracker.mjs", [
    "--port",
    String(plan.trackerPort),
    "--data",
    plan.dataDir,
    // Who has just one terminal wants to hear of trouble, not of each request.
    "--log-level",
    "warn",
    ...host,
  ]);
  try {
    await untilUp(`${trackerUrl}/healthz`, "the tracker");
    for (const peer of plan.peers) {
      const { name, port, folder } = peer;
      const options = [
        `--tracker=${trackerUrl}`,
        `--port=${port}`,
        `--name=${name}`,
        `--state=${stateOf(peer, plan)}`,
      ];
      start(name, "peer-node/bin/peer-node.mjs", ["share", ...options, ...host, "--", folder]);
    }
    for (const { name, port } of plan.peers) await untilUp(`http://${LOOPBACK}:${port}/healthz`, name);
    signal.throwIfAborted();
    isReady = true;
    printReady(plan);
    await Promise.race([once(signal, "abort"), ...ended]);
  } finally {
    over.abort();
  }
}

async function checkPorts({ trackerPort, isForLan, peers }: StartPlan): Promise<void> {
  const ports = [trackerPort, ...peers.map(({ port }) => port)];
  const taken = await takenPorts(ports, isForLan ? undefined : LOOPBACK);
  if (taken.length === 0) return;
  const which = taken.length === 1 ? `Port ${taken[0]} is` : `Ports ${taken.join(", ")} are`;
  throw new StartError(
    `${which} taken by another program (perhaps Panal runs already?). Stop that, or choose other ports:\n` +
      `  npm start -- --port N     the tracker at N, peers at N+1 ...`,
  );
}

async function prepareBuilds(): Promise<void> {
  await buildCommandLine();
  if (!(await isWebAppStale())) return;
  console.log("Building the web app ...");
  const { exitCode, output } = await buildWebApp();
  if (exitCode !== 0) throw new StartError(`The web app can't be built:\n${output}`);
}

/** Of its own for each folder and port, so that other folders tomorrow don't mean hashing these again. */
function stateOf({ port, folder }: PlannedPeer, { dataDir }: StartPlan): string {
  const name = createHash("sha256").update(folder).digest("hex").slice(0, 12);
  return join(dataDir, `peer-${port}-${name}`);
}

async function untilAnswered(url: string, what: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const isAnswered = await fetch(url, { signal }).then(
      async (response) => {
        await response.body?.cancel();
        return response.ok;
      },
      () => false,
    );
    if (isAnswered) return;
    if (performance.now() > deadline) throw new StartError(`${what} doesn't answer at ${url}`);
    await sleep(ASK_AGAIN_MS, undefined, { signal });
  }
}

function printReady({ trackerPort, isForLan, peers }: StartPlan): void {
  const lanHost = isForLan ? lanAddress() : undefined;
  const lanUrl = lanHost === undefined ? undefined : `http://${lanHost}:${trackerPort}`;
  const rows: [string, string][] = [
    ["Panal", `http://localhost:${trackerPort}`],
    ...(lanUrl === undefined ? [] : ([["on your network", lanUrl]] satisfies [string, string][])),
    ...peers.map(({ name, port, folder }): [string, string] => [name, `http://localhost:${port}  ${folder}`]),
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  console.log(`\n${rows.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`).join("\n")}`);
  if (lanUrl !== undefined) console.log(`\n${renderUnicodeCompact(lanUrl, { border: 2 })}`);
  else if (isForLan) console.log("\n  This machine has no address on a network now.");
  console.log("\nReady. Ctrl-C stops everything.");
}

/** The address others are most likely to reach this machine at. */
function lanAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
}

/** Peers first: they log out at the tracker. */
async function stopAll(programs: readonly Program[]): Promise<void> {
  const [tracker, ...peers] = programs;
  await Promise.all(peers.map((peer) => peer.stop()));
  await tracker?.stop();
}

process.exitCode = await main(process.argv.slice(2));
