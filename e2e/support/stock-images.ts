import { spawn } from "node:child_process";
import { once } from "node:events";
import { chown, readdir, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { postgresFolders, postgresUser } from "../../scripts/find-postgres.ts";
import { findProgram } from "../../scripts/find-program.ts";
import { findCaddy } from "../../scripts/find-proxies.ts";
import { HOST } from "./loopback-hosts.ts";
import type { PlainService } from "./plain-service.ts";

/** What is known of a service without looking into its image. */
export type ServiceWords = Omit<PlainService, "command" | "stopSignal"> & {
  readonly args: readonly string[];
};

export function caddyPlan({ args, ...words }: ServiceWords): PlainService {
  return { ...words, command: [findCaddy() ?? "caddy", ...args.slice(1)], stopSignal: "SIGTERM" };
}

/** Caddy's file, with other ports, and kept on this machine; each of these must be found in it. */
export function plainCaddyfile(
  text: string,
  { httpPort, portOf }: { httpPort: number; portOf: (port: number) => number },
): string {
  const options = `\tadmin off\n\tdefault_bind ${HOST}\n\thttp_port ${httpPort}`;
  const inserted = replaceOnce(text, /^\tadmin off$/m, () => options);
  return replaceOnce(inserted, /^http:\/\/:(\d+) \{$/m, (port) => `http://:${portOf(Number(port))} {`);
}

/** As the image of PostgreSQL does it: what isn't there yet is made, with the environment's user, password and database. */
export async function postgresPlan(
  { args, ...words }: ServiceWords,
  { data, port }: { data: string; port: number },
): Promise<PlainService> {
  if (args.length > 0) throw new Error(`postgres: what do ${args.join(" ")} mean without a container?`);
  const programs = postgresFolders()[0];
  if (programs === undefined) throw new Error("There is no PostgreSQL: npm test gets one.");
  const owner = postgresUser();
  if (owner !== undefined) await chown(data, owner.uid, owner.gid);
  const run = async (program: string, options: readonly string[], input = "") => {
    const child = spawn(join(programs, program), options, {
      ...owner,
      cwd: "/",
      stdio: ["pipe", "ignore", "inherit"],
    });
    child.stdin.end(input);
    const [exitCode] = (await once(child, "close")) as [number | null];
    if (exitCode !== 0) throw new Error(`${program} ended with ${exitCode}`);
  };
  const user = words.env["POSTGRES_USER"]!;
  if ((await readdir(data)).length === 0) {
    const passwordFile = `${data}.password`;
    await writeFile(passwordFile, words.env["POSTGRES_PASSWORD"]!);
    await run("initdb", [
      `--pgdata=${data}`,
      `--username=${user}`,
      `--pwfile=${passwordFile}`,
      "--encoding=UTF8",
      "--no-sync",
      `--locale=${process.platform === "linux" ? "C.UTF-8" : "C"}`,
      "--auth-host=scram-sha-256",
      "--auth-local=trust",
    ]);
    await rm(passwordFile);
    await run(
      "postgres",
      ["--single", "-D", data, "postgres"],
      `CREATE DATABASE "${words.env["POSTGRES_DB"]}"\n`,
    );
  }
  const settings = { listen_addresses: HOST, port, unix_socket_directories: "", fsync: "off" };
  return {
    ...words,
    command: [
      join(programs, "postgres"),
      "-D",
      data,
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    cwd: "/",
    user: owner === undefined ? undefined : `${owner.uid}:${owner.gid}`,
    healthCheck: readyCheck(words.healthCheck, { programs, port }),
    // It ends what its clients do, and is quick about it.
    stopSignal: "SIGINT",
  };
}

/** The image's own check where its program is; servers from npm come without, so there it is enough that one answers. */
function readyCheck(
  [program, ...args]: readonly string[],
  { programs, port }: { programs: string; port: number },
): readonly string[] {
  const folders = `${programs}${delimiter}${process.env["PATH"]}`;
  const found = findProgram({ names: [program!], variable: "PANAL_PG_ISREADY", env: { PATH: folders } });
  if (found !== undefined) return [found, ...args];
  const connect = `require("node:net").connect(${port}, "${HOST}")`;
  const script = `${connect}.on("connect", () => process.exit(0)).on("error", () => process.exit(1))`;
  return [process.execPath, "--input-type=commonjs", "-e", script];
}

function replaceOnce(text: string, pattern: RegExp, replacement: (part: string) => string): string {
  const count = Array.from(text.matchAll(new RegExp(pattern, `${pattern.flags}g`))).length;
  if (count !== 1) throw new Error(`${String(pattern)} is ${count} times in the file, and not once`);
  return text.replace(pattern, (_, part: string) => replacement(part));
}
