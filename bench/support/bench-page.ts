import { fileURLToPath } from "node:url";
import { build, preview } from "vite";

const PAGE = fileURLToPath(new URL("../page", import.meta.url));

/** What any page may be content with; without 'wasm-unsafe-eval' there is no WASM. */
const CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src *";

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
