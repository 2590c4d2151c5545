import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { PanalError } from "@panal/sdk";
import { bearerLease } from "../context.ts";
import type { Limits } from "../limits.ts";
import type { Wait } from "../wait.ts";
import type { AttachedPeers, Pusher } from "./attached-peers.ts";
import type { OpenPull, PartHead } from "./open-pull.ts";
import { parsePullHead } from "./pull-head.ts";
import { PushRefusal } from "./push-refusal.ts";
import { readPart } from "./read-part.ts";

export const MAX_PART_BYTES = 4 * 1024 * 1024;
/** What peers are told; a browser has six connections, and its stream takes one. */
export const MAX_PARTS_IN_FLIGHT = 4;
/** Connections that broke may not be known as such yet. */
const MAX_PARTS_AT_ONCE = 2 * MAX_PARTS_IN_FLIGHT;

/** What a peer says when it has no (whole) answer, and what that means to the one who asked. */
const FAILURES = {
  busy: "busy",
  "not-found": "unreachable",
  unreachable: "unreachable",
  timeout: "timeout",
  internal: "protocol",
} as const;

export interface PushDoorOptions {
  peers: Pick<AttachedPeers, "pusher">;
  /** Whether anybody has this lease: throws "unauthorized". */
  knowLease: (lease: string) => Promise<unknown>;
  hashOf: (lease: string) => string;
  limits: Pick<Limits, "admit">;
  wait: Wait;
  countPushed: (bytes: number) => void;
}

/** `POST /push` and `GET /pull-body`: how an attached peer answers. Settles with the status, or throws a PushRefusal or TooManyError. */
export function createPushDoor(options: PushDoorOptions) {
  const { peers, knowLease, hashOf, limits, wait, countPushed } = options;
  /** By peer. */
  const underWay = new Map<string, number>();

  async function pusherOf(request: IncomingMessage): Promise<Pusher> {
    const lease = bearerLease(request.headers.authorization);
    if (lease === undefined) throw new PushRefusal(401, "expected Authorization: Bearer <lease>");
    const pusher = peers.pusher(hashOf(lease));
    if (pusher !== undefined) return pusher;
    try {
      await knowLease(lease);
    } catch (error) {
      if (PanalError.from(error).code !== "unauthorized") throw error;
      throw new PushRefusal(401, "nobody has this lease (any more)");
    }
    throw new PushRefusal(409, "the peer with this lease isn't attached");
  }

  async function receive(request: IncomingMessage, pusher: Pusher, pull: OpenPull): Promise<void> {
    const part = parsePart(request);
    const before = underWay.get(pusher.peerId) ?? 0;
    if (before >= MAX_PARTS_AT_ONCE) {
      throw new PushRefusal(429, `at most ${MAX_PARTS_IN_FLIGHT} parts at once`);
    }
    if (!pull.admits(part)) return;
    underWay.set(pusher.peerId, before + 1);
    try {
      const chunks = await readPart(request, { length: part.length, wait });
      countPushed(part.length);
      pull.take(part, chunks);
    } finally {
      pull.drop(part);
      const left = underWay.get(pusher.peerId)! - 1;
      if (left === 0) underWay.delete(pusher.peerId);
      else underWay.set(pusher.peerId, left);
    }
  }

  return {
    async push(
      request: IncomingMessage,
      response: ServerResponse,
      caller: Parameters<Limits["admit"]>[1]["caller"],
    ) {
      const pusher = await pusherOf(request);
      limits.admit("pushes", { caller, lease: pusher.peerId });
      const id = headerOf(request, "panal-pull");
      const pull = id === undefined ? undefined : pusher.pull(id);
      if (pull === undefined) throw new PushRefusal(409, "no such pull (any more)");
      const word = headerOf(request, "panal-error");
      if (word === undefined) await receive(request, pusher, pull);
      else {
        const code = Object.hasOwn(FAILURES, word) ? FAILURES[word as keyof typeof FAILURES] : "protocol";
        pull.fail(new PanalError(code, "the peer says that there is no answer"));
      }
      response.writeHead(204).end();
    },

    async body(request: IncomingMessage, response: ServerResponse) {
      const pusher = await pusherOf(request);
      const body = pusher.takeBody(headerOf(request, "panal-pull") ?? "");
      if (body === undefined)
        throw new PushRefusal(409, "no such pull (any more), or its body has been fetched");
      response.writeHead(200, {
        "content-type": "application/octet-stream",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      });
      pipeline(body, response, () => {});
    },
  };
}

function parsePart(request: IncomingMessage): PartHead {
  const text = request.headers["content-length"];
  if (text === undefined) throw new PushRefusal(411, "expected content-length");
  const length = Number(text);
  if (length > MAX_PART_BYTES) throw new PushRefusal(413, `a part has at most ${MAX_PART_BYTES} bytes`);
  const offset = headerOf(request, "panal-offset") ?? "";
  if (!/^\d{1,15}$/.test(offset)) throw new PushRefusal(400, "panal-offset: expected a number of bytes");
  const end = headerOf(request, "panal-end");
  if (end !== undefined && end !== "1") throw new PushRefusal(400, 'panal-end: expected "1", or nothing');
  const head = headerOf(request, "panal-head");
  return {
    offset: Number(offset),
    length,
    head: head === undefined ? undefined : parsePullHead(head),
    isEnd: end === "1",
  };
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
}
