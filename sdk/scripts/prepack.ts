import { spawnSync } from "node:child_process";
import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SDK, restoreManifest, swapManifest } from "./published-manifest.ts";

// Before `npm pack` or `npm publish`: compiles into dist/ and lets the manifest lead there. postpack.ts undoes it.

// A run that was interrupted left its manifest behind.
await restoreManifest();
await rm(join(SDK, "dist"), { recursive: true, force: true });
const compiled = spawnSync("tsc", ["-p", "tsconfig.build.json"], {
  cwd: SDK,
  // npm reads what is printed to stdout as the name of the package.
  stdio: ["ignore", 2, 2],
  shell: process.platform === "win32",
});
if (compiled.status !== 0) {
  console.error("The SDK doesn't compile, so there is no package.");
  process.exit(1);
}
await renameWorker(join(SDK, "dist", "browser", "hash-workers.js"));
await copyFile(join(SDK, "..", "LICENSE"), join(SDK, "dist", "LICENSE"));
await swapManifest();

/** The compiler renames what is imported; that a URL names a file, too, only bundlers and browsers know. */
async function renameWorker(path: string): Promise<void> {
  const code = await readFile(path, "utf8");
  const renamed = code.replace('"./hash.worker.ts", import.meta.url', '"./hash.worker.js", import.meta.url');
  if (renamed === code) throw new Error(`${path} starts no worker any more`);
  await writeFile(path, renamed);
}
