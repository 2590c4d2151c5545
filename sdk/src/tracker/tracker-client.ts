import { z } from "zod";
import type { FileId } from "../content/file-id.ts";
import { PanalError, type PanalErrorCode, isAbort } from "../errors.ts";
import { type Clock, systemClock } from "../transfer/clock.ts";
import {
  type AnnouncedFile,
  type FileDetails,
  type FilesPage,
  type FilesQuery,
  type FilesRevision,
  type HeartbeatResponse,
  type PatchFiles,
  type Peer,
  type PeerFilesPage,
  type PeersPage,
  type Problem,
  type ReportCounts,
  type ReportRequest,
  type RegisterRequest,
  type RegisterResponse,
  type Stats,
  fileDetailsSchema,
  filesPageSchema,
  filesRevisionSchema,
  heartbeatResponseSchema,
  peerFilesPageSchema,
  peerSchema,
  peersPageSchema,
  problemSchema,
  registerResponseSchema,
  reportCountsSchema,
  statsSchema,
} from "./api.ts";

/** An answer of a tracker is at most this long; a page of 200 rows with long names is far below. */
const MAX_RESPONSE_BYTES = 8 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 15_000;
/** For a list of files: the tracker reads on only when it has stored what came, and after a break everybody sends one. */
const LIST_TIMEOUT_MS = 5 * 60_000;
/** A tracker that has enough says when to come back; for peers' own calls that is waited for, no longer and not more often. */
const MAX_PATIENCE_MS = 30_000;
const MAX_TRIES = 5;

/** An error the tracker answered with. */
export class TrackerError extends PanalError {
  readonly status: number;
  readonly problem: Problem | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(options: { status: number; message: string; problem?: Problem; retryAfterSeconds?: number }) {
    super(codeOfStatus(options.status), options.message);
    this.name = "TrackerError";
    this.status = options.status;
    this.problem = options.problem;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

interface CallOptions {
  signal?: AbortSignal;
}

interface LeaseOptions extends CallOptions {
  lease: string;
}

/**
 * The tracker's REST interface. Heartbeats and announcements wait when the tracker asks for it (429 or 503 with `Retry-After`),
 * at most half a minute, four times. Every answer is parsed; errors are PanalErrors: "unreachable" or "timeout" when there
 * was no answer, otherwise a TrackerError with the HTTP status.
 */
export interface TrackerClient {
  /** `scheme://host[:port]`, no slash at the end. */
  readonly url: string;
  searchFiles(query: FilesQuery, options?: CallOptions): Promise<FilesPage>;
  /** Undefined when no live peer has the file. */
  getFile(fileId: FileId, options?: CallOptions): Promise<FileDetails | undefined>;
  /** Says what came of asking a peer for a file; gives what has been said of it. */
  reportSource(fileId: FileId, report: ReportRequest, options?: CallOptions): Promise<ReportCounts>;
  listPeers(query?: { cursor?: string; limit?: number }, options?: CallOptions): Promise<PeersPage>;
  /** Undefined when no such peer is alive. */
  getPeer(peerId: string, options?: CallOptions): Promise<Peer | undefined>;
  listPeerFiles(
    peerId: string,
    query?: { prefix?: string; cursor?: string; limit?: number },
    options?: CallOptions,
  ): Promise<PeerFilesPage>;
  getStats(options?: CallOptions): Promise<Stats>;
  /** With a lease, renews that peer. */
  register(request: RegisterRequest, options?: CallOptions & { lease?: string }): Promise<RegisterResponse>;
  heartbeat(peerId: string, options: LeaseOptions): Promise<HeartbeatResponse>;
  /** Replaces the whole list, in parts when it is long; nothing changes until the last part has arrived. */
  putFiles(
    peerId: string,
    list: { revision: number; files: readonly AnnouncedFile[] },
    options: LeaseOptions,
  ): Promise<FilesRevision>;
  patchFiles(peerId: string, patch: PatchFiles, options: LeaseOptions): Promise<FilesRevision>;
  logout(peerId: string, options: LeaseOptions): Promise<void>;
}

interface Request<T> extends CallOptions {
  method?: string;
  path: string;
  query?: Record<string, string | number | undefined>;
  lease?: string | undefined;
  body?: unknown;
  timeoutMs?: number;
  schema: z.ZodType<T>;
}

/** Files in one part of a PUT. */
const FILES_PER_PART = 10_000;

export function createTrackerClient(options: {
  url: string;
  fetch?: typeof fetch;
  timeoutMs?: number;
  clock?: Clock;
}): TrackerClient {
  const url = parseTrackerUrl(options.url);
  const fetchFn = options.fetch ?? ((input, init) => fetch(input, init));
  const timeoutMs = options.timeoutMs ?? REQUEST_TIMEOUT_MS;
  const listTimeoutMs = options.timeoutMs ?? LIST_TIMEOUT_MS;
  const clock = options.clock ?? systemClock;

  async function call<T>(request: Request<T>): Promise<T> {
    const target = new URL(`${url}/api/v1${request.path}`);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) target.searchParams.set(name, String(value));
    }
    const headers: Record<string, string> = { accept: "application/json" };
    if (request.lease !== undefined) headers["authorization"] = `Bearer ${request.lease}`;
    if (request.body !== undefined) headers["content-type"] = "application/json";
    const timeout = AbortSignal.timeout(request.timeoutMs ?? timeoutMs);
    const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
    let status: number;
    let text: string;
    let retryAfter: string | null;
    try {
      const response = await fetchFn(target, {
        method: request.method ?? "GET",
        headers,
        signal,
        redirect: "error",
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      });
      status = response.status;
      retryAfter = response.headers.get("retry-after");
      text = await readText(response, url);
    } catch (error) {
      throw connectionError(error, {
        url,
        aborted: request.signal?.aborted === true,
        timedOut: timeout.aborted,
      });
    }
    const json = status === 204 ? undefined : parseJson(text, url, status);
    if (status >= 400) throw trackerError({ url, status, json, retryAfter });
    const parsed = request.schema.safeParse(json);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new PanalError(
        "protocol",
        `tracker ${url}: unexpected answer: ${issue?.path.join(".")}: ${issue?.message}`,
      );
    }
    return parsed.data;
  }

  async function callPatiently<T>(request: Request<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await call(request);
      } catch (error) {
        const askedMs = error instanceof TrackerError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
        const isBusy = error instanceof TrackerError && error.code === "busy";
        if (!isBusy || askedMs <= 0 || askedMs > MAX_PATIENCE_MS || tries >= MAX_TRIES) throw error;
        await clock.sleep(askedMs, request.signal);
      }
    }
  }

  const peerPath = (peerId: string) => `/peers/${encodeURIComponent(peerId)}`;

  return {
    url,
    searchFiles: (query, options) => call({ ...options, path: "/files", query, schema: filesPageSchema }),
    getFile: (fileId, options) =>
      undefinedWhenNotFound(call({ ...options, path: `/files/${fileId}`, schema: fileDetailsSchema })),
    reportSource: (fileId, report, options) =>
      call({
        ...options,
        method: "POST",
        path: `/files/${fileId}/reports`,
        body: report,
        schema: reportCountsSchema,
      }),
    listPeers: (query, options) =>
      call({ ...options, path: "/peers", query: query ?? {}, schema: peersPageSchema }),
    getPeer: (peerId, options) =>
      undefinedWhenNotFound(call({ ...options, path: peerPath(peerId), schema: peerSchema })),
    listPeerFiles: (peerId, query, options) =>
      call({
        ...options,
        path: `${peerPath(peerId)}/files`,
        query: query ?? {},
        schema: peerFilesPageSchema,
      }),
    getStats: (options) => call({ ...options, path: "/stats", schema: statsSchema }),
    register: (request, options) =>
      call({ ...options, method: "POST", path: "/peers", body: request, schema: registerResponseSchema }),
    heartbeat: (peerId, options) =>
      callPatiently({
        ...options,
        method: "POST",
        path: `${peerPath(peerId)}/heartbeat`,
        schema: heartbeatResponseSchema,
      }),
    async putFiles(peerId, { revision, files }, options) {
      const upload = files.length > FILES_PER_PART ? crypto.randomUUID() : undefined;
      for (let start = 0; ; start += FILES_PER_PART) {
        const isLast = start + FILES_PER_PART >= files.length;
        const answer = await callPatiently({
          ...options,
          method: "PUT",
          path: `${peerPath(peerId)}/files`,
          query: upload ? { revision, upload, last: String(isLast) } : { revision },
          body: files.slice(start, start + FILES_PER_PART),
          timeoutMs: listTimeoutMs,
          schema: filesRevisionSchema,
        });
        if (isLast) return answer;
      }
    },
    patchFiles: (peerId, patch, options) =>
      callPatiently({
        ...options,
        method: "PATCH",
        path: `${peerPath(peerId)}/files`,
        body: patch,
        timeoutMs: listTimeoutMs,
        schema: filesRevisionSchema,
      }),
    async logout(peerId, options) {
      await call({ ...options, method: "DELETE", path: peerPath(peerId), schema: z.undefined() });
    },
  };
}

/** `http://host:port` without a path; throws "invalid". */
export function parseTrackerUrl(text: string): string {
  let parsed: URL;
  try {
    parsed = new URL(text);
  } catch (error) {
    throw new PanalError("invalid", `tracker: not a URL: ${JSON.stringify(text)}`, { cause: error });
  }
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
    throw new PanalError("invalid", `tracker: expected http:// or https://, got ${JSON.stringify(text)}`);
  }
  if (parsed.username !== "" || parsed.password !== "" || parsed.search !== "" || parsed.hash !== "") {
    throw new PanalError(
      "invalid",
      `tracker: expected only scheme, host and port, got ${JSON.stringify(text)}`,
    );
  }
  return parsed.origin + parsed.pathname.replace(/\/+$/, "");
}

async function undefinedWhenNotFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof TrackerError && error.status === 404) return undefined;
    throw error;
  }
}

/** The body as text, given up as soon as it is longer than any honest one. */
async function readText(response: Response, url: string): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let total = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    total += value.length;
    if (total > MAX_RESPONSE_BYTES) {
      await reader.cancel();
      throw new PanalError("too-large", `tracker ${url}: answer longer than ${MAX_RESPONSE_BYTES} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
}

function parseJson(text: string, url: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PanalError(
      "protocol",
      `tracker ${url}: answered ${status} and no JSON: is it a Panal tracker?`,
      {
        cause: error,
      },
    );
  }
}

function trackerError(answer: {
  url: string;
  status: number;
  json: unknown;
  retryAfter: string | null;
}): TrackerError {
  const problem = problemSchema.safeParse(answer.json);
  const detail = problem.success ? (problem.data.detail ?? problem.data.title) : `HTTP ${answer.status}`;
  const seconds = Number(answer.retryAfter);
  return new TrackerError({
    status: answer.status,
    message: `tracker ${answer.url}: ${detail}`,
    ...(problem.success ? { problem: problem.data } : {}),
    ...(answer.retryAfter !== null && Number.isFinite(seconds) ? { retryAfterSeconds: seconds } : {}),
  });
}

function connectionError(
  error: unknown,
  state: { url: string; aborted: boolean; timedOut: boolean },
): PanalError {
  if (error instanceof PanalError) return error;
  if (state.aborted) return new PanalError("aborted", "stopped", { cause: error });
  if (state.timedOut || isAbort(error)) {
    return new PanalError("timeout", `tracker ${state.url}: no answer in time`, { cause: error });
  }
  const why = isOfCertificate(error) ? "its certificate isn't trusted here" : "no connection";
  return new PanalError("unreachable", `tracker ${state.url}: ${why}`, { cause: error });
}

/** As Node says it; browsers don't tell pages. */
function isOfCertificate(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return /SELF_SIGNED_CERT|^UNABLE_TO_(GET|VERIFY)|^CERT_|CERT_ALTNAME/.test(code);
}

function codeOfStatus(status: number): PanalErrorCode {
  switch (status) {
    case 400:
    case 422:
      return "invalid";
    case 401:
      return "unauthorized";
    case 403:
    case 421:
      return "forbidden";
    case 404:
      return "not-found";
    case 409:
      return "conflict";
    case 413:
      return "too-large";
    case 429:
    case 503:
      return "busy";
    default:
      return status >= 500 ? "unreachable" : "protocol";
  }
}
