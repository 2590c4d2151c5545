import { createHash } from "node:crypto";
import { PROBLEM_KINDS, problemType } from "../problem.ts";

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  code, pre, textarea, input { font: 0.9rem/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
  summary { cursor: pointer; padding: 0.3rem 0; }
  details details, form { margin-left: 1rem; }
  label { display: grid; grid-template-columns: 9rem 1fr; gap: 0.5rem; margin: 0.3rem 0; align-items: start; }
  input, textarea { box-sizing: border-box; width: 100%; padding: 0.3rem; }
  textarea { min-height: 6rem; }
  button { font: inherit; padding: 0.3rem 1rem; }
  dt { font-weight: 700; }
  .method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
  pre { overflow: auto; max-height: 30rem; padding: 0.8rem; border: 1px solid #8886; border-radius: 0.4rem; white-space: pre-wrap; }
`;
/** Lets the page's style in, and no other. */
export const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

interface Operation {
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
  }[];
  readonly requestBody?: object;
}

/** What the page needs of an OpenAPI document's paths. */
export type DocumentedPaths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** The routes as a page: readable as it is, and with its script a place to try them, each with its curl line. */
export function docsPage(info: { title: string; description: string }, paths: DocumentedPaths): string {
  const byTag = new Map<string, string[]>();
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const tag = operation.tags?.[0] ?? "Other";
      byTag.set(tag, [...(byTag.get(tag) ?? []), operationHtml(method, path, operation)]);
    }
  }
  const sections = Array.from(
    byTag,
    ([tag, operations]) => `<section><h2>${escapeHtml(tag)}</h2>${operations.join("")}</section>`,
  );
  const kinds = Object.entries(PROBLEM_KINDS).map(
    ([kind, meaning]) =>
      `<dt><code>${problemType(kind as keyof typeof PROBLEM_KINDS)}</code></dt><dd>${escapeHtml(meaning)}</dd>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(info.title)}: API</title><style>${STYLE}</style>
<h1>${escapeHtml(info.title)}</h1><p>${escapeHtml(info.description)} The same as a machine reads it:
<a href="/openapi.json">openapi.json</a>.</p>
<div id="tools" hidden><label>Find <input id="filter" type="search"></label>
<label>Lease <input id="lease" autocomplete="off" spellcheck="false"></label></div>
${sections.join("\n")}
<section><h2>Problems</h2><p>What <code>type</code> says in answers of <code>application/problem+json</code>.</p><dl>${kinds.join("")}</dl></section>
<script src="/docs/try.js" type="module"></script></html>`;
}

function operationHtml(method: string, path: string, operation: Operation): string {
  const { tags: _tags, summary = "", description = "", ...details } = operation;
  const fields = (operation.parameters ?? []).map(
    ({ name, in: place, required }) =>
      `<label>${escapeHtml(name)}${required ? " *" : ""} <input name="${escapeHtml(name)}" data-in="${escapeHtml(place)}"></label>`,
  );
  if (operation.requestBody !== undefined)
    fields.push(`<label>body <textarea name="body"></textarea></label>`);
  return `<details class="operation"><summary><span class="method">${escapeHtml(method.toUpperCase())}</span> <code>${escapeHtml(path)}</code>
 ${escapeHtml(summary)}</summary><p>${escapeHtml(description)}</p>
<form hidden data-method="${escapeHtml(method.toUpperCase())}" data-path="${escapeHtml(path)}">${fields.join("")}
<pre class="curl"></pre><button>Send</button> <button type="button" class="stop" hidden>Stop</button><pre class="answer" hidden></pre></form>
<details><summary>Parameters, body and answers in full</summary><pre>${escapeHtml(JSON.stringify(details, undefined, 2))}</pre></details></details>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
