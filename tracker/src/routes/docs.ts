import { createHash } from "node:crypto";
import type { App } from "../context.ts";

const INFO = {
  title: "Panal tracker",
  version: "1",
  description: "Who is alive, and who has which file. Sizes are bytes, times RFC 3339, errors RFC 9457.",
};

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  code { font: 0.95em ui-monospace, monospace; overflow-wrap: anywhere; }
  summary { cursor: pointer; padding: 0.3rem 0; }
  .method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
  pre { overflow: auto; padding: 0.8rem; border: 1px solid #8886; border-radius: 0.4rem; font-size: 0.85rem; }
`;
const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

interface Operation {
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
}

/** /openapi.json and /docs, made from the routes themselves: mount it last. */
export function addDocs(app: App): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "lease", {
    type: "http",
    scheme: "bearer",
    description: "The lease a peer got when it registered",
  });
  const document = () => app.getOpenAPI31Document({ openapi: "3.1.0", info: INFO });
  for (const path of ["/openapi.json", "/api/v1/openapi.json"]) app.get(path, (c) => c.json(document()));
  for (const path of ["/docs", "/api/v1/docs"]) {
    app.get(path, (c) =>
      c.html(docsPage(document().paths ?? {}), 200, {
        "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'`,
      }),
    );
  }
}

function docsPage(paths: Record<string, object>): string {
  const byTag = new Map<string, string[]>();
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(item) as [string, Operation][]) {
      const tag = operation.tags?.[0] ?? "Other";
      byTag.set(tag, [...(byTag.get(tag) ?? []), operationHtml(method, path, operation)]);
    }
  }
  const sections = Array.from(
    byTag,
    ([tag, operations]) => `<h2>${escapeHtml(tag)}</h2>${operations.join("")}`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${INFO.title}: API</title><style>${STYLE}</style>
<h1>${INFO.title}</h1><p>${INFO.description} The same as a machine reads it: <a href="/openapi.json">openapi.json</a>.</p>
${sections.join("\n")}</html>`;
}

function operationHtml(method: string, path: string, operation: Operation): string {
  const { tags: _tags, summary = "", description = "", ...details } = operation;
  return `<details><summary><span class="method">${escapeHtml(method.toUpperCase())}</span> <code>${escapeHtml(path)}</code>
 ${escapeHtml(summary)}</summary><p>${escapeHtml(description)}</p><pre>${escapeHtml(JSON.stringify(details, undefined, 2))}</pre></details>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
