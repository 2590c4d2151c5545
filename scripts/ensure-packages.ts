import { existsSync } from "node:fs";
import { type Command, runCommand } from "./run-command.ts";

/** Something of the system's that tests need. */
export interface SystemPackage {
  /** What Debian and Ubuntu call it. */
  readonly debianName: string;
  isInstalled(): Promise<boolean>;
}

/** Whether this machine lets us install packages: Debian or a descendant, as root. */
export function canInstallPackages(): boolean {
  return existsSync("/usr/bin/apt-get") && process.getuid?.() === 0;
}

export function installCommands(debianNames: readonly string[]): readonly Command[] {
  return [
    ["apt-get", "update"],
    ["apt-get", "install", "-y", "--no-install-recommends", ...debianNames],
  ];
}

/** Runs the commands, shown; gives what went wrong. */
export async function runInstallers(commands: readonly Command[]): Promise<string[]> {
  const reasons: string[] = [];
  for (const command of commands) {
    console.log(command.join(" "));
    const { exitCode } = await runCommand(command, {
      isShown: true,
      env: { DEBIAN_FRONTEND: "noninteractive" },
    });
    if (exitCode !== 0) reasons.push(`${command.join(" ")}: exit code ${exitCode}`);
  }
  return reasons;
}

interface EnsureOptions {
  /** What else would do, for the message. */
  otherwise?: string;
  /** Gives what went wrong; for tests. */
  install?: (debianNames: readonly string[]) => Promise<readonly string[]>;
}

/**
 * Installs what isn't there. Throws with what to do when that can't be done, because tests that silently leave out what
 * they need prove nothing.
 */
export async function ensurePackages(
  needed: readonly SystemPackage[],
  { otherwise, install = installPackages }: EnsureOptions = {},
): Promise<void> {
  const absent = await missingOf(needed);
  if (absent.length === 0) return;
  const reasons = await install(namesOf(absent));
  const stillAbsent = namesOf(await missingOf(absent));
  if (stillAbsent.length === 0) return;
  throw new Error(
    [
      `The tests need what Debian calls ${stillAbsent.join(", ")}, and it isn't there.`,
      ...reasons.map((reason) => `  ${reason}`),
      `On Debian or Ubuntu: sudo apt-get install ${stillAbsent.join(" ")}`,
      ...(otherwise === undefined ? [] : [otherwise]),
    ].join("\n"),
  );
}

async function installPackages(debianNames: readonly string[]): Promise<readonly string[]> {
  return canInstallPackages() ? runInstallers(installCommands(debianNames)) : [];
}

async function missingOf(packages: readonly SystemPackage[]): Promise<SystemPackage[]> {
  const installed = await Promise.all(packages.map((each) => each.isInstalled()));
  return packages.filter((_, index) => !installed[index]);
}

function namesOf(packages: readonly SystemPackage[]): string[] {
  return packages.map(({ debianName }) => debianName);
}
