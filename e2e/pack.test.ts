import { execFile } from "node:child_process";
import { cp, mkdir, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { basename, delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Started, type Stage, announced, createStage } from "./support/processes.ts";
import { writeSampleFile } from "./support/sample-file.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const INSTALL_TIMEOUT_MS = 180_000;

let stage: Stage;
let tracker: Started;
let peer: Started;
let share: string;
/** An empty folder of somebody who installed the package. */
let app: string;

beforeAll(async () => {
  stage = await createStage();
  share = join(stage.folder, "share");
  app = join(stage.folder, "app");
  await mkdir(join(share, "deep"), { recursive: true });
  await mkdir(app);
  await writeSampleFile(join(share, "nectar map.bin"), 5_000_000, 5);
  await writeFile(join(share, "deep", "tiny.txt"), "eleven byte");
  const tarball = await packSdk();
  await writeFile(join(app, "package.json"), '{ "private": true, "type": "module" }');
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball], { cwd: app });
  for (const name of await exampleScripts()) await cp(join(root, "examples", name), join(app, name));

  tracker = await stage.startTracker();
  peer = await stage.startPeer({ share, trackerUrl: tracker.url, name: "Packer" });
  await announced(tracker.url, "nectar", 1);
}, INSTALL_TIMEOUT_MS);
afterAll(() => stage.close());

async function exampleScripts(): Promise<string[]> {
  return (await readdir(join(root, "examples"))).filter((name) => name.endsWith(".ts"));
}

/** `npm pack -w sdk` in a copy of the repository: for a moment it swaps the manifest, which other tests read. */
async function packSdk(): Promise<string> {
  const copy = join(stage.folder, "repository");
  await mkdir(copy);
  await cp(join(root, "sdk"), join(copy, "sdk"), {
    recursive: true,
    filter: (path) => !["dist", "node_modules"].includes(basename(path)),
  });
  for (const name of ["package.json", "tsconfig.json", "LICENSE"])
    await cp(join(root, name), join(copy, name));
  await symlink(join(root, "node_modules"), join(copy, "node_modules"));
  const before = await readFile(join(copy, "sdk", "package.json"), "utf8");
  // A run that is interrupted after the swap: the next one mends it.
  const path = `${join(root, "node_modules", ".bin")}${delimiter}${process.env["PATH"]}`;
  const env = { ...process.env, PATH: path };
  await run(process.execPath, [join(copy, "sdk", "scripts", "prepack.ts")], { env });
  expect(await readFile(join(copy, "sdk", "package.json"), "utf8")).not.toBe(before);
  const { stdout } = await run("npm", ["pack", "-w", "sdk", "--pack-destination", stage.folder], {
    cwd: copy,
  });
  expect(await readFile(join(copy, "sdk", "package.json"), "utf8")).toBe(before);
  expect(await readdir(join(copy, "sdk"))).not.toContain("package.json.before-pack");
  return join(stage.folder, stdout.trim().split("\n").at(-1)!);
}

it("the package holds JavaScript and declarations and no sources", async () => {
  const folder = join(app, "node_modules", "@panal", "sdk");
  const files = await readdir(folder, { recursive: true });
  expect(files).toContain(join("dist", "index.js"));
  expect(files).toContain(join("dist", "LICENSE"));
  expect(files.filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))).toEqual([]);
  expect(files.filter((file) => file.includes("test"))).toEqual([]);
  const starter = await readFile(join(folder, "dist", "browser", "hash-workers.js"), "utf8");
  const worker = /new Worker\(new URL\("\.\/(.+?)", import\.meta\.url\)/.exec(starter)?.[1];
  expect(files).toContain(join("dist", "browser", worker!));
});

it("the declarations of the package fit the examples", { timeout: 60_000 }, async () => {
  const flags = "--noEmit --strict --target es2024 --module nodenext --skipLibCheck --types node".split(" ");
  const types = ["--typeRoots", join(root, "node_modules", "@types")];
  const tsc = join(root, "node_modules", ".bin", "tsc");
  await run(tsc, [...flags, ...types, ...(await exampleScripts())], { cwd: app });
});

it(
  "search-and-download.ts saves what it finds, from the installed package",
  { timeout: 60_000 },
  async () => {
    const { stdout } = await run(process.execPath, ["search-and-download.ts", "nectar", tracker.url], {
      cwd: app,
    });
    expect(stdout).toBe("nectar map.bin: 5000000 bytes, every piece verified\n  5000000 from Packer\n");
    const [saved, original] = await Promise.all(
      [app, share].map((folder) => readFile(join(folder, "nectar map.bin"))),
    );
    expect(saved!.equals(original!)).toBe(true);
  },
);

it("the hashing threads of the installed package start", { timeout: 60_000 }, async () => {
  const script = `
    import { createHashThreads, nodeHashBlocks } from "@panal/sdk/node";
    const threads = createHashThreads(1);
    const data = threads.allocate(70_000).fill(7);
    const hashes = await threads.hashBlocks(data);
    console.log(Buffer.compare(hashes, nodeHashBlocks(data)), hashes.length);
    await threads.close();`;
  await writeFile(join(app, "threads.js"), script);
  const { stdout } = await run(process.execPath, ["threads.js"], { cwd: app });
  expect(stdout).toBe("0 160\n");
});

it("call-peer.ts reads from a peer with the generated client alone", { timeout: 60_000 }, async () => {
  const { stdout } = await run(process.execPath, ["call-peer.ts", peer.url], { cwd: app });
  expect(stdout).toBe(
    '"Packer" shares 2 files\n  "deep"/\n  "nectar map.bin"\nread 5000000 bytes of "nectar map.bin"\n',
  );
  const deep = await run(process.execPath, ["call-peer.ts", peer.url, "deep"], { cwd: app });
  expect(deep.stdout).toContain('read 11 bytes of "tiny.txt"');
});
