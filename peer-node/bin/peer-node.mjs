#!/usr/bin/env node
// Plain JavaScript, so that a command starts fast: from the bundle (`npm run build`) as long as nothing it was made from has
// changed, else from the sources; and with compiled code that is kept. That is in the user's own folder, since whoever can
// write there decides what runs.
import { readdirSync, statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

const { platform, env } = process;
const userCache =
  (platform === "win32" ? env["LOCALAPPDATA"] : env["XDG_CACHE_HOME"]) ??
  join(homedir(), platform === "darwin" ? "Library/Caches" : ".cache");
// By the environment for threads, too; where nothing can be kept, they merely start more slowly.
env["NODE_COMPILE_CACHE"] ??= join(userCache, "panal", "compiled");
enableCompileCache(env["NODE_COMPILE_CACHE"]);

const here = (path) => join(import.meta.dirname, path);

/** When the last of these files, and of all below these folders, was changed; a folder's own time tells what has gone. */
function newestMs(paths) {
  let newest = 0;
  for (const path of paths) {
    newest = Math.max(newest, statSync(path).mtimeMs);
    const entries = readdirSync(path, { withFileTypes: true });
    for (const entry of entries) {
      const below = join(path, entry.name);
      newest = Math.max(newest, entry.isDirectory() ? newestMs([below]) : statSync(below).mtimeMs);
    }
  }
  return newest;
}

function isBundleFresh() {
  try {
    const builtMs = statSync(here("../dist/main.mjs")).mtimeMs;
    return builtMs > newestMs([here("../src"), here("../../sdk/src")]);
  } catch {
    return false;
  }
}

await import(isBundleFresh() ? "../dist/main.mjs" : "../src/main.ts");
