import { join } from "node:path";
import type { HtmlTagDescriptor, Plugin } from "vite";

/** What the page itself runs: little, so that it runs while the rest comes. */
const ENTRY = "src/main.ts";
/** The app with its first view, which that imports: everything that is needed before a list can be drawn. */
const APP = "src/app/start.tsx";
/** Vite's own, of whatever imports something later. */
const IMPORTER = /vite\/preload-helper/;
/** The letters of both languages. */
const FONT = /^assets\/inter-latin-wght-normal-.*\.woff2$/;
/** These only pass on what others have: whoever comes through them needs little of it. */
const BARREL = /\/sdk\/src\/(\w+\/)?index\.ts$/;

interface Modules {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/**
 * Which file a module goes into. What the first view needs is in a few, instead of thirty: what runs first, what changes
 * with each release, and what doesn't. The rest is left to the builder.
 */
export function fileOfFirstView(id: string, modules: Modules): string | null {
  if (id === pathOf(ENTRY) || id === pathOf(APP)) return null;
  if (IMPORTER.test(id) || reachedFrom(ENTRY, modules).has(id)) return "early";
  if (!reachedFrom(APP, modules).has(id)) return null;
  return /\/node_modules\/|zod-without-eval/.test(id) ? "base" : "first-view";
}

const known = new Map<string, ReadonlySet<string>>();

/** All that it needs before it runs. */
function reachedFrom(source: string, modules: Modules): ReadonlySet<string> {
  const reached = known.get(source);
  if (reached !== undefined) return reached;
  const seen = new Set<string>();
  const visit = (id: string) => {
    if (seen.has(id)) return;
    seen.add(id);
    if (BARREL.test(id)) return;
    for (const imported of modules.getModuleInfo(id)?.importedIds ?? []) visit(imported);
  };
  visit(pathOf(source));
  known.set(source, seen);
  return seen;
}

/** Lets the page fetch all of that at once, and its letters. */
export function preloadFirstView(): Plugin {
  return {
    name: "panal-preload-first-view",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
        const files = new Set<string>();
        const visit = (fileName: string) => {
          if (files.has(fileName)) return;
          files.add(fileName);
          const chunk = chunks.find((each) => each.fileName === fileName);
          for (const needed of chunk?.imports ?? []) visit(needed);
        };
        const app = chunks.find((chunk) => chunk.moduleIds.includes(pathOf(APP)));
        if (app === undefined) throw new Error(`${APP} is in no file`);
        visit(app.fileName);
        const fonts = Object.keys(bundle).filter((fileName) => FONT.test(fileName));
        // Those that the page's own script needs are there already.
        const isNamed = (file: string) => html.includes(`href="/${file}"`) || html.includes(`src="/${file}"`);
        return [
          ...[...files]
            .filter((file) => !isNamed(file))
            .map((file) => link({ rel: "modulepreload", href: file })),
          ...fonts.map((file) => link({ rel: "preload", as: "font", type: "font/woff2", href: file })),
        ];
      },
    },
  };
}

function pathOf(source: string): string {
  return join(import.meta.dirname, source);
}

function link({ href, ...attrs }: Record<string, string>): HtmlTagDescriptor {
  return { tag: "link", attrs: { ...attrs, crossorigin: true, href: `/${href}` }, injectTo: "head" };
}
