import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBrowser } from "./ensure-browser.ts";
import { ensureFirefox } from "./ensure-firefox.ts";
import { ensurePostgres } from "./ensure-postgres.ts";
import { ensureProxies } from "./ensure-proxies.ts";
import { ensurePython } from "./ensure-python.ts";
import { ensureUnzip } from "./ensure-unzip.ts";
import { runCommand } from "./run-command.ts";
import { countTests, type TestCount } from "./test-count.ts";

/** Run by Playwright Test; every other test is Vitest's. */
const END_TO_END = /\.e2e\.ts$/;

/**
 * `npm test [-- file ...]`: everything that executes, or the named files only. Gets browsers, PostgreSQL, and others' clients
 * to test against, if there are none, and builds the web app if it is stale; the last line is `N passed, N failed`, summed over all runners.
 */
async function main(files: readonly string[]): Promise<number> {
  await ensureUnzip();
  const env = {
    PANAL_CHROMIUM: await ensureBrowser(),
    PANAL_FIREFOX: await ensureFirefox(),
    PANAL_POSTGRES: await ensurePostgres(),
    PANAL_PYTHON: await ensurePython(),
    ...(await ensureProxies()),
  };
  const endToEnd = files.filter((file) => END_TO_END.test(file));
  const others = files.filter((file) => !END_TO_END.test(file));
  const runsEndToEnd = files.length === 0 || endToEnd.length > 0;
  if (runsEndToEnd) {
    const { exitCode } = await runCommand(["node", "scripts/build.ts", "--if-stale"], { isShown: true });
    if (exitCode !== 0) throw new Error("The web app can't be built, so nothing was tested.");
  }
  const folder = await mkdtemp(join(tmpdir(), "panal-tests-"));
  const counts: TestCount[] = [];
  try {
    if (files.length === 0 || others.length > 0) {
      const report = join(folder, "vitest.json");
      const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
      counts.push(await runTests(["vitest", "run", ...reporters, ...others], report, env));
    }
    if (runsEndToEnd) {
      const report = join(folder, "playwright.json");
      counts.push(
        await runTests(["playwright", "test", "--reporter=list,json", ...endToEnd], report, {
          ...env,
          PLAYWRIGHT_JSON_OUTPUT_FILE: report,
        }),
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function runTests(
  command: [string, ...string[]],
  reportPath: string,
  env: Record<string, string>,
): Promise<TestCount> {
  const { exitCode } = await runCommand(command, { isShown: true, env });
  const report: unknown = await readFile(reportPath, "utf8").then(JSON.parse, () => undefined);
  return countTests(report, exitCode);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log("\n0 passed, 1 failed");
  process.exitCode = 1;
}
