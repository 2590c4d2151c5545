import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { MiddlewareHandler } from "hono";
import type { Env } from "./context.ts";

/** Shorter answers fit one packet anyway. */
const MIN_GZIP_BYTES = 1400;
/** Names and ids shrink to a quarter at this level, in a third of the default's time. */
const GZIP_LEVEL = 4;

/** JSON and columns: made as a whole, and of bounded length. Events are neither, and never wait here. */
const WHOLE = /^(application\/(problem\+)?json|text\/plain)\b/;

const gzipBytes = promisify(gzip);

/**
 * How an answer goes out: with an ETag, as 304 to whoever has it already, compressed for whoever can take that.
 * The tag is made from what is said, not from a count of changes: what a list shows also changes by a peer's silence,
 * which no count of changes knows, and two trackers on one database give the same one.
 */
export const deliver: MiddlewareHandler<Env> = async (c, next) => {
  await next();
  const { status, headers } = c.res;
  // Only what is read: answers to changes hold secrets, whose length compression would tell.
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  if (!isRead || c.res.body === null || !WHOLE.test(headers.get("content-type") ?? "")) return;
  headers.append("vary", "accept, accept-encoding");
  const body = new Uint8Array(await c.res.arrayBuffer());
  if (status === 200 && headers.get("cache-control") !== "no-store") {
    // Weak: the same for the compressed form.
    const etag = `W/"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
    headers.set("etag", etag);
    // For this caller only (endpoints depend on where it is), and asked about each time.
    if (!headers.has("cache-control")) headers.set("cache-control", "private, no-cache");
    if (isKnown(c.req.header("if-none-match"), etag)) {
      headers.delete("content-type");
      c.res = new Response(null, { status: 304, headers });
      return;
    }
  }
  if (body.length < MIN_GZIP_BYTES || !takesGzip(c.req.header("accept-encoding"))) {
    c.res = new Response(body, { status, headers });
    return;
  }
  headers.set("content-encoding", "gzip");
  c.res = new Response(await gzipBytes(body, { level: GZIP_LEVEL }), { status, headers });
};

/** RFC 9110, 13.1.2: any of the list, compared weakly; "*" is whatever there is. */
function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const opaque = (tag: string) => tag.trim().replace(/^W\//, "");
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || opaque(tag) === opaque(etag));
}

/** RFC 9110, 12.5.3: named, or all, with a weight above 0. */
export function takesGzip(acceptEncoding = ""): boolean {
  const weights = new Map(
    acceptEncoding.split(",").map((item): [string, number] => {
      const [coding = "", ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      return [coding, weight === undefined ? 1 : Number(weight)];
    }),
  );
  return (weights.get("gzip") ?? weights.get("x-gzip") ?? weights.get("*") ?? 0) > 0;
}
