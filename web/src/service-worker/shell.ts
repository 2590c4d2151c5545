/** One build of the app, as the builder lists it. */
export interface Build {
  /** Of all its files. */
  readonly version: string;
  /** Paths from the root, without the page itself. */
  readonly files: readonly string[];
}

const CACHE_PREFIX = "panal-shell-";
/** The page; every path of the app shows it. */
const INDEX = "/";
const ASSETS = "/assets/";
/** As the tracker has them: at any other path a missing tracker is no reason to show the app. */
const APP_PATH = /^\/(f\/.*|p(\/.*)?|transfers|share|doctor)?$/;
/** Builds whose files are kept: pages of the one before may still be open, and will want the rest of theirs. */
const KEPT_BUILDS = 2;

/** Fetches a whole build. Throws when the tracker has another one by now: then the browser tries again later. */
export async function keepBuild(build: Build, store: CacheStorage = caches): Promise<void> {
  const cache = await store.open(CACHE_PREFIX + build.version);
  const index = await fetch(INDEX, { cache: "no-cache" });
  const page = await index.clone().text();
  const isOfThisBuild = [...page.matchAll(/"(\/assets\/[^"]+)"/g)].every(([, path = ""]) =>
    build.files.includes(path),
  );
  if (!index.ok || !isOfThisBuild) throw new Error("the tracker serves another build by now");
  await cache.addAll(build.files);
  await cache.put(INDEX, index);
}

/** Removes what no open page needs. */
export async function forgetOldBuilds(store: CacheStorage = caches): Promise<void> {
  const names = (await store.keys()).filter((name) => name.startsWith(CACHE_PREFIX));
  await Promise.all(names.slice(0, -KEPT_BUILDS).map((name) => store.delete(name)));
}

/**
 * How a request for the app itself is answered; undefined for everything else, which is none of ours. The page comes
 * from the tracker as long as it answers, so that it is never an old one; the files it names have their content in their
 * names, so that whichever is there is the right one.
 */
export function answerShell(
  { url, mode, method }: Pick<Request, "url" | "mode" | "method">,
  { build, store = caches }: { build: Build; store?: CacheStorage },
): ((request: Request) => Promise<Response>) | undefined {
  if (method !== "GET") return undefined;
  const { pathname } = new URL(url);
  if (mode === "navigate") {
    if (!APP_PATH.test(pathname)) return undefined;
    return async (request) => (await orUndefined(fetch(request))) ?? (await kept(INDEX, build, store));
  }
  if (pathname.startsWith(ASSETS)) {
    return async (request) => (await store.match(request.url)) ?? fetch(request);
  }
  if (build.files.includes(pathname)) {
    return async (request) => (await orUndefined(fetch(request))) ?? (await kept(pathname, build, store));
  }
  return undefined;
}

/** Of this build only: an older page would name files that are gone. */
async function kept(path: string, { version }: Build, store: CacheStorage): Promise<Response> {
  const cache = await store.open(CACHE_PREFIX + version);
  return (await cache.match(path)) ?? Response.error();
}

/** Rejects only when there was no answer at all. */
function orUndefined(answer: Promise<Response>): Promise<Response | undefined> {
  return answer.catch(() => undefined);
}
