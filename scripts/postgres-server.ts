import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { postgresUser } from "./find-postgres.ts";
import { runCommand } from "./run-command.ts";

const KEEPER = fileURLToPath(new URL("postgres-keeper.ts", import.meta.url));
const ROLE = "panal";
/** What a crash of the machine would cost is no concern of a test. */
const SETTINGS = {
  listen_addresses: "",
  fsync: "off",
  full_page_writes: "off",
  max_connections: "200",
};

/** A throw-away server that only this machine's programs reach, by a socket in a folder of its own. */
export interface PostgresServer {
  /** Of one of its databases. */
  url(database: string): string;
  /** Ends it at once, as a crash would; what was committed is there when it starts again. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends it, and takes its folder away. */
  remove(): Promise<void>;
}

/** `programs`: the folder of `initdb` and `postgres`. It ends, and its folder goes, also when this process is killed. */
export async function startPostgresServer(programs: string): Promise<PostgresServer> {
  const user = postgresUser();
  const folder = await mkdtemp(join(tmpdir(), "panal-postgres-"));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, "data");
  await runAs(user, join(programs, "initdb"), [
    "-D",
    data,
    "-U",
    ROLE,
    "--auth=trust",
    "--no-sync",
    "--encoding=UTF8",
    // One that knows what a letter is, in any language; others have no such name for it.
    `--locale=${process.platform === "linux" ? "C.UTF-8" : "C"}`,
  ]);
  const settings = Object.entries({ ...SETTINGS, unix_socket_directories: folder });
  const args = ["-D", data, ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`])];

  let keeper: ChildProcess | undefined;
  const server: PostgresServer = {
    url: (database) => `postgres://${ROLE}@localhost/${database}?host=${encodeURIComponent(folder)}`,
    async start() {
      // Its end of the pipe closes when we end, however that comes about.
      keeper = spawn(process.execPath, [KEEPER, folder, join(programs, "postgres"), ...args], {
        stdio: ["pipe", "pipe", "inherit"],
        detached: process.platform !== "win32",
      });
      await ready(keeper);
    },
    async stop() {
      if (keeper === undefined) return;
      const gone = once(keeper, "exit");
      keeper.stdin!.end("stop\n");
      await gone;
      keeper = undefined;
    },
    async remove() {
      if (keeper === undefined) return;
      const gone = once(keeper, "exit");
      keeper.stdin!.end();
      await gone;
      keeper = undefined;
    },
  };
  await server.start();
  return server;
}

async function ready(keeper: ChildProcess): Promise<void> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: keeper.stdout! })) {
    lines.push(line);
    if (line.includes("database system is ready to accept connections")) {
      // What it says from now on nobody wants to know; unread, it would wait.
      keeper.stdout!.resume();
      return;
    }
  }
  throw new Error(`PostgreSQL didn't start:\n${lines.join("\n")}`);
}

async function runAs(
  user: ReturnType<typeof postgresUser>,
  program: string,
  args: readonly string[],
): Promise<void> {
  if (user === undefined) {
    const { exitCode, output } = await runCommand([program, ...args]);
    if (exitCode !== 0) throw new Error(`${program} ended with ${exitCode}:\n${output}`);
    return;
  }
  const child = spawn(program, args, { ...user, cwd: "/", stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const [exitCode] = (await once(child, "close")) as [number | null];
  if (exitCode !== 0) throw new Error(`${program} ended with ${exitCode}:\n${output}`);
}
