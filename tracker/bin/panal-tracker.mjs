#!/usr/bin/env node
// Plain JavaScript, so that what Node makes of the sources' TypeScript can be kept: its compiler takes 13 MiB in each thread, and half of the time
// to start. That is in the user's own folder, since whoever can write there decides what runs.
import { enableCompileCache, flushCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

const { platform, env } = process;
const userCache =
  (platform === "win32" ? env["LOCALAPPDATA"] : env["XDG_CACHE_HOME"]) ??
  join(homedir(), platform === "darwin" ? "Library/Caches" : ".cache");
// By the environment for threads, too; where nothing can be kept, it goes without.
env["NODE_COMPILE_CACHE"] ??= join(userCache, "panal", "compiled");
enableCompileCache(env["NODE_COMPILE_CACHE"]);

await import("../src/main.ts");
// Now, since a tracker may run for months, and end by a power cut.
flushCompileCache();
