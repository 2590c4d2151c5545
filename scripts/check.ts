import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBrokenHouseRules } from "./house-rules.ts";
import { runCommand } from "./run-command.ts";
import { buildWebApp, isWebAppStale } from "./web-app.ts";
import { MAX_FIRST_LOAD_BYTES, measureWebSize, webSizeReport } from "./web-size.ts";

/** Every runtime has a tsconfig of its own, so that each sees only the globals it really has. */
const TSCONFIGS = [
  "sdk/tsconfig.json",
  "sdk/tsconfig.rpc.json",
  "sdk/tsconfig.node.json",
  "sdk/tsconfig.browser.json",
  "tracker/tsconfig.json",
  "peer-node/tsconfig.json",
  "web/tsconfig.json",
  "web/tsconfig.service-worker.json",
  "bench/page/tsconfig.json",
  "tsconfig.scripts.json",
];

interface Step {
  readonly name: string;
  /** What to do when it fails. */
  readonly cure: string;
  run(): Promise<{ exitCode: number; output: string }>;
}

const STEPS: readonly Step[] = [
  command("format", "npm run format", ["oxfmt", "--check", "."]),
  command("lint", "each message says what to do; some mend themselves: npx oxlint --fix", ["oxlint"]),
  ...TSCONFIGS.map((tsconfig) =>
    command(`types ${tsconfig}`, "mend the types; `as` and `any` only hide it", [
      "tsc",
      "-p",
      tsconfig,
      "--pretty",
      "false",
    ]),
  ),
  command("unused", "delete what nobody uses, or stop exporting it", [
    "knip",
    "--no-progress",
    "--no-config-hints",
  ]),
  command("proto", "follow buf's STANDARD rules (buf.yaml)", ["buf", "lint"]),
  { name: "generated", cure: "npm run generate, and commit sdk/src/gen", run: checkGenerated },
  {
    name: "size",
    cure: "fetch later what the search doesn't need: import() it where it is used",
    run: checkWebSize,
  },
  { name: "house rules", cure: "each line says what to do", run: checkHouseRules },
];

function command(name: string, cure: string, args: [string, ...string[]]): Step {
  return { name, cure, run: () => runCommand(args) };
}

/** Generates into a temporary folder and compares. */
async function checkGenerated(): Promise<{ exitCode: number; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), "panal-generated-"));
  try {
    const generated = await runCommand(["buf", "generate", "-o", folder]);
    if (generated.exitCode !== 0) return generated;
    return await runCommand([
      "git",
      "diff",
      "--no-index",
      "--stat",
      "sdk/src/gen",
      join(folder, "sdk/src/gen"),
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of the app as it is built; builds it when that is stale. */
async function checkWebSize(): Promise<{ exitCode: number; output: string }> {
  if (await isWebAppStale()) {
    const built = await buildWebApp();
    if (built.exitCode !== 0) return built;
  }
  const size = await measureWebSize();
  return { exitCode: size.gzipBytes > MAX_FIRST_LOAD_BYTES ? 1 : 0, output: webSizeReport(size) };
}

async function checkHouseRules(): Promise<{ exitCode: number; output: string }> {
  const broken = await findBrokenHouseRules();
  return { exitCode: broken.length === 0 ? 0 : 1, output: broken.map((line) => `${line}\n`).join("") };
}

/** `npm run check [-- step ...]`: all steps, or those whose names start with one of the words. */
async function main(words: readonly string[]): Promise<number> {
  const steps =
    words.length === 0 ? STEPS : STEPS.filter((step) => words.some((word) => step.name.startsWith(word)));
  if (steps.length === 0) {
    console.error(`no such step: ${words.join(" ")}\nsteps: ${STEPS.map((step) => step.name).join(", ")}`);
    return 2;
  }
  const failures: string[] = [];
  for (const step of steps) {
    const startedAt = performance.now();
    const { exitCode, output } = await step.run();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${exitCode === 0 ? "ok  " : "FAIL"}  ${step.name}  ${seconds} s`);
    if (exitCode !== 0) failures.push(`\n--- ${step.name}: ${step.cure}\n${output.trimEnd()}`);
  }
  for (const failure of failures) console.error(failure);
  console.log(failures.length === 0 ? "\nok" : `\n${failures.length} of ${steps.length} checks failed`);
  return failures.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
