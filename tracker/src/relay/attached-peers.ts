import { createHmac, randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import { PanalError, rangeHeader } from "@panal/sdk";
import type { PeerRequest, PeerWay, StreamedAnswer } from "../gateway/peer-way.ts";
import { isShort, readShort } from "../gateway/short-body.ts";
import { createToken } from "../lease.ts";
import type { Wait } from "../wait.ts";
import { type OpenPull, createOpenPull } from "./open-pull.ts";
import { MAX_ROOM_BYTES, createPushWindow, createRoom } from "./push-window.ts";
import { type NewsLine, type RelayNews, createNewsLine } from "./news-line.ts";
import type { FillingWish, StartedPull } from "./filling.ts";
import { MAX_HOT_BYTES, createHotSlices } from "./hot-slices.ts";
import { type SharedAnswers, createSharedAnswers } from "./shared-answers.ts";

/** A peer whose stream ended has so long to come back; nothing is lost until then. */
const GRACE_MS = 1_500;
const MAX_ATTACHED = 10_000;
/** Clients of one peer at the same time; the way to it is busy with others then. */
const MAX_PULLS = 256;

/** Letters of what a peer knows a client by: nobody has the same by chance. */
const CLIENT_LENGTH = 22;

/** Whom it is for the pull's owner knows. */
type AskedRequest = Omit<PeerRequest, "peer">;

interface Pull {
  readonly id: string;
  readonly open: OpenPull;
  /** What the peer knows the client by. */
  readonly client: string;
  readonly request: AskedRequest;
  readonly shortBody: Uint8Array<ArrayBuffer>;
  /** One that isn't passed on with the pull, until it is fetched. */
  longBody: Readable | undefined;
}

interface AttachedPeer {
  readonly peerId: string;
  readonly session: string;
  /** Of its lease, by which its pushes are known. */
  readonly leaseHash: string;
  line: NewsLine | undefined;
  readonly pulls: Map<string, Pull>;
  /** What several ask for is asked once. */
  readonly shared: SharedAnswers;
  stopGrace: () => void;
}

export interface AttachedPeersOptions {
  now: () => number;
  wait: Wait;
  /** It didn't come back. */
  onGone: (peerId: string) => void;
  /** So many more peers, or fewer, are attached. */
  onChange?: (by: 1 | -1) => void;
}

/** The peers that are attached, what they are asked, and the way to them. */
export interface AttachedPeers {
  readonly way: PeerWay<StreamedAnswer>;
  isAttached(peerId: string): boolean;
  /** A new stream of a peer's, in place of the one before. Throws "busy". */
  attach(peer: { peerId: string; session: string; leaseHash: string }): NewsLine;
  /** By whom it is pushed; undefined for a lease nobody attached with. */
  pusher(leaseHash: string): Pusher | undefined;
  /** It shares something else now: what is kept of it isn't given any more. */
  forget(peerId: string): void;
  close(): void;
}

export interface Pusher {
  readonly peerId: string;
  pull(id: string): OpenPull | undefined;
  /** What the client sent; undefined when it has been fetched, or there is nothing long. */
  takeBody(id: string): Readable | undefined;
}

export function createAttachedPeers(options: AttachedPeersOptions): AttachedPeers {
  const { now, wait, onGone, onChange } = options;
  const attached = new Map<string, AttachedPeer>();
  const byLease = new Map<string, AttachedPeer>();
  // What isn't on its way to quick readers may be kept.
  const hot = createHotSlices(() => MAX_HOT_BYTES - room.takenBytes);
  const room = createRoom(MAX_ROOM_BYTES, hot.fit);

  // Without the secret anybody could try all addresses; with the peer's id two peers can't find out that they have the same client.
  const secret = randomBytes(32);
  const pseudonym = (peerId: string, client: string) =>
    createHmac("sha256", secret).update(`${peerId} ${client}`).digest("base64url").slice(0, CLIENT_LENGTH);

  function leave(peer: AttachedPeer, why: string): void {
    peer.stopGrace();
    attached.delete(peer.peerId);
    if (byLease.get(peer.leaseHash) === peer) byLease.delete(peer.leaseHash);
    onChange?.(-1);
    peer.shared.forget();
    for (const { open } of peer.pulls.values()) open.fail(new PanalError("unreachable", why));
  }

  function onLineEnd(peer: AttachedPeer, line: NewsLine): void {
    if (peer.line !== line) return;
    peer.line = undefined;
    peer.stopGrace = wait(GRACE_MS, () => {
      leave(peer, "the peer has gone");
      onGone(peer.peerId);
    });
  }

  function open(peer: AttachedPeer, request: AskedRequest, shortBody: Uint8Array<ArrayBuffer>): OpenPull {
    if (peer.pulls.size >= MAX_PULLS) throw new PanalError("busy", "too many clients ask this peer");
    const id = createToken();
    const stop = () => opened.fail(PanalError.from(request.signal.reason, "aborted"));
    const opened = createOpenPull({
      method: request.method,
      window: createPushWindow({ room, now }),
      wait,
      onGrant: (grantedBytes) => peer.line?.say(grantNews(id, grantedBytes)),
      onOver(isWhole) {
        request.signal.removeEventListener("abort", stop);
        peer.pulls.delete(id);
        if (!isWhole) peer.line?.say({ case: "cancel", value: { id } });
      },
    });
    const longBody = isShort(request) ? undefined : request.body;
    const client = pseudonym(peer.peerId, request.client);
    const pull: Pull = { id, open: opened, client, request, shortBody, longBody };
    request.signal.addEventListener("abort", stop, { once: true });
    peer.pulls.set(id, pull);
    peer.line?.say(pullNews(pull));
    return opened;
  }

  async function send(request: PeerRequest): Promise<StreamedAnswer> {
    const shortBody = isShort(request) ? await readShort(request.body) : new Uint8Array();
    const { peerId } = request.peer;
    const peer = attached.get(peerId);
    if (peer === undefined) throw new PanalError("unreachable", `peer ${peerId} isn't attached (any more)`);
    if (request.signal.aborted) throw PanalError.from(request.signal.reason, "aborted");
    return (await peer.shared.answer(request, shortBody)) ?? open(peer, request, shortBody).answer;
  }

  /** A part of a file, for whoever reads it. */
  function startFilling(peer: AttachedPeer, { fileId, range, asker, signal }: FillingWish): StartedPull {
    const { agent, client } = asker;
    const headers = {
      range: rangeHeader(range),
      ...(agent === undefined ? {} : { "user-agent": agent }),
    };
    if (attached.get(peer.peerId) !== peer) throw new PanalError("unreachable", "the peer has gone");
    const request = { method: "GET", path: `/files/${fileId}`, headers, client, body: undefined, signal };
    return open(peer, request, new Uint8Array());
  }

  function createPeer(identity: { peerId: string; session: string; leaseHash: string }): AttachedPeer {
    const peer: AttachedPeer = {
      ...identity,
      line: undefined,
      pulls: new Map(),
      shared: createSharedAnswers({ hot, now, start: (wish) => startFilling(peer, wish) }),
      stopGrace: () => {},
    };
    return peer;
  }

  return {
    way: { route: "relay", leadsTo: async ({ peerId }) => attached.has(peerId), send },
    isAttached: (peerId) => attached.has(peerId),
    attach({ peerId, session, leaseHash }) {
      const before = attached.get(peerId);
      if (before === undefined && attached.size >= MAX_ATTACHED) {
        throw new PanalError("busy", "too many peers are attached here");
      }
      const oldLine = before?.line;
      let peer = before;
      if (peer?.session !== session || peer.leaseHash !== leaseHash) {
        if (before !== undefined) {
          before.line = undefined;
          leave(before, "the peer began anew");
        }
        peer = createPeer({ peerId, session, leaseHash });
        attached.set(peerId, peer);
        byLease.set(leaseHash, peer);
        onChange?.(1);
      }
      peer.stopGrace();
      const current = peer;
      const line = createNewsLine({ wait, onEnd: () => onLineEnd(current, line) });
      peer.line = line;
      oldLine?.end(new PanalError("conflict", "another stream of this peer took over"));
      for (const pull of peer.pulls.values()) line.say(pullNews(pull));
      return line;
    },
    pusher(leaseHash) {
      const peer = byLease.get(leaseHash);
      return (
        peer && {
          peerId: peer.peerId,
          pull: (id) => peer.pulls.get(id)?.open,
          takeBody(id) {
            const pull = peer.pulls.get(id);
            const body = pull?.longBody;
            if (pull !== undefined) pull.longBody = undefined;
            return body;
          },
        }
      );
    },
    forget: (peerId) => attached.get(peerId)?.shared.forget(),
    close() {
      for (const peer of attached.values()) {
        const { line } = peer;
        peer.line = undefined;
        leave(peer, "the relay stops");
        line?.end(new PanalError("unreachable", "the relay stops"));
      }
    },
  };
}

function grantNews(id: string, grantedBytes: number): RelayNews {
  return { case: "grant", value: { id, grantedBytes: BigInt(grantedBytes) } };
}

function pullNews({ id, client, request, shortBody, longBody, open }: Pull): RelayNews {
  const { method, path, headers } = request;
  return {
    case: "pull",
    value: {
      id,
      method,
      path,
      headers: { ...headers },
      client,
      body: shortBody,
      hasLongBody: longBody !== undefined,
      grantedBytes: BigInt(open.grantedBytes),
    },
  };
}
