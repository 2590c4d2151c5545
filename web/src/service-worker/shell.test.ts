import { afterEach, describe, expect, it, vi } from "vitest";
import { answerShell, forgetOldBuilds, keepBuild } from "./shell.ts";

const build = { version: "two", files: ["/assets/index-2.js", "/favicon.svg"] };
const INDEX_2 = '<script src="/assets/index-2.js">';

/** Caches as browsers have them, as far as the shell needs them. */
function createCaches() {
  const caches = new Map<string, Map<string, string>>();
  const keyOf = (request: RequestInfo) =>
    new URL(typeof request === "string" ? request : request.url, "https://panal.example").pathname;
  const found = (text: string | undefined) => (text === undefined ? undefined : new Response(text));
  const open = async (name: string) => {
    const cache = caches.get(name) ?? new Map<string, string>();
    caches.set(name, cache);
    return {
      async addAll(paths: string[]) {
        for (const path of paths) {
          const response = await fetch(path);
          if (!response.ok) throw new TypeError("not there");
          cache.set(path, await response.text());
        }
      },
      put: async (request: RequestInfo, response: Response) =>
        void cache.set(keyOf(request), await response.text()),
      match: async (request: RequestInfo) => found(cache.get(keyOf(request))),
    };
  };
  const store = {
    open,
    keys: async () => [...caches.keys()],
    delete: async (name: string) => caches.delete(name),
    match: async (request: RequestInfo) =>
      found(
        [...caches.values()].map((cache) => cache.get(keyOf(request))).find((text) => text !== undefined),
      ),
  } as unknown as CacheStorage;
  return { store, caches };
}

/** The tracker's answers, by path; an error when it is away. */
function serve(files: Record<string, string> | undefined): void {
  vi.stubGlobal("fetch", async (input: RequestInfo) => {
    if (files === undefined) throw new TypeError("Failed to fetch");
    const { pathname } = new URL(typeof input === "string" ? input : input.url, "https://panal.example");
    const text = files[pathname];
    return new Response(text ?? "none", { status: text === undefined ? 404 : 200 });
  });
}
afterEach(() => vi.unstubAllGlobals());

const request = (path: string, mode: RequestMode = "no-cors") =>
  ({ url: `https://panal.example${path}`, mode, method: "GET" }) as Request;

async function answer(path: string, options: { mode?: RequestMode; store: CacheStorage }) {
  const asked = request(path, options.mode);
  const respond = answerShell(asked, { build, store: options.store });
  return respond === undefined ? undefined : (await respond(asked)).text();
}

describe("the shell", () => {
  it("keeps a whole build, and shows it at the app's paths when the tracker is away", async () => {
    const { store } = createCaches();
    serve({ "/": INDEX_2, "/assets/index-2.js": "two", "/favicon.svg": "<svg>" });
    await keepBuild(build, store);
    serve(undefined);
    for (const path of ["/", "/f/abc", "/f/abc/watch", "/p", "/p/one/folder", "/transfers"]) {
      expect(await answer(path, { mode: "navigate", store })).toBe(INDEX_2);
    }
    expect(await answer("/assets/index-2.js", { store })).toBe("two");
    expect(await answer("/favicon.svg", { store })).toBe("<svg>");
  });

  it("shows the tracker's page as long as there is one: never an old one", async () => {
    const { store } = createCaches();
    serve({ "/": INDEX_2, "/assets/index-2.js": "two", "/favicon.svg": "" });
    await keepBuild(build, store);
    serve({ "/": "newer" });
    expect(await answer("/", { mode: "navigate", store })).toBe("newer");
  });

  it.each(["/api/v1/files", "/docs", "/openapi.json", "/healthz", "/search/a.txt", "/stream", "/fx"])(
    "has nothing to do with %s",
    async (path) => {
      const { store } = createCaches();
      expect(answerShell(request(path, "navigate"), { build, store })).toBeUndefined();
      expect(answerShell(request(path), { build, store })).toBeUndefined();
    },
  );

  it("keeps no half of a build that was replaced meanwhile", async () => {
    const { store } = createCaches();
    serve({ "/": '<script src="/assets/index-3.js">', "/assets/index-2.js": "two", "/favicon.svg": "" });
    await expect(keepBuild(build, store)).rejects.toThrow("another build");
    serve({ "/": INDEX_2, "/favicon.svg": "" });
    await expect(keepBuild(build, store)).rejects.toThrow();
    serve(undefined);
    const asked = request("/", "navigate");
    expect((await answerShell(asked, { build, store })!(asked)).type).toBe("error");
  });

  it("keeps the build before for pages that are still open, and no older one", async () => {
    const { store, caches } = createCaches();
    for (const version of ["one", "two", "three"]) {
      serve({ "/": `<script src="/assets/index-${version}.js">`, [`/assets/index-${version}.js`]: version });
      await keepBuild({ version, files: [`/assets/index-${version}.js`] }, store);
    }
    await forgetOldBuilds(store);
    expect([...caches.keys()]).toEqual(["panal-shell-two", "panal-shell-three"]);
    serve(undefined);
    expect(await answer("/assets/index-two.js", { store })).toBe("two");
  });
});
