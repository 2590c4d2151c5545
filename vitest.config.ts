import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { browserTestServer } from "./scripts/browser-test-server.ts";
import { CHROMIUM_FLAGS, findBrowser } from "./scripts/find-browser.ts";

/** What hangs is ended; nothing that works takes this long, however busy the machine. Speed is the benchmark's business. */
const HANG_MS = 120_000;

/**
 * Two runtimes: `node` runs everything but what needs a browser; `browser` runs the isomorphic suites once more,
 * and the browser adapters, in a real Chromium.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "node",
          testTimeout: HANG_MS,
          hookTimeout: HANG_MS,
          setupFiles: "scripts/vitest-setup.ts",
          globalSetup: "scripts/vitest-postgres.ts",
          environment: "node",
          include: ["{sdk,tracker,peer-node,web}/src/**/*.test.{ts,tsx}", "{scripts,e2e,bench}/**/*.test.ts"],
          exclude: ["**/*.browser.test.ts"],
        },
      },
      {
        plugins: [browserTestServer()],
        // Named, so that Vite doesn't find one half-way and reload the pages of running tests.
        optimizeDeps: {
          include: [
            "@bufbuild/protobuf",
            "@bufbuild/protobuf/codegenv2",
            "@connectrpc/connect",
            "@connectrpc/connect-web",
            "@connectrpc/connect/protocol-connect",
            "@connectrpc/connect/protocol-grpc",
            "@connectrpc/connect/protocol-grpc-web",
            "@noble/hashes/sha2.js",
            "fast-check",
            "hash-wasm",
            "idb",
            "zod",
          ],
        },
        test: {
          name: "browser",
          testTimeout: HANG_MS,
          hookTimeout: HANG_MS,
          setupFiles: "scripts/vitest-setup.ts",
          include: [
            "sdk/src/{content,transfer}/**/*.test.ts",
            "sdk/src/tracker/{event-stream,tracker-events}*.test.ts",
            "sdk/src/browser/**/*.browser.test.ts",
          ],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { args: CHROMIUM_FLAGS, ...executable() } }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});

/** An installed browser; with none, Playwright's own (`npm test` sees to it that there is one). */
function executable(): { executablePath?: string } {
  const executablePath = findBrowser();
  return executablePath === undefined ? {} : { executablePath };
}
