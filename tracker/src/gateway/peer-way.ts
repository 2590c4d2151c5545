import type { Readable } from "node:stream";
import { PanalError } from "@panal/sdk";
import type { PeerRecord } from "../store/store.ts";
import type { LentBody } from "./lent-body.ts";

/** A request that is passed on to a peer. What it may be was looked at before: a way only carries it. */
export interface PeerRequest {
  /** As the store had it when the request came. */
  readonly peer: PeerRecord;
  readonly method: string;
  /** Path and query as they came, beginning with "/": of PeerService, health or `/files/` only, and in plain spelling. */
  readonly path: string;
  /** Names in lower case; those a peer may be told, and nothing of the connection they came over. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whom it counts for (`clientOf`). Never told to a peer as it is. */
  readonly client: string;
  /** Undefined for GET and HEAD. Read by the way as fast as the peer takes it. */
  readonly body: Readable | undefined;
  /** The client is gone: whatever is under way at the peer is to end. */
  readonly signal: AbortSignal;
  /** The answer's bytes may be lent: they go to where nothing of them is kept once they are written. */
  readonly mayLend?: boolean;
}

export interface PeerAnswer {
  readonly status: number;
  /** Names in lower case. Anything may be in there: only a few are passed on. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Read as fast as the client takes it. Destroyed when the client is gone; an error in it (the peer broke off, or sent more or
   * less than it said) cuts the client off, since its status has been sent.
   */
  readonly body: Readable | LentBody;
  /** Where it is set: told of each chunk of the body, once, when nobody reads it any more. Who doesn't tell keeps the memory from being used again. */
  readonly written?: (chunk: Buffer) => void;
}

/** One whose bytes aren't lent. */
export type StreamedAnswer = PeerAnswer & { readonly body: Readable };

/**
 * One way to peers: dialled by the gateway, or through the stream of one that is attached to the relay. It speaks HTTP/1.1's
 * words only: gRPC comes to it as gRPC-Web, whose trailers are in the body.
 */
export interface PeerWay<Answer extends PeerAnswer = PeerAnswer> {
  /** What clients are told in an endpoint, and what is counted. */
  readonly route: "gateway" | "relay";
  /** Whether the peer can be asked this way, now. Cheap, since it is asked before each request. */
  leadsTo(peer: PeerRecord): Promise<boolean>;
  /**
   * Settles with the head of the peer's answer. Throws "unreachable" or "timeout" when none comes, "busy" when the peer has enough to do,
   * "protocol" when what comes is no answer, "aborted" when the signal fired.
   */
  send(request: PeerRequest): Promise<Answer>;
}

/** The first of these ways that leads to the peer. Throws "unreachable" when none does: it may be back any moment. */
export async function findWay(ways: readonly PeerWay[], peer: PeerRecord): Promise<PeerWay> {
  for (const way of ways) if (await way.leadsTo(peer)) return way;
  throw new PanalError(
    "unreachable",
    `no way leads to a peer ${peer.peerId}: it isn't there, or can't be reached`,
  );
}
