import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { extname, join } from "node:path";
import { Readable } from "node:stream";
import type { Context } from "hono";
import { takesGzip } from "../delivery.ts";
import { type App, type Env, type Services, createApiApp } from "../context.ts";

/** Paths at which the app itself decides what to show. */
const APP_PATHS = [
  "/",
  "/f/:fileId",
  "/f/:fileId/watch",
  "/p",
  "/p/:peerId",
  "/p/:peerId/*",
  "/transfers",
  "/share",
  "/doctor",
];
/** A file's name in web/dist: no separators, and nothing hidden. */
const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/;
/** index.html is small; a file of this size there is not ours. */
const MAX_INDEX_BYTES = 1024 * 1024;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm",
  ".txt": "text/plain; charset=utf-8",
  ".map": "application/json",
};

/**
 * What the app's page may do: run our scripts, talk to any peer, and show what peers serve. Worker URLs go through the
 * one Trusted Types policy `panal`; WASM hashes where there is no WebCrypto.
 */
const APP_CSP = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob: http: https:",
  "media-src 'self' blob: http: https:",
  "connect-src 'self' http: https: ws: wss:",
  "font-src 'self'",
  // Only for what the service worker gives to be saved, which is never shown.
  "frame-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types panal",
].join("; ");

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Panal</title>
<h1>Panal</h1><p>The tracker runs, but its web app isn't built yet: run <code>npm run build</code> and reload this page.</p>
<p>The API is there all the same: <a href="/docs">/docs</a>.</p></html>`;

/** The built web app: its page at the paths it knows, its assets, and the files beside it. */
export function webAppRoutes({ config }: Services): App {
  const app = createApiApp();

  async function sendIndex(c: Context<Env>): Promise<Response> {
    const page = await readIndex(join(config.webDir, "index.html"));
    if (page === undefined) return c.html(NOT_BUILT, 503, { "cache-control": "no-store" });
    const etag = `"${createHash("sha256").update(page).digest("base64url").slice(0, 22)}"`;
    // Always asked for again: it names the assets of one build.
    const headers = { "cache-control": "no-cache", etag, "content-security-policy": APP_CSP };
    if (c.req.header("if-none-match") === etag) return c.body(null, 304, headers);
    return c.html(page, 200, headers);
  }

  async function sendFile(
    c: Context<Env>,
    { folder, cacheControl }: { folder: string; cacheControl: string },
  ) {
    const name = c.req.param("name") ?? "";
    const contentType = CONTENT_TYPES[extname(name)];
    if (!FILE_NAME.test(name) || contentType === undefined || name === "index.html") return c.notFound();
    const path = join(folder, name);
    // What the build put beside it. What it is, its own name says.
    const packed = takesGzip(c.req.header("accept-encoding"))
      ? await open(`${path}.gz`).catch(() => undefined)
      : undefined;
    const file = packed ?? (await open(path).catch(() => undefined));
    if (file === undefined) return c.notFound();
    const stat = await file.stat();
    if (!stat.isFile()) {
      await file.close();
      return c.notFound();
    }
    const etag = `"${stat.size}-${stat.mtimeMs}"`;
    const headers = {
      "content-type": contentType,
      "cache-control": cacheControl,
      etag,
      vary: "accept-encoding",
      ...(packed === undefined ? {} : { "content-encoding": "gzip" }),
      // Scripts carry it too: a worker has the policy its own script came with.
      "content-security-policy": APP_CSP,
    };
    const isFresh = c.req.header("if-none-match") === etag;
    if (isFresh || c.req.method === "HEAD") {
      await file.close();
      return isFresh
        ? c.body(null, 304, headers)
        : c.body(null, 200, { ...headers, "content-length": String(stat.size) });
    }
    const body = Readable.toWeb(file.createReadStream()) as ReadableStream<Uint8Array>;
    return c.body(body, 200, { ...headers, "content-length": String(stat.size) });
  }

  for (const path of APP_PATHS) app.get(path, (c) => sendIndex(c));
  app.get("/assets/:name", (c) =>
    // Their names hold a hash of what is in them.
    sendFile(c, {
      folder: join(config.webDir, "assets"),
      cacheControl: "public, max-age=31536000, immutable",
    }),
  );
  app.get("/:name", (c) => sendFile(c, { folder: config.webDir, cacheControl: "no-cache" }));
  return app;
}

async function readIndex(path: string): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    if ((await file.stat()).size > MAX_INDEX_BYTES) return undefined;
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}
