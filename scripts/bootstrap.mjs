// The way into every npm script: plain JavaScript that any Node from 18 on can run. Installs what is missing, then
// hands over to the Node 24 that the project brings.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, "node_modules", ".bin");
const node = join(bin, process.platform === "win32" ? "node.cmd" : "node");
/** What was installed last, so that a changed lock file is noticed. */
const stamp = join(root, "node_modules", ".panal-lock");

const lock = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
const isInstalled = existsSync(node) && existsSync(stamp) && readFileSync(stamp, "utf8") === lock;
if (!isInstalled) {
  console.error("Installing what Panal needs ...");
  // Not `npm ci`: it fails wherever a registry lacks a package for some other system that the lock file leaves out.
  // This installs what the lock file says and leaves it as it is.
  const npm = spawnSync("npm", ["install", "--no-save", "--no-fund", "--no-audit"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (npm.status !== 0) {
    console.error(
      "npm install failed: see above. It needs the npm registry; once it has run, no network is needed.",
    );
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}

const child = spawn(node, process.argv.slice(2), {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` },
  shell: process.platform === "win32",
});
// A terminal sends Ctrl-C to both; the child decides when it is done.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
if (process.env.npm_lifecycle_event !== undefined) {
  // Whoever ends npm ends its shell, which doesn't pass that on: from then on this is somebody else's child.
  const shell = process.ppid;
  setInterval(() => {
    if (process.ppid !== shell) child.kill("SIGTERM");
  }, 1000).unref();
}
child.on("exit", (code, signal) => {
  process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
});
