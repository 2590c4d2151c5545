import type { IncomingMessage, ServerResponse } from "node:http";
import { PanalError } from "@panal/sdk";
import { PEER_CROSS_ORIGIN, createCrossOrigin } from "@panal/sdk/node";
import { type Caller, type CallerRules, callerOf } from "../caller.ts";
import type { LivePeers } from "../live-peers.ts";
import { type Limits, TooManyError } from "../limits.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { PeerRecord } from "../store/store.ts";
import { type GatewayProblem, answerProblem, tooManyProblem } from "./answer-problem.ts";
import { type ContentDoor, parseContentTarget } from "./content-door.ts";
import { NotPassedError } from "./not-passed-error.ts";
import { createPassOn } from "./pass-on.ts";
import { PEER_HEADER, SAFE_HEADERS, isForRunning } from "./passed-headers.ts";
import type { PeerWay } from "./peer-way.ts";
import { type ViaTarget, parsePeerPath, parseViaTarget } from "./via-target.ts";

/** For whoever watches over it. */
const HEALTH_PATHS: ReadonlySet<string> = new Set(["/healthz", "/.well-known/panal-gateway"]);
const MAX_SHOWN_LENGTH = 200;

export interface GatewayOptions {
  /** In the order they are tried. */
  ways: readonly PeerWay[];
  live: Pick<LivePeers, "visiblePeer">;
  /** `/content/...`: a file from all who have it. */
  content: ContentDoor;
  /** Whose pages may read what comes. */
  origins: { has(origin: string): boolean };
  /** Whether a Host header names this gateway. */
  acceptsHost: (header: string) => boolean;
  callers: CallerRules;
  limits: Limits;
  metrics: Pick<Metrics, "countPass" | "countPassedBytes" | "changePasses" | "countRefusal">;
  log: Pick<Log, "error">;
  /** What is at /metrics for a caller; undefined when that is nothing. */
  metricsFor?: (caller: Caller) => ReturnType<Metrics["text"]> | undefined;
}

const crossOrigin = createCrossOrigin({
  ...PEER_CROSS_ORIGIN,
  exposedHeaders: [...PEER_CROSS_ORIGIN.exposedHeaders, "retry-after"],
});

/**
 * What answers on the gateway's port: an origin of its own, where peers choose the bytes and nothing of the app's is. It reaches
 * PeerService, health and files of peers, and nothing else.
 */
export function createGateway(
  options: GatewayOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { live, limits, metrics, origins } = options;
  const passOn = createPassOn(options);

  const callerFor = ({ headers, socket }: IncomingMessage): Caller =>
    callerOf(
      { remoteAddress: socket.remoteAddress, header: (name) => textOf(headers[name]) },
      options.callers,
    );

  /** Counts a request, and lets it be answered for the caller. */
  async function admit(request: IncomingMessage, answer: (caller: Caller) => Promise<void>): Promise<void> {
    const caller = callerFor(request);
    const account: { caller: Caller; lease: undefined } = { caller, lease: undefined };
    limits.admit("passes", account);
    const close = limits.open("passes", caller);
    metrics.changePasses(1);
    try {
      await answer(caller);
    } finally {
      metrics.changePasses(-1);
      close();
    }
  }

  async function visiblePeer({ peerId }: ViaTarget, caller: Caller): Promise<PeerRecord> {
    try {
      return await live.visiblePeer(peerId, caller);
    } catch (error) {
      if (PanalError.from(error).code !== "not-found") throw error;
      throw new NotPassedError({
        kind: "busy",
        status: 502,
        title: "No such peer now",
        detail: `peer ${peerId}: not here (any more)`,
        headers: { "retry-after": "5" },
      });
    }
  }

  function problemOf(error: unknown): GatewayProblem {
    if (error instanceof NotPassedError) return error.problem;
    if (error instanceof TooManyError) {
      metrics.countRefusal(error.limit);
      return tooManyProblem(error);
    }
    if (PanalError.from(error).code === "busy") {
      return { kind: "busy", status: 503, title: "Busy", detail: "not now", headers: { "retry-after": "5" } };
    }
    options.log.error({ error }, "the gateway failed");
    return { kind: "internal", status: 500, title: "Internal error", detail: "our mistake; the log has it" };
  }

  return (request, response) => {
    // Clients that break off must not end the process.
    request.on("error", () => {});
    response.on("error", () => {});
    const { headers, method = "" } = request;
    const url = request.url ?? "";
    const isGrpc =
      request.httpVersionMajor >= 2 && /^application\/grpc($|[+;])/.test(headers["content-type"] ?? "");
    const refuse = (problem: GatewayProblem) => answerProblem(response, problem, { isGrpc });

    const host = textOf(headers[":authority"]) ?? headers.host;
    if (host === undefined || !options.acceptsHost(host)) {
      return refuse({
        kind: "unknown-host",
        status: 421,
        title: "Unknown host name",
        detail: `${shown(host ?? "")}: this gateway wasn't told of that name; start it with --via-url or --allow-host`,
      });
    }
    const origin = crossOrigin.apply(request, response, origins);
    if (method === "OPTIONS" && origin === "allowed") return crossOrigin.answerPreflight(request, response);
    if (HEALTH_PATHS.has(url) && (method === "GET" || method === "HEAD")) return answerHealth(response);

    if (url === "/metrics" && method === "GET" && options.metricsFor !== undefined) {
      const told = options.metricsFor(callerFor(request));
      if (told !== undefined) {
        told.then(
          ({ contentType, body }) => response.writeHead(200, { "content-type": contentType }).end(body),
          () => response.destroy(),
        );
        return;
      }
    }
    const content = parseContentTarget(url);
    const peerId = isGrpc ? textOf(headers[PEER_HEADER]) : undefined;
    const target = peerId === undefined ? parseViaTarget(url) : parsePeerPath(peerId, url);
    if (target === undefined && content === undefined) {
      return refuse({
        kind: "not-found",
        status: 404,
        title: "Not found",
        detail: `${shown(url)}: expected /via/{peerId}/ and a call of PeerService or health, or files/{fileId}/{name}; or /content/{fileId}/{name}`,
      });
    }
    const isCall = target?.kind === "call";
    const methods = isCall ? ["POST"] : ["GET", "HEAD"];
    if (!methods.includes(method)) {
      return refuse({
        kind: "method-not-allowed",
        status: 405,
        title: "Method not allowed",
        detail: `${shown(url)} takes ${methods.join(", ")}`,
        headers: { allow: [...methods, "OPTIONS"].join(", ") },
      });
    }
    if (isForRunning(headers)) {
      return refuse({
        kind: "forbidden",
        status: 403,
        title: "Not to be run",
        detail: "what peers have is no script, worker or style of anybody's page",
      });
    }
    // A link leads to a file from anywhere; calls through a visitor's browser are for pages of the app.
    if (origin === "refused" && isCall) {
      return refuse({
        kind: "foreign-origin",
        status: 403,
        title: "Foreign origin",
        detail: `${shown(headers.origin ?? "")}: pages from there may not use this gateway (see --allow-origin)`,
      });
    }
    const answered = admit(request, async (caller) => {
      if (content !== undefined) return options.content(request, response, { ...content, caller });
      const peer = await visiblePeer(target!, caller);
      return passOn(request, response, { peer, target: target!, caller, isGrpc });
    });
    answered.catch((error: unknown) => {
      if (response.headersSent || response.destroyed) response.destroy();
      else refuse(problemOf(error));
    });
  };
}

function answerHealth(response: ServerResponse): void {
  response.writeHead(200, {
    ...SAFE_HEADERS,
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(response.req.method === "HEAD" ? undefined : "ok\n");
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, MAX_SHOWN_LENGTH));
}
