import { chromium } from "@playwright/test";
import { canInstallPackages, installCommands, runInstallers } from "./ensure-packages.ts";
import { CHROMIUM_FLAGS, installedBrowsers } from "./find-browser.ts";
import type { Command } from "./run-command.ts";

/** How long a browser may take to start on a cold, busy machine. */
const START_TIMEOUT_MS = 60_000;

/** Ways to get a browser, in order; each is tried only when the one before left none that starts. */
const INSTALLERS: readonly { isPossible: () => boolean; commands: readonly Command[] }[] = [
  { isPossible: () => true, commands: [["playwright", "install", "chromium"]] },
  { isPossible: canInstallPackages, commands: installCommands(["chromium"]) },
];

/**
 * A Chrome or Chromium that starts: an installed one, else one installed now. Throws with what to do when there is
 * no way, because tests that silently leave out the browser prove nothing.
 */
export async function ensureBrowser(): Promise<string> {
  const reasons: string[] = [];
  const installed = await startable(reasons);
  if (installed !== undefined) return installed;
  // A browser somebody named is a wish, not a hint: installing another one would not fulfil it.
  const isNamed = (process.env["PANAL_CHROMIUM"] ?? "") !== "";
  for (const { isPossible, commands } of isNamed ? [] : INSTALLERS) {
    if (!isPossible()) continue;
    console.log("No browser that starts:");
    reasons.push(...(await runInstallers(commands)));
    const browser = await startable(reasons);
    if (browser !== undefined) return browser;
  }
  throw new Error(
    [
      "The tests need Chrome or Chromium, and there is none that starts:",
      ...reasons.map((reason) => `  ${reason}`),
      "Install one (on Debian or Ubuntu: apt-get install chromium), or name it: PANAL_CHROMIUM=/path/to/chrome npm test",
    ].join("\n"),
  );
}

async function startable(reasons: string[]): Promise<string | undefined> {
  const installed = installedBrowsers();
  if (installed.length === 0) reasons.push("none is installed");
  for (const executablePath of installed) {
    try {
      const browser = await chromium.launch({
        executablePath,
        args: CHROMIUM_FLAGS,
        timeout: START_TIMEOUT_MS,
      });
      await browser.close();
      return executablePath;
    } catch (error) {
      reasons.push(
        `${executablePath}: ${error instanceof Error ? beginningOf(error.message) : String(error)}`,
      );
    }
  }
  return undefined;
}

function beginningOf(text: string): string {
  return text.split("\n", 4).join(" ").slice(0, 300);
}
