import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "./support/processes.ts";

// The script behind `npm start`, run as npm runs it but for the installing; it builds the web app when that is stale.

const script = fileURLToPath(new URL("../scripts/start.ts", import.meta.url));
const TIMEOUT_MS = 120_000;

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exitCode: Promise<number | null>;
}

let folder: string;
let port: number;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "panal-start-"));
  for (const share of ["Music", "Films"]) {
    await mkdir(join(folder, share));
    await writeFile(join(folder, share, "hum.txt"), "the same in both");
  }
  port = await freePorts(3);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The first of some ports in a row that the system says are free. */
async function freePorts(count: number): Promise<number> {
  for (;;) {
    const servers = [await listen(0)];
    const first = (servers[0]!.address() as AddressInfo).port;
    try {
      while (servers.length < count) servers.push(await listen(first + servers.length));
      return first;
    } catch {
      // Somebody has one of them; there are others.
    } finally {
      for (const server of servers) server.close();
    }
  }
}

async function listen(port: number) {
  const server = createServer().listen({ port, host: "127.0.0.1" });
  await once(server, "listening");
  return server;
}

function start(...args: string[]): Running {
  const options = ["--port", String(port), "--data", join(folder, "data"), ...args];
  const child = spawn(process.execPath, [script, ...options], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, INIT_CWD: folder },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const exitCode = once(child, "close").then(([code]) => code as number | null);
  return { child, output: () => output, exitCode };
}

function ready({ child, output }: Running): Promise<true> {
  return until("ready line", () => {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}:\n${output()}`);
    return output().includes("\nReady.") ? true : undefined;
  });
}

async function peerCount(): Promise<number> {
  const response = await fetch(`http://localhost:${port}/api/v1/files?q=hum`);
  const { files } = (await response.json()) as { files: { peerCount: number }[] };
  return files[0]?.peerCount ?? 0;
}

/** Whether nobody listens any more at any of its ports. */
async function isGone(): Promise<true | undefined> {
  try {
    for (const offset of [0, 1, 2]) (await listen(port + offset)).close();
    return true;
  } catch {
    return undefined;
  }
}

it("npm start shares the folders, answers, and ends with 0 on Ctrl-C", { timeout: TIMEOUT_MS }, async () => {
  const running = start("--share", "Music", "--share", "Films");
  await ready(running);
  expect(running.output()).toContain(`http://localhost:${port}\n`);
  await until("both peers share", async () => ((await peerCount()) === 2 ? true : undefined));
  const page = await fetch(`http://localhost:${port}/`);
  expect(page.headers.get("content-type")).toMatch(/^text\/html/);

  const second = start();
  expect(await second.exitCode).toBe(1);
  expect(second.output()).toContain(`Ports ${port}, ${port + 1}, ${port + 2} are taken`);
  expect(second.output()).toContain("--port N");

  running.child.kill("SIGINT");
  expect(await running.exitCode).toBe(0);
  expect(await isGone()).toBe(true);
});

it("npm start stops the rest when its starter is killed", { timeout: TIMEOUT_MS }, async () => {
  const running = start("--share", "Music", "--share", "Films");
  await ready(running);
  running.child.kill("SIGKILL");
  await until("all ports are free", isGone);
});

it(
  "npm start refuses a folder that isn't there, before it starts anything",
  { timeout: TIMEOUT_MS },
  async () => {
    const running = start("--share", "nowhere");
    expect(await running.exitCode).toBe(2);
    expect(running.output()).toContain(`--share ${join(folder, "nowhere")}: there is no such folder`);
  },
);
