import { spawnSync } from "node:child_process";
import { copyFile, rm } from "node:fs/promises";
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
await copyFile(join(SDK, "..", "LICENSE"), join(SDK, "dist", "LICENSE"));
await swapManifest();
