import { join } from "node:path";
import { build } from "vite";
import { ROOT } from "./run-command.ts";

const OUT = "peer-node/dist";
/** The command, and what it starts as threads, each found beside it by its name. */
const ENTRIES = {
  main: "peer-node/src/main.ts",
  "hash-thread": "sdk/src/node/hash-thread.ts",
  "hash-worker": "peer-node/src/library/hash-worker.ts",
  "scan-thread": "peer-node/src/library/scan-thread.ts",
};
/** They bring files of their own (native code, a worker), which they find by where they are. */
const NOT_BUNDLED = ["@parcel/watcher", "piscina"];

/**
 * Puts the command line into a few files (peer-node/dist): Node takes longer to find and link its 400 modules than most
 * commands run. `bin/peer-node.mjs` uses it as long as nothing it was made from has changed.
 */
export async function buildCommandLine(): Promise<void> {
  await build({
    configFile: false,
    root: ROOT,
    logLevel: "error",
    ssr: { noExternal: true, external: NOT_BUNDLED },
    build: {
      ssr: true,
      target: "node24",
      outDir: join(ROOT, OUT),
      emptyOutDir: true,
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(
          Object.entries(ENTRIES).map(([name, source]) => [name, join(ROOT, source)]),
        ),
        output: { entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" },
      },
    },
  });
}
