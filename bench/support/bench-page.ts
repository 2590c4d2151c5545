import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";

const PAGE = fileURLToPath(new URL("../page", import.meta.url));

/** What any page may be content with; without 'wasm-unsafe-eval' there is no WASM. */
const CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src *";

/** Gives what is at `?from=` to the browser's downloads, as it comes. */
const BARE_WORKER = `addEventListener("fetch", (event) => {
  const { pathname, searchParams } = new URL(event.request.url);
  if (pathname !== "/bare-save") return;
  event.respondWith(
    fetch(searchParams.get("from"), { cache: "no-store" }).then(({ body, headers }) => new Response(body, {
      headers: {
        "content-disposition": "attachment; filename=bench.bin",
        "content-length": headers.get("content-length"),
        "content-type": "application/octet-stream",
      },
    })),
  );
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
`;

/**
 * Builds the page that downloads (bench/page) and serves it at an address of this machine, which is secure; also
 * under another name, which isn't.
 */
export async function serveBenchPage(
  outDir: string,
  insecureHost?: string,
): Promise<{ url: string; close(): Promise<void> }> {
  const config = { configFile: false, root: PAGE, logLevel: "error" } as const;
  await build({
    ...config,
    worker: { format: "es" },
    build: { outDir, emptyOutDir: true, target: "es2023", modulePreload: false },
  });
  await writeFile(join(outDir, "bare-worker.js"), BARE_WORKER);
  const server = await preview({
    ...config,
    build: { outDir },
    preview: {
      host: "127.0.0.1",
      port: 0,
      strictPort: true,
      headers: { "content-security-policy": CSP },
      allowedHosts: insecureHost === undefined ? [] : [insecureHost],
    },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error("the benchmark's page is served nowhere");
  return { url, close: () => server.close() };
}
