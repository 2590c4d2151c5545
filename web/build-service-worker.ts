import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { build, type Plugin } from "vite";

const ENTRY = "src/service-worker/service-worker.ts";
/** Its name never changes: browsers look there for a newer one. */
const FILE_NAME = "service-worker.js";
/** Of no use without peers, and as large as the rest together: fetched by those who look at a PDF. */
const ONLY_WHEN_WANTED = /^assets\/(pdf-viewer|pdf\.worker|openjpeg|jbig2)[.-]/;

/**
 * Builds the service worker after the app, since it holds the list of the app's files: as one classic script, because
 * not every browser takes modules there.
 */
export function serviceWorker(): Plugin {
  let root = "";
  let outDir = "";
  let publicDir = "";
  return {
    name: "panal-service-worker",
    apply: "build",
    configResolved(config) {
      ({ root, publicDir } = config);
      outDir = config.build.outDir;
    },
    async writeBundle(_options, bundle) {
      const built = Object.values(bundle).filter(({ fileName }) => isServed(fileName));
      const version = createHash("sha256");
      for (const file of built.toSorted((a, b) => a.fileName.localeCompare(b.fileName))) {
        version.update(file.fileName).update(file.type === "chunk" ? file.code : file.source);
      }
      const files = [...built.map(({ fileName }) => fileName), ...(await readdir(publicDir))]
        .filter((name) => name !== "index.html" && !ONLY_WHEN_WANTED.test(name))
        .map((name) => `/${name}`);
      await build({
        configFile: false,
        root,
        publicDir: false,
        logLevel: "warn",
        define: { PANAL_BUILD: JSON.stringify({ version: version.digest("hex").slice(0, 16), files }) },
        build: {
          outDir,
          emptyOutDir: false,
          target: "es2023",
          rolldownOptions: {
            input: join(root, ENTRY),
            output: { format: "iife", entryFileNames: FILE_NAME },
          },
        },
      });
    },
  };
}

/** The tracker serves the page, its assets and what lies beside it; nothing hidden. */
function isServed(fileName: string): boolean {
  return /^(assets\/)?[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(fileName) && !fileName.endsWith(".map");
}
