import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import {
  type ByteRange,
  type FileId,
  PanalError,
  contentRange,
  fileIdLength,
  isFileId,
  parseRange,
} from "@panal/sdk";
import { nodeHashBlocks } from "@panal/sdk/node";
import { type Source, download } from "@panal/sdk/transfer";
import type { Caller } from "../caller.ts";
import type { Limits } from "../limits.ts";
import type { LivePeers } from "../live-peers.ts";
import type { Metrics } from "../metrics.ts";
import type { FileIndex } from "../store/store.ts";
import type { GatewayProblem } from "./answer-problem.ts";
import { NotPassedError } from "./not-passed-error.ts";
import { SAFE_HEADERS, fileHeaders } from "./passed-headers.ts";
import { createPassingStore } from "./passing-store.ts";
import { pump } from "./pump.ts";
import { parseName } from "./via-target.ts";

/** Files that are put together at the same time: each takes the memory of some pieces, 50 MiB where those are longest. */
const MAX_READERS = 16;
/** Peers a file is read from; more bring nothing. */
const MAX_SOURCES = 16;
const RETRY_AFTER_SECONDS = "10";

export interface ContentTarget {
  readonly fileId: FileId;
  readonly name: string | undefined;
}

/** From the raw target of a request, `/content/{fileId}/{name}`; undefined for anything else. */
export function parseContentTarget(target: string): ContentTarget | undefined {
  const [, fileId = "", encoded = ""] =
    /^\/content\/([0-9a-f-]{1,96})(?:\/([^/?]*))?(?:\?[\w=&]{0,64})?$/.exec(target) ?? [];
  const name = parseName(encoded);
  if (!isFileId(fileId) || name === undefined) return undefined;
  return { fileId, name: name === "" ? undefined : name };
}

export interface ContentDoorOptions {
  index: Pick<FileIndex, "file">;
  live: Pick<LivePeers, "viewFor">;
  /** A peer as a source, by the ways the gateway has. */
  createSource: (peer: { id: string; name: string }) => Source;
  limits: Pick<Limits, "spendBytes">;
  metrics: Pick<Metrics, "countPass" | "countPassedBytes">;
}

export type ContentDoor = (
  request: IncomingMessage,
  response: ServerResponse,
  options: ContentTarget & { caller: Caller },
) => Promise<void>;

/** A file from all who have it, each piece verified before any of it is sent. Throws a NotPassedError before anything was. */
export function createContentDoor(options: ContentDoorOptions): ContentDoor {
  const { index, live, createSource, limits, metrics } = options;
  let readers = 0;

  async function sourcesOf(fileId: FileId, caller: Caller): Promise<Source[]> {
    const file = await index.file(live.viewFor(caller), fileId);
    if (file === undefined) {
      throw refused({
        kind: "not-found",
        status: 404,
        title: "Not found",
        detail: `no live peer has ${fileId}`,
      });
    }
    return file.holders
      .slice(0, MAX_SOURCES)
      .map(({ peer }) => createSource({ id: peer.peerId, name: peer.name }));
  }

  async function send(
    response: ServerResponse,
    { fileId, range, caller, head }: { fileId: FileId; range: ByteRange; caller: Caller; head: () => void },
  ): Promise<void> {
    const sources = await sourcesOf(fileId, caller);
    const { store, reading, fail, next } = createPassingStore(range);
    const over = new AbortController();
    const gone = () => fail(new PanalError("aborted", "the client is gone"));
    response.once("close", gone);
    const running = download({
      fileId,
      sources,
      store,
      reading,
      signal: over.signal,
      hashBlocks: nodeHashBlocks,
    }).catch((error: unknown) => fail(PanalError.from(error)));
    try {
      // Only with the first bytes it is sure that there are any.
      const first = await next();
      head();
      async function* bytes() {
        for (let part = first; part !== undefined; part = await next()) yield part;
      }
      await pump(Readable.from(bytes(), { objectMode: false, highWaterMark: 1 }), response, {
        spend(count) {
          metrics.countPassedBytes("content", "down", count);
          return limits.spendBytes(caller, count);
        },
      });
    } finally {
      response.off("close", gone);
      over.abort();
      await running;
    }
  }

  return async (request, response, { fileId, name, caller }) => {
    const length = fileIdLength(fileId);
    const etag = `"${fileId}"`;
    const { headers } = request;
    const shared = { ...fileHeaders(name), ...SAFE_HEADERS, etag, "accept-ranges": "bytes" };
    const count = (status: number) => metrics.countPass({ route: "content", kind: "content", status });
    if (headers["if-none-match"]?.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag)) {
      response.writeHead(304, shared).end();
      return count(304);
    }
    // If-Range with a date, or another tag: the whole file.
    const isRangeValid = headers["if-range"] === undefined || headers["if-range"] === etag;
    const range = isRangeValid ? parseRange(headers.range, length) : undefined;
    if (range === "unsatisfiable") {
      throw refused({
        kind: "out-of-range",
        status: 416,
        title: "Out of range",
        detail: `the file has ${length} bytes`,
        headers: { "content-range": `bytes */${length}` },
      });
    }
    const status = range === undefined ? 200 : 206;
    const { start, end } = range ?? { start: 0, end: length };
    const head = () =>
      response.writeHead(status, {
        ...shared,
        "content-length": end - start,
        ...(range === undefined ? {} : { "content-range": contentRange(range, length) }),
      });
    if (request.method === "HEAD" || length === 0) {
      await sourcesOf(fileId, caller);
      head().end();
      return count(status);
    }
    if (readers >= MAX_READERS) {
      throw refused({
        kind: "busy",
        status: 503,
        title: "Busy",
        detail: `${MAX_READERS} files are being put together, which is as many as may be: try later`,
        headers: { "retry-after": RETRY_AFTER_SECONDS },
      });
    }
    readers++;
    try {
      await send(response, { fileId, range: { start, end }, caller, head });
      response.end();
      count(status);
    } catch (error) {
      count(error instanceof NotPassedError ? error.problem.status : 502);
      if (response.headersSent || response.destroyed) response.destroy();
      else throw error instanceof NotPassedError ? error : notThere(error, fileId);
    } finally {
      readers--;
    }
  };
}

function refused(problem: GatewayProblem): NotPassedError {
  return new NotPassedError(problem);
}

function notThere(error: unknown, fileId: FileId): NotPassedError {
  return new NotPassedError(
    {
      kind: "busy",
      status: 502,
      title: "No peer answers",
      detail: `none of the peers that have ${fileId} gives its bytes now`,
      headers: { "retry-after": RETRY_AFTER_SECONDS },
    },
    { cause: error },
  );
}
