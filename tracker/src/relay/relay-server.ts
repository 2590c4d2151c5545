import type { IncomingMessage, ServerResponse } from "node:http";
import { PanalError, connectErrorFromPanal } from "@panal/sdk";
import { RelayService } from "@panal/sdk/gen/panal/v1/relay_pb";
import { createRpcAdapter } from "@panal/sdk/node";
import { type Caller, type CallerRules, callerOf } from "../caller.ts";
import { bearerLease } from "../context.ts";
import { type GatewayProblem, answerProblem, tooManyProblem } from "../gateway/answer-problem.ts";
import { hashLease } from "../lease.ts";
import { type Limits, TooManyError } from "../limits.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Registry } from "../registry.ts";
import type { AttachedPeers } from "./attached-peers.ts";
import { HEARTBEAT_MS, type RelayNews } from "./news-line.ts";
import type { Wait } from "../wait.ts";
import { MAX_PARTS_IN_FLIGHT, MAX_PART_BYTES, createPushDoor } from "./push-door.ts";
import { PushRefusal } from "./push-refusal.ts";
import { relayCrossOrigin } from "./relay-origins.ts";

const MAX_REQUEST_BYTES = 4 * 1024;
/** A pull with a body of 64 KiB, and its headers. */
const MAX_ANSWER_BYTES = 128 * 1024;
const MAX_SHOWN_LENGTH = 200;
const ATTACH_PATH = `/${RelayService.typeName}/${RelayService.method.attach.name}`;

export interface RelayServerOptions {
  peers: AttachedPeers;
  registry: Pick<Registry, "authorize" | "byLease" | "attached">;
  /** Whose pages may attach. */
  origins: { has(origin: string): boolean };
  acceptsHost: (header: string) => boolean;
  callers: CallerRules;
  limits: Limits;
  metrics: Pick<Metrics, "countRefusal" | "countPushedBytes">;
  log: Pick<Log, "error">;
  wait: Wait;
}

/** What answers on the relay's port: Attach, and what attached peers push. No client comes here. */
export function createRelayServer(
  options: RelayServerOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { peers, registry, origins, limits, metrics, wait } = options;
  const hashOf = (lease: string) => Buffer.from(hashLease(lease)).toString("base64");
  const door = createPushDoor({
    peers,
    knowLease: (lease) => registry.byLease(lease),
    hashOf,
    limits,
    wait,
    countPushed: (bytes) => metrics.countPushedBytes(bytes),
  });
  const rpc = createRpcAdapter(
    (router) => {
      router.service(RelayService, {
        async *attach(request, { requestHeader, signal }) {
          try {
            const lease = bearerLease(requestHeader.get("authorization") ?? undefined);
            yield* follow(await admit(request, lease), signal);
          } catch (error) {
            throw connectErrorFromPanal(error);
          }
        },
      });
    },
    { maxRequestBytes: MAX_REQUEST_BYTES, maxAnswerBytes: MAX_ANSWER_BYTES },
  );

  async function admit(
    { peerId, session }: { peerId: string; session: string },
    lease: string | undefined,
  ): Promise<Parameters<AttachedPeers["attach"]>[0]> {
    await registry.authorize(peerId, lease);
    if (!/^[A-Za-z0-9_-]{16,64}$/.test(session)) {
      throw new PanalError("invalid", "session: expected 16 to 64 letters, digits, - or _");
    }
    return { peerId, session, leaseHash: hashOf(lease!) };
  }

  async function* follow(
    peer: Parameters<AttachedPeers["attach"]>[0],
    signal: AbortSignal,
  ): AsyncGenerator<{ news: RelayNews }> {
    const line = peers.attach(peer);
    const onGone = () => line.end();
    signal.addEventListener("abort", onGone, { once: true });
    if (signal.aborted) onGone();
    try {
      const value = {
        heartbeatMs: HEARTBEAT_MS,
        maxPartBytes: MAX_PART_BYTES,
        maxPartsInFlight: MAX_PARTS_IN_FLIGHT,
      };
      yield { news: { case: "attached", value } };
      await registry.attached(peer.peerId);
      for await (const news of line.read()) yield { news };
    } finally {
      signal.removeEventListener("abort", onGone);
      line.end();
    }
  }

  async function answerDoor(
    request: IncomingMessage,
    response: ServerResponse,
    { path, caller }: { path: "/push" | "/pull-body"; caller: Caller },
  ): Promise<void> {
    try {
      if (path === "/push") await door.push(request, response, caller);
      else await door.body(request, response);
    } catch (error) {
      if (response.headersSent || response.destroyed) return void response.destroy();
      const problem = problemOf(error);
      // What isn't read of a part isn't waited for, either.
      const headers = request.complete ? problem.headers : { ...problem.headers, connection: "close" };
      answerProblem(response, headers === undefined ? problem : { ...problem, headers });
    }
  }

  function problemOf(error: unknown): GatewayProblem {
    if (error instanceof TooManyError) {
      metrics.countRefusal(error.limit);
      return tooManyProblem(error);
    }
    if (error instanceof PushRefusal) {
      return { kind: error.kind, status: error.status, title: "Not taken", detail: error.message };
    }
    if (PanalError.from(error).code === "internal") options.log.error({ error }, "the relay failed");
    return { kind: "busy", status: 503, title: "Not now", detail: "not now" };
  }

  return (request, response) => {
    request.on("error", () => {});
    response.on("error", () => {});
    const { headers, method = "" } = request;
    const path = request.url ?? "";
    const refuse = (kind: Parameters<typeof answerProblem>[1]["kind"], status: number, detail: string) =>
      answerProblem(response, { kind, status, title: "Not here", detail });
    const authority = headers[":authority"] ?? headers.host;
    if (typeof authority !== "string" || !options.acceptsHost(authority)) {
      const name = JSON.stringify(String(authority).slice(0, MAX_SHOWN_LENGTH));
      return refuse("unknown-host", 421, `${name}: start the relay with --relay-url or --allow-host`);
    }
    response.setHeader("x-content-type-options", "nosniff");
    const origin = relayCrossOrigin.apply(request, response, origins);
    if (method === "OPTIONS" && origin === "allowed")
      return relayCrossOrigin.answerPreflight(request, response);
    if (path === "/healthz" && method === "GET") {
      response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
      return void response.end("ok\n");
    }
    if (origin === "refused") {
      return refuse("foreign-origin", 403, "pages from there may not use this relay (see --allow-origin)");
    }
    const caller = callerOf(
      {
        remoteAddress: request.socket.remoteAddress,
        header: (name) => (typeof headers[name] === "string" ? headers[name] : undefined),
      },
      options.callers,
    );
    if (path === ATTACH_PATH && method === "POST") {
      try {
        limits.admit("requests", { caller, lease: undefined });
        const close = limits.open("streams", caller);
        response.once("close", close);
      } catch (error) {
        return answerProblem(response, problemOf(error));
      }
      // nginx would gather what a peer is to hear at once.
      response.setHeader("x-accel-buffering", "no");
      response.setHeader("cache-control", "no-store");
      if (rpc(request, response, path)) return;
    }
    if (path === "/push" || path === "/pull-body") {
      const takes = path === "/push" ? "POST" : "GET";
      if (method !== takes) return refuse("method-not-allowed", 405, `${path} takes ${takes}`);
      void answerDoor(request, response, { path, caller });
      return;
    }
    refuse("not-found", 404, "here are RelayService.Attach, /push and /pull-body: see relay.proto");
  };
}
