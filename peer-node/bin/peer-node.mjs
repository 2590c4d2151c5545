#!/usr/bin/env node
// Plain JavaScript, so that Node doesn't need its TypeScript compiler before it knows where the compiled code is kept: with
// that a command starts in half the time. In the user's own folder, since whoever can write there decides what runs.
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

const { platform, env } = process;
const userCache =
  (platform === "win32" ? env["LOCALAPPDATA"] : env["XDG_CACHE_HOME"]) ??
  join(homedir(), platform === "darwin" ? "Library/Caches" : ".cache");
// By the environment for the hashing threads; where nothing can be kept, they merely start more slowly.
env["NODE_COMPILE_CACHE"] ??= join(userCache, "panal", "compiled");
enableCompileCache(env["NODE_COMPILE_CACHE"]);
await import("../src/main.ts");
