import { readFile } from "node:fs/promises";
import type { App } from "../context.ts";
import { type DocumentedPaths, STYLE_HASH, docsPage } from "./docs-page.ts";

const INFO = {
  title: "Panal tracker",
  version: "1",
  description: "Who is alive, and who has which file. Sizes are bytes, times RFC 3339, errors RFC 9457.",
};

/** The page runs our one script and talks to us alone: it works without the internet, and tells nobody of what is tried. */
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'sha256-${STYLE_HASH}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "frame-ancestors 'none'",
].join("; ");

/** /openapi.json and /docs, made from the routes themselves: mount it last. */
export function addDocs(app: App): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "lease", {
    type: "http",
    scheme: "bearer",
    description: "The lease a peer got when it registered",
  });
  const document = () => app.getOpenAPI31Document({ openapi: "3.1.0", info: INFO, servers: [{ url: "/" }] });
  for (const path of ["/openapi.json", "/api/v1/openapi.json"]) app.get(path, (c) => c.json(document()));
  for (const path of ["/docs", "/api/v1/docs"]) {
    app.get(path, (c) =>
      c.html(docsPage(INFO, (document().paths ?? {}) as DocumentedPaths), 200, {
        "content-security-policy": CSP,
      }),
    );
  }
  app.get("/docs/try.js", async (c) =>
    c.body(await readFile(new URL("docs-try.mjs", import.meta.url), "utf8"), 200, {
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "no-cache",
    }),
  );
}
