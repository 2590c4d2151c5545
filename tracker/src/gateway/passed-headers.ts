import type { IncomingHttpHeaders } from "node:http";
import { contentDisposition, mediaTypeOf } from "@panal/sdk";
import type { PeerAnswer } from "./peer-way.ts";
import type { ViaTarget } from "./via-target.ts";

/** What a peer is told of a request. No Cookie, no Authorization, no Origin, no address: none of them is the peer's business. */
const REQUEST_HEADERS: ReadonlySet<string> = new Set([
  "accept",
  "content-length",
  "content-type",
  "if-match",
  "if-none-match",
  "if-range",
  "range",
  "user-agent",
  "x-grpc-web",
  "x-user-agent",
]);
/** And what our protocols bring: Connect's and gRPC's own, and ours, such as a peer's upload code. */
const REQUEST_PREFIXES = ["connect-", "grpc-", "panal-"];
/** Names the peer to the gateway, and nothing to the peer. */
export const PEER_HEADER = "panal-peer";

/** What of an answer is passed on; all others are dropped, whatever they are. */
const ANSWER_HEADERS = {
  files: ["accept-ranges", "content-length", "content-range", "etag", "retry-after"],
  call: [
    "connect-accept-encoding",
    "connect-content-encoding",
    "content-length",
    "content-type",
    "grpc-accept-encoding",
    "grpc-encoding",
    "grpc-message",
    "grpc-status",
    "grpc-status-details-bin",
    "retry-after",
  ],
} as const satisfies Record<ViaTarget["kind"], readonly string[]>;

/** The types an answer to a call may have: those of Connect, gRPC and gRPC-Web. No browser shows them. */
const CALL_TYPE = /^application\/(connect\+|grpc-web\+|grpc\+)?(proto|json)$|^application\/grpc(-web)?$/;
/** Whatever a file is, a page of the gateway's origin it isn't: no script, no request, no window, no origin of its own. */
const SANDBOX = "default-src 'none'; frame-ancestors 'none'; sandbox";

export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": SANDBOX,
  "cross-origin-resource-policy": "cross-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

export function headersForPeer(headers: IncomingHttpHeaders): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== "string" || name === PEER_HEADER) continue;
    const isKnown = REQUEST_HEADERS.has(name) || REQUEST_PREFIXES.some((prefix) => name.startsWith(prefix));
    if (isKnown) passed[name] = value;
  }
  return passed;
}

/**
 * The headers of an answer to a client; undefined when the answer is none we pass on: a redirect, a type that browsers show, bytes
 * that are packed.
 */
export function headersForClient(
  { status, headers }: Pick<PeerAnswer, "status" | "headers">,
  { kind, name }: Pick<ViaTarget, "kind" | "name">,
): Record<string, string> | undefined {
  const isPlain = (status >= 200 && status < 300) || status === 304 || (status >= 400 && status < 600);
  if (!isPlain || (headers["content-encoding"] ?? "identity") !== "identity") return undefined;
  const passed: Record<string, string> = {};
  for (const header of ANSWER_HEADERS[kind]) {
    const value = headers[header];
    if (value !== undefined) passed[header] = value;
  }
  if (kind === "call") {
    // Errors without a body that is one have no type, or a text of the peer's that nobody needs.
    const type = passed["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "";
    if (!CALL_TYPE.test(type)) {
      if (status < 400) return undefined;
      passed["content-type"] = "application/octet-stream";
    }
    // Of file data that may be stored a browser holds all that comes in memory, however slowly the page reads it.
    return { ...passed, "cache-control": "no-store", ...SAFE_HEADERS };
  }
  return { ...passed, ...fileHeaders(name), ...SAFE_HEADERS };
}

/** What a file is called, and taken for: by its name, never by what the peer says of it. */
export function fileHeaders(name: string | undefined): Record<string, string> {
  const { mime, inline } = mediaTypeOf(name ?? "");
  return {
    "cache-control": "no-cache",
    "content-disposition": contentDisposition("attachment", name ?? "file"),
    // Players and pictures elsewhere look at it; whatever could be a page is bytes.
    "content-type": inline && /^(audio|image|video)\//.test(mime) ? mime : "application/octet-stream",
  };
}

/** Whether a browser asks for something to run, which nothing here is. */
export function isForRunning(headers: IncomingHttpHeaders): boolean {
  const destination = headers["sec-fetch-dest"];
  return (
    headers["service-worker"] !== undefined ||
    (typeof destination === "string" &&
      /^(serviceworker|sharedworker|worker|script|style|manifest|xslt|(audio|paint)worklet)$/.test(
        destination,
      ))
  );
}
