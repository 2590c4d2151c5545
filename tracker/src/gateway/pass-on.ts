import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable, Transform, pipeline } from "node:stream";
import { PanalError } from "@panal/sdk";
import { clientOf } from "@panal/sdk/node";
import type { Caller } from "../caller.ts";
import type { Limits } from "../limits.ts";
import type { Metrics } from "../metrics.ts";
import type { GatewayProblem } from "./answer-problem.ts";
import { GrpcWebBody } from "./grpc-web-body.ts";
import { NotPassedError } from "./not-passed-error.ts";
import type { PeerRecord } from "../store/store.ts";
import { SAFE_HEADERS, headersForClient, headersForPeer } from "./passed-headers.ts";
import { type PeerAnswer, type PeerWay, findWay } from "./peer-way.ts";
import { pump } from "./pump.ts";
import type { ViaTarget } from "./via-target.ts";

export interface PassOnOptions {
  ways: readonly PeerWay[];
  limits: Pick<Limits, "spendBytes">;
  metrics: Pick<Metrics, "countPass" | "countPassedBytes">;
}

export interface Passing {
  /** Whose the target is. */
  readonly peer: PeerRecord;
  readonly target: ViaTarget;
  readonly caller: Caller;
  /** The client speaks gRPC over HTTP/2; the peer is asked in gRPC-Web. */
  readonly isGrpc: boolean;
}

/**
 * Passes one request on to a peer, and its answer back, both as they come: what is in between is a chunk of either. Throws a NotPassedError when
 * the client can still be told why; once it can't, it is cut off.
 */
export function createPassOn({ ways, limits, metrics }: PassOnOptions) {
  return async (
    request: IncomingMessage,
    response: ServerResponse,
    { peer, target, caller, isGrpc }: Passing,
  ): Promise<void> => {
    const gone = new AbortController();
    response.once("close", () => gone.abort(new PanalError("aborted", "the client is gone")));
    const counted = (route: PeerWay["route"], direction: "down" | "up") => (bytes: number) => {
      metrics.countPassedBytes(route, direction, bytes);
      return limits.spendBytes(caller, bytes);
    };
    let route: PeerWay["route"] | "none" = "none";
    try {
      const way = await findWay(ways, peer);
      route = way.route;
      const hasBody = request.method !== "GET" && request.method !== "HEAD";
      const answer = await way.send({
        peer,
        method: request.method ?? "GET",
        path: target.path,
        headers: isGrpc ? asGrpcWeb(headersForPeer(request.headers)) : headersForPeer(request.headers),
        client: clientOf(caller.address),
        body: hasBody ? metered(request, counted(way.route, "up")) : undefined,
        signal: gone.signal,
        mayLend: !isGrpc,
      });
      const status = await answerClient(response, {
        answer,
        target,
        isGrpc,
        spend: counted(way.route, "down"),
      });
      metrics.countPass({ route, kind: target.kind, status });
    } catch (error) {
      metrics.countPass({ route, kind: target.kind, status: 502 });
      if (gone.signal.aborted) return;
      if (response.headersSent) response.destroy();
      else throw error instanceof NotPassedError ? error : notPassed(error, target);
    } finally {
      // An answer that didn't wait for the whole body: the rest goes nowhere, but the connection can be used again.
      request.unpipe();
      request.resume();
    }
  };
}

/** Gives the status once all of it is out. Rejects when it breaks off. */
async function answerClient(
  response: ServerResponse,
  options: { answer: PeerAnswer; target: ViaTarget; isGrpc: boolean; spend: (bytes: number) => number },
): Promise<number> {
  const { answer, target, isGrpc, spend } = options;
  try {
    const headers = headersForClient(answer, target);
    const type = headers?.["content-type"] ?? "";
    if (
      headers === undefined ||
      (isGrpc && !(answer.status === 200 && type.startsWith("application/grpc-web")))
    )
      throw new NotPassedError({
        kind: "busy",
        status: 502,
        title: "Unfit answer",
        detail: `the peer answered ${answer.status} in a way that isn't passed on`,
      });
    if (isGrpc) {
      const body = new GrpcWebBody();
      if (!(answer.body instanceof Readable)) throw new PanalError("internal", "bytes were lent to be kept");
      pipeline(answer.body, body, () => {});
      response.writeHead(200, { ...SAFE_HEADERS, ...asGrpc(headers) });
      await pump(body, response, { spend });
      response.addTrailers(body.trailers ?? {});
    } else {
      response.writeHead(answer.status, headers);
      await pump(answer.body, response, { spend, onWritten: answer.written });
    }
    response.end();
    return answer.status;
  } finally {
    answer.body.destroy();
  }
}

/** A body that is counted, and held back when it comes too fast. */
function metered(body: Readable, spend: (bytes: number) => number): Readable {
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const ms = spend(chunk.length);
      if (ms === 0) done(null, chunk);
      else setTimeout(done, ms, null, chunk);
    },
  });
  return pipeline(body, meter, () => {});
}

function asGrpcWeb(headers: Record<string, string>): Record<string, string> {
  const type = (headers["content-type"] ?? "").replace(/^application\/grpc/, "application/grpc-web");
  return { ...headers, "content-type": type, "x-grpc-web": "1" };
}

function asGrpc(headers: Record<string, string>): Record<string, string> {
  const { "content-length": _, ...rest } = headers;
  return { ...rest, "content-type": headers["content-type"]!.replace("grpc-web", "grpc") };
}

function notPassed(error: unknown, { peerId }: ViaTarget): NotPassedError {
  const { code } = PanalError.from(error, "unreachable");
  const problem = (status: number, title: string, detail: string): GatewayProblem => ({
    kind: "busy",
    status,
    title,
    detail: `peer ${peerId}: ${detail}`,
    headers: { "retry-after": "5" },
  });
  // Not what the error says: a peer chooses that.
  const options = { cause: error };
  switch (code) {
    case "not-found":
    case "unreachable":
      return new NotPassedError(
        problem(502, "No way there", "it isn't here (any more), or can't be reached from here"),
        options,
      );
    case "busy":
      return new NotPassedError(problem(503, "Busy", "it has enough to do; try later"), options);
    case "timeout":
      return new NotPassedError(problem(504, "No answer", "it didn't answer in time"), options);
    default:
      return new NotPassedError(problem(502, "No answer", "what came is no answer"), options);
  }
}
