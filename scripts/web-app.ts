import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ROOT, runCommand } from "./run-command.ts";

/** What the built web app is made from, relative to the repository. */
const SOURCES = [
  "web/src",
  "web/public",
  "web/index.html",
  "web/vite.config.ts",
  "web/build-service-worker.ts",
  "web/compress-assets.ts",
  "web/first-view.ts",
  "web/package.json",
  "sdk/src",
  "sdk/package.json",
  "package-lock.json",
];
/** Written last by a build. */
const BUILT = "web/dist/index.html";

/** Whether the web app was never built, or something it is made from is newer than it. */
export async function isWebAppStale(root = ROOT): Promise<boolean> {
  const builtMs = await changedMs(join(root, BUILT));
  if (builtMs === undefined) return true;
  for (const source of SOURCES) {
    if ((await newestMs(join(root, source))) > builtMs) return true;
  }
  return false;
}

/** Builds the web app into web/dist; gives the builder's exit code and what it printed. */
export function buildWebApp(
  options: { isShown?: boolean } = {},
): Promise<{ exitCode: number; output: string }> {
  // Whatever the environment says: a build for tests, or for development, is half as large again, and stays.
  return runCommand(["vite", "build"], {
    cwd: join(ROOT, "web"),
    env: { NODE_ENV: "production" },
    ...options,
  });
}

/** The latest change in a file or a folder tree; a folder's own time tells what was deleted. */
async function newestMs(path: string): Promise<number> {
  let newest = (await changedMs(path)) ?? 0;
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => []);
  for (const entry of entries) {
    newest = Math.max(newest, (await changedMs(join(entry.parentPath, entry.name))) ?? 0);
  }
  return newest;
}

async function changedMs(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}
