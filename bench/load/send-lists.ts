import { setTimeout as sleep } from "node:timers/promises";
import { filesPageSchema, filesRevisionSchema } from "@panal/sdk";
import { type Shares, type SharesOptions, createShares } from "../corpus/shares.ts";
import { type HttpConnections, openConnections } from "./http-connections.ts";
import { requestHead } from "./request-head.ts";

/** What a peer is to send of its list. */
export interface ListToSend {
  readonly peer: number;
  readonly peerId: string;
  readonly lease: string;
  readonly generation: number;
  /** A delta is from the generation, and the revision, before. */
  readonly kind: "whole" | "delta";
  readonly revision: number;
}

export interface PrepareListsJob {
  readonly type: "prepare-lists";
  readonly port: number;
  readonly shares: SharesOptions;
  readonly lists: readonly ListToSend[];
  /** Of a list that is sent in several parts; default all of it. */
  readonly part?: { readonly index: number; readonly of: number };
}

/** All of what was prepared, at once. */
export interface SendListsJob {
  readonly type: "send-lists";
  /** Not done before the last file of each list can be found. */
  readonly untilFound: boolean;
}

export interface SentLists {
  /** From the first request on. */
  readonly seconds: number;
  /** Of bodies. */
  readonly bytes: number;
  /** How often a peer was told to come again later, and did. */
  readonly postponed: number;
}

const LOOK_AGAIN_MS = 20;
const STATUS_BUSY = [429, 503];
/** Whatever the tracker asks for; and what a list may take at all. */
const MAX_WAIT_SECONDS = 10;
const PATIENCE_MS = 900_000;

/** Sends whole lists and deltas, as peers do; what is sent is written out before. */
export function createListSender() {
  let corpus: Shares | undefined;
  let prepared: { port: number; parts: Buffer[]; markers: string[]; fileCounts: (number | undefined)[] };

  function sharesOf(options: SharesOptions): Shares {
    if (JSON.stringify(corpus?.options) !== JSON.stringify(options)) corpus = createShares(options);
    return corpus!;
  }

  return {
    async prepare(job: PrepareListsJob): Promise<{ bytes: number }> {
      const shares = sharesOf(job.shares);
      const { index, of } = job.part ?? { index: 0, of: 1 };
      const bodies = job.lists.map((list) => bodyOf(list, { shares, index, of }));
      prepared = {
        port: job.port,
        parts: job.lists.map((list, at) =>
          wholeRequest(list, { port: job.port, body: bodies[at]!, index, of }),
        ),
        markers: job.lists.map(({ peer }) => shares.markerOf(peer)),
        // Parts but the last are answered with what is there so far.
        fileCounts: job.lists.map(() => (index + 1 === of ? job.shares.filesPerPeer : undefined)),
      };
      return { bytes: bodies.reduce((sum, body) => sum + body.length, 0) };
    },

    async send({ untilFound }: SendListsJob): Promise<SentLists> {
      const { port, parts, markers, fileCounts } = prepared;
      const bytes = parts.reduce((sum, part) => sum + part.length, 0);
      const connections = openConnections(port, parts.length);
      const until = performance.now() + PATIENCE_MS;
      let postponed = 0;
      const startedAt = performance.now();

      async function sendOne(part: Buffer, fileCount: number | undefined): Promise<void> {
        for (;;) {
          const { status, body, retryAfterSeconds } = await connections.request(part);
          if (STATUS_BUSY.includes(status) && performance.now() < until) {
            postponed++;
            await sleep(Math.min(retryAfterSeconds ?? 1, MAX_WAIT_SECONDS) * 1000);
            continue;
          }
          if (status !== 200)
            throw new Error(`a list was answered with ${status} ${body.toString("utf8", 0, 300)}`);
          const state = filesRevisionSchema.parse(JSON.parse(body.toString()));
          if (fileCount !== undefined && state.fileCount !== fileCount) {
            throw new Error(`a list of ${fileCount} files has ${state.fileCount} at the tracker`);
          }
          return;
        }
      }

      try {
        await Promise.all(parts.map((part, at) => sendOne(part, fileCounts[at])));
        if (untilFound) {
          for (const marker of markers) await findMarker(marker, { connections, port, until });
        }
      } finally {
        connections.close();
      }
      return { seconds: (performance.now() - startedAt) / 1000, bytes, postponed };
    },
  };
}

function bodyOf(
  { peer, generation, kind, revision }: ListToSend,
  { shares, index, of }: { shares: Shares; index: number; of: number },
): Buffer {
  if (kind === "delta") {
    const added = shares.changedFilesOf(peer, generation);
    return Buffer.from(JSON.stringify({ baseRevision: revision - 1, revision, added, removed: [] }));
  }
  const files = shares.filesOf(peer, generation);
  const length = Math.ceil(files.length / of);
  return Buffer.from(JSON.stringify(files.slice(index * length, (index + 1) * length)));
}

function wholeRequest(
  { peerId, lease, kind, revision }: ListToSend,
  { port, body, index, of }: { port: number; body: Buffer; index: number; of: number },
): Buffer {
  const parts = of === 1 ? "" : `&upload=${revision}&last=${index + 1 === of}`;
  const path = `/api/v1/peers/${peerId}/files`;
  const head = requestHead({
    method: kind === "delta" ? "PATCH" : "PUT",
    path: kind === "delta" ? path : `${path}?revision=${revision}${parts}`,
    port,
    lease,
    contentLength: body.length,
  });
  return Buffer.concat([Buffer.from(head), body]);
}

async function findMarker(
  marker: string,
  { connections, port, until }: { connections: HttpConnections; port: number; until: number },
): Promise<void> {
  const search = requestHead({ method: "GET", path: `/api/v1/files?q=${marker}`, port });
  for (;;) {
    const { status, body } = await connections.request(search);
    if (status !== 200) throw new Error(`a search was answered with ${status}`);
    const { files, didYouMean } = filesPageSchema.parse(JSON.parse(body.toString()));
    if (files.length === 1 && didYouMean === undefined) return;
    if (performance.now() > until) throw new Error(`${marker} is never found`);
    await sleep(LOOK_AGAIN_MS);
  }
}
