/** What a runner's JSON report says, in the two numbers that matter. */
export interface TestCount {
  readonly passed: number;
  readonly failed: number;
}

/**
 * From Vitest's or Playwright's JSON report. A runner that failed without a failed test (a file that can't be
 * loaded, a browser that died, no report at all) counts as one failure: nothing that went wrong adds up to zero.
 */
export function countTests(report: unknown, exitCode: number): TestCount {
  const counted = vitestCount(report) ?? playwrightCount(report) ?? { passed: 0, failed: 0 };
  return exitCode !== 0 && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
}

function vitestCount(report: unknown): TestCount | undefined {
  const passed = numberAt(report, "numPassedTests");
  const failed = numberAt(report, "numFailedTests");
  return passed === undefined || failed === undefined ? undefined : { passed, failed };
}

function playwrightCount(report: unknown): TestCount | undefined {
  const stats = at(report, "stats");
  const passed = numberAt(stats, "expected");
  const failed = numberAt(stats, "unexpected");
  const flaky = numberAt(stats, "flaky") ?? 0;
  return passed === undefined || failed === undefined ? undefined : { passed, failed: failed + flaky };
}

function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function numberAt(value: unknown, key: string): number | undefined {
  const found = at(value, key);
  return typeof found === "number" ? found : undefined;
}
