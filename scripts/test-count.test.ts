import { expect, test } from "vitest";
import { countTests } from "./test-count.ts";

test.each([
  ["Vitest's report", { numPassedTests: 7, numFailedTests: 2 }, 1, { passed: 7, failed: 2 }],
  ["Playwright's report", { stats: { expected: 3, unexpected: 1, flaky: 0 } }, 1, { passed: 3, failed: 1 }],
  [
    "a flaky test as failed",
    { stats: { expected: 3, unexpected: 0, flaky: 1 } },
    0,
    { passed: 3, failed: 1 },
  ],
  [
    "a failure when the runner failed without one",
    { numPassedTests: 7, numFailedTests: 0 },
    1,
    { passed: 7, failed: 1 },
  ],
  ["a failure when there is no report", undefined, 127, { passed: 0, failed: 1 }],
  [
    "none when there is nothing to fail",
    { numPassedTests: 7, numFailedTests: 0 },
    0,
    { passed: 7, failed: 0 },
  ],
])("countTests() counts %s", (_name, report, exitCode, count) => {
  expect(countTests(report, exitCode)).toEqual(count);
});
