import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { type Socket, connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stage, createStage, until } from "./support/processes.ts";

// A tracker as its operator sees it: settings, log, an orderly end, a backup while it runs.

const main = fileURLToPath(new URL("../tracker/bin/panal-tracker.mjs", import.meta.url));
const run = (...args: string[]) => promisify(execFile)(process.execPath, [main, ...args]);

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

async function register(url: string, port: number): Promise<void> {
  const body = JSON.stringify({ port, files: [`notes-${port}.txt`] });
  expect((await fetch(`${url}/register`, { method: "POST", body })).status).toBe(201);
}

it("a backup of a running tracker can be started from", async () => {
  const tracker = await stage.startTracker();
  await register(tracker.url, 9001);
  const copy = join(stage.folder, "copy.db");
  await run("--data", join(stage.folder, "tracker"), "backup", copy);
  await expect(run("--data", join(stage.folder, "tracker"), "backup", copy)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("is there already"),
  });
  await register(tracker.url, 9002);
  await tracker.stop();

  const restored = join(stage.folder, "restored");
  await mkdir(restored);
  await rename(copy, join(restored, "tracker.db"));
  const again = await stage.startTracker({ args: ["--data", restored] });
  expect((await fetch(`${again.url}/search/notes-9001.txt`)).status).toBe(200);
  expect((await fetch(`${again.url}/search/notes-9002.txt`)).status).toBe(404);
  await again.stop();
});

it("an address may have so many connections, and is heard again when it has fewer", async () => {
  // Of the four thousand an address may have, this leaves eight to this machine.
  const tracker = await stage.startTracker({ args: ["--data", ":memory:", "--limits", "0.00002"] });
  const { port } = new URL(tracker.url);
  const sockets: Socket[] = [];
  try {
    /** Whether the tracker keeps a further connection: it answers there. */
    const isHeard = async () => {
      const socket = connect(Number(port), "127.0.0.1");
      sockets.push(socket);
      socket.on("error", () => {});
      // Not `once` of node:events, which takes the reset that may come first for a failure.
      const heard = new Promise<boolean>((resolve) => {
        socket.once("data", () => resolve(true));
        socket.once("close", () => resolve(false));
      });
      socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
      return heard;
    };
    for (let n = 0; n < 8; n++) expect(await isHeard()).toBe(true);
    expect(await isHeard()).toBe(false);
    sockets[0]!.destroy();
    await until("one is free", async () => ((await isHeard()) ? true : undefined));
  } finally {
    for (const socket of sockets) socket.destroy();
    await tracker.stop();
  }
});

it("SIGTERM ends event streams and the process, with 0; the log says so in JSON", async () => {
  const tracker = await stage.startTracker({ args: ["--data", ":memory:"] });
  const events = await fetch(`${tracker.url}/api/v1/events`);
  await fetch(`${tracker.url}/api/v1/stats`);
  const ended = events.text();
  await tracker.stop("SIGTERM");
  expect(tracker.child.exitCode).toBe(0);
  // Not cut off: a stream that breaks would reject.
  expect(await ended).toContain(":");
  expect(tracker.output()).toMatch(/^Panal tracker ready at http:\/\//m);
  const lines = tracker
    .output()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as { message: string; path?: string });
  expect(lines.map(({ message }) => message)).toEqual(
    expect.arrayContaining(["ready", "request", "stopping", "stopped"]),
  );
  expect(lines.map(({ path }) => path)).toContain("/api/v1/stats");
});

it("SIGTERM lets a request end that is on its way", async () => {
  const tracker = await stage.startTracker({ args: ["--data", ":memory:"] });
  const body = '{"port": 9003}';
  const sending = request(`${tracker.url}/register`, {
    method: "POST",
    headers: { "content-length": body.length, expect: "100-continue" },
  });
  sending.flushHeaders();
  // So the tracker has the headers, and waits for the rest.
  await once(sending, "continue");
  sending.write(body.slice(0, 5));
  const stopped = tracker.stop("SIGTERM");
  await until("the tracker stops", () => tracker.output().includes('"message":"stopping"') || undefined);
  await expect(fetch(`${tracker.url}/healthz`)).rejects.toThrow("fetch failed");
  sending.end(body.slice(5));
  const [response] = (await once(sending, "response")) as [IncomingMessage];
  expect(response.statusCode).toBe(201);
  response.resume();
  await stopped;
  expect(tracker.child.exitCode).toBe(0);
});

it("a log that nobody reads holds up neither requests nor the end", async () => {
  const child = spawn(process.execPath, [main, "--port", "0", "--host", "127.0.0.1", "--data", ":memory:"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    const [ready] = (await once(child.stdout, "data")) as [Buffer];
    const url = /http:\S+/.exec(ready.toString())![0];
    // More than a pipe takes.
    for (let n = 0; n < 1_000; n++) {
      expect((await fetch(`${url}/${"x".repeat(1_000)}`)).status).toBe(404);
    }
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    expect(await exit).toEqual([0, null]);
  } finally {
    child.kill("SIGKILL");
  }
});

it("what is wrong at the start is said in one sentence that names it", async () => {
  const file = join(stage.folder, "a file");
  await writeFile(file, "");
  const taken = await stage.startTracker({ args: ["--data", ":memory:"] });
  const { port } = new URL(taken.url);
  const starts: [string[], number, RegExp][] = [
    [["--data", file], 2, /^panal-tracker: --data: .*a file: is a file; it must be a folder\n$/],
    [
      ["--host", "203.0.113.9", "--data", ":memory:"],
      2,
      /^panal-tracker: --host: 203\.0\.113\.9: no address of this machine\n$/,
    ],
    [
      ["--prot", "1"],
      2,
      /^panal-tracker: unknown option '--prot'\n\(Did you mean --port\?\)\npanal-tracker --help/,
    ],
    [
      ["--port", port, "--host", "127.0.0.1", "--data", ":memory:"],
      1,
      /^panal-tracker: port \d+ is taken by another program: stop that, or choose another port with --port\n$/m,
    ],
  ];
  for (const [args, code, stderr] of starts)
    await expect(run(...args)).rejects.toMatchObject({ code, stderr: expect.stringMatching(stderr) });
  const { env } = process;
  await expect(
    promisify(execFile)(process.execPath, [main], { env: { ...env, PANAL_TRACKER_TRUSTED_PROXY: "caddy" } }),
  ).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^panal-tracker: PANAL_TRACKER_TRUSTED_PROXY: /),
  });
  await taken.stop();
});

it("--help shows each setting with its variable, and backup", async () => {
  const { stdout } = await run("--help");
  for (const part of ["--metrics-from <address>", "[PANAL_TRACKER_PORT]", "backup <file>"]) {
    expect(stdout.replace(/\s+/g, " ")).toContain(part);
  }
});
