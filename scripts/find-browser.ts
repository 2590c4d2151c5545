import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { chromium } from "@playwright/test";

/** For every Chromium a test starts: no sandbox (tests run as root in containers), no QUIC, no calls home. */
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The Chrome or Chromium to test with: the first of `installedBrowsers()`. */
export function findBrowser(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return installedBrowsers(env)[0];
}

/**
 * The one PANAL_CHROMIUM names (then no other counts, and it must be there); else those in PATH, in the usual places
 * of macOS and Windows, and Playwright's own.
 */
export function installedBrowsers(env: NodeJS.ProcessEnv = process.env): string[] {
  const named = env["PANAL_CHROMIUM"];
  if (named === undefined || named === "") return candidates(env).filter((path) => existsSync(path));
  if (!existsSync(named)) throw new Error(`PANAL_CHROMIUM: there is no ${named}`);
  return [named];
}

function candidates(env: NodeJS.ProcessEnv): string[] {
  const inPath = (env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...inPath, ...usualPlaces(env), chromium.executablePath()];
}

function usualPlaces(env: NodeJS.ProcessEnv): string[] {
  switch (process.platform) {
    case "darwin":
      return ["/Applications", join(homedir(), "Applications")].flatMap((folder) =>
        ["Google Chrome", "Chromium"].map((app) => join(folder, `${app}.app`, "Contents", "MacOS", app)),
      );
    case "win32":
      return ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"].flatMap((variable) => {
        const folder = env[variable];
        return folder === undefined ? [] : [join(folder, "Google", "Chrome", "Application", "chrome.exe")];
      });
    default:
      return [];
  }
}
