import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { postgresUser } from "./find-postgres.ts";

// Runs a PostgreSQL server for as long as stdin is open, and takes its folder away then: also when whoever started it was
// killed, nothing stays behind. A line on stdin ends the server only. Started by postgres-server.ts.

const [folder, program, ...args] = process.argv.slice(2);
if (folder === undefined || program === undefined)
  throw new Error("usage: postgres-keeper FOLDER PROGRAM [ARGUMENT ...]");

const server = spawn(program, args, { ...postgresUser(), cwd: "/", stdio: ["ignore", "pipe", "pipe"] });
for (const stream of [server.stdout, server.stderr]) stream.pipe(process.stdout, { end: false });
// Nobody may read that any more.
process.stdout.on("error", () => {});

let isKept = false;
process.stdin.on("data", () => (isKept = true));
// At once: who is connected is cut off.
process.stdin.on("end", () => server.kill("SIGQUIT"));
// It ends with whoever started it, not with the terminal's Ctrl-C, which they all get.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => server.kill("SIGQUIT"));
server.on("exit", () => {
  if (!isKept) rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
