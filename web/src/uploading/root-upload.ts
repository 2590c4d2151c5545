import {
  type Clock,
  type Gate,
  type HashBlocks,
  PanalError,
  type PanalErrorCode,
  type UploadTarget,
  createPauseSwitch,
  isAbort,
} from "@panal/sdk";
import { pickedFiles } from "../sharing/picked-files.ts";
import { PARTS_AT_ONCE, sendFile } from "./file-upload.ts";
import { shownFiles } from "./shown-files.ts";
import type { FileUpload, RootUpload, UploadPeer, UploadRequest } from "./uploading-api.ts";

/** A page has to hold what it sends, and its worker to look through it. */
const MAX_FILES = 50_000;
/** Files under way at a time: small ones would wait for a round trip each. */
const PARALLEL_FILES = PARTS_AT_ONCE;
/** After one of these the next file would fare no better. */
const STOPPING: readonly PanalErrorCode[] = ["unauthorized", "forbidden", "busy", "unreachable", "timeout"];

export interface RootUploadDeps {
  createTarget(peer: UploadPeer): UploadTarget;
  hashBlocks: HashBlocks;
  hashing: Gate;
  sending: Gate;
  clock: Clock;
  /** Something about it is different. */
  onChange(): void;
  /** It is at another point: this is to be shown at once. */
  onPhase(): void;
}

/** Something that was picked, on its way to a peer. */
export interface RunningUpload {
  state(bytesPerSecond: number): RootUpload;
  readonly sentBytes: number;
  pause(): void;
  resume(): void;
  retry(peer: UploadPeer): void;
  cancel(): Promise<void>;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
interface Entry {
  readonly shown: Mutable<FileUpload>;
  open(): Promise<File>;
}

/** Begins at once. */
export function startRootUpload(request: UploadRequest, deps: RootUploadDeps): RunningUpload {
  const { root, writer } = request;
  const { onChange } = deps;
  const pause = createPauseSwitch();
  const cancelling = new AbortController();
  const { signal } = cancelling;
  /** What the peer has of uploads that aren't whole: thrown away when this is cancelled. */
  const openUploads = new Map<string, UploadTarget>();
  const entries: Entry[] = [];
  let isListed = false;
  let sentBytes = 0;
  let sums = { sentCount: 0, thereCount: 0, failedCount: 0, totalBytes: 0, doneBytes: 0 };
  let state: Pick<RootUpload, "phase" | "failure"> = { phase: "listing" };
  let target = noting(deps.createTarget(request.peer));
  let running = run();

  function noting(of: UploadTarget): UploadTarget {
    return {
      id: of.id,
      name: of.name,
      get route() {
        return of.route;
      },
      async begin(file, options) {
        const begun = await of.begin(file, options);
        if (begun.type === "open") openUploads.set(begun.uploadId, of);
        return begun;
      },
      async put(uploadId, part, options) {
        await of.put(uploadId, part, options);
        sentBytes += part.end - part.start;
      },
      async commit(uploadId, options) {
        const path = await of.commit(uploadId, options);
        openUploads.delete(uploadId);
        return path;
      },
      abort: (uploadId, options) => of.abort(uploadId, options),
    };
  }

  function set(next: typeof state): void {
    state = next;
    onChange();
    deps.onPhase();
  }

  function change(entry: Entry, next: Pick<FileUpload, "phase" | "doneBytes"> & Partial<FileUpload>): void {
    const isAtPeer = ({ phase }: FileUpload) => phase === "sending" || phase === "sent" || phase === "there";
    const { shown } = entry;
    if (isAtPeer(shown)) sums.doneBytes -= shown.doneBytes;
    delete shown.waitingFor;
    delete shown.failure;
    Object.assign(shown, next);
    if (isAtPeer(shown)) sums.doneBytes += shown.doneBytes;
    onChange();
  }

  async function list(): Promise<void> {
    entries.length = 0;
    sums.totalBytes = 0;
    for await (const picked of pickedFiles(root)) {
      await pause.whenRunning(signal);
      if (entries.length === MAX_FILES) {
        throw new PanalError("too-large", `more than ${MAX_FILES} files`);
      }
      const path = picked.path === "" ? root.name : `${root.name}/${picked.path}`;
      const entry: Entry = {
        shown: { path, size: 0, phase: "waiting", doneBytes: 0 },
        open: picked.open,
      };
      entries.push(entry);
      try {
        entry.shown.size = (await picked.open()).size;
        sums.totalBytes += entry.shown.size;
      } catch (error) {
        fail(entry, PanalError.from(error));
      }
      onChange();
    }
    isListed = true;
  }

  function fail(entry: Entry, { code, message }: Pick<PanalError, "code" | "message">): void {
    sums.failedCount++;
    change(entry, { phase: "failed", doneBytes: 0, failure: { code, message } });
  }

  async function send(entry: Entry): Promise<void> {
    const { path } = entry.shown;
    const file = await entry.open().catch((error: unknown) => PanalError.from(error));
    if (file instanceof PanalError) return fail(entry, file);
    const outcome = await sendFile({
      ...deps,
      path,
      file,
      target,
      writer,
      pause,
      signal,
      onProgress: (progress) => change(entry, progress),
    });
    if (outcome.type !== "failed") {
      sums[outcome.type === "sent" ? "sentCount" : "thereCount"]++;
      const isAsAsked = outcome.at === path || outcome.at.endsWith(`/${path}`);
      const at = isAsAsked ? {} : { at: outcome.at };
      return change(entry, { phase: outcome.type, doneBytes: file.size, ...at });
    }
    const { failure } = outcome;
    if (!STOPPING.includes(failure.code)) return fail(entry, failure);
    change(entry, { phase: "waiting", doneBytes: 0 });
    if (state.phase === "running") set({ phase: "failed", failure });
  }

  async function run(): Promise<void> {
    try {
      if (!isListed) await list();
      set({ phase: "running" });
      let next = 0;
      const worker = async () => {
        while (next < entries.length && state.phase === "running") {
          const entry = entries[next++]!;
          if (entry.shown.phase === "waiting") {
            await pause.whenRunning(signal);
            await send(entry);
          }
        }
      };
      const workers = Array.from({ length: PARALLEL_FILES }, worker);
      for (const result of await Promise.allSettled(workers)) {
        if (result.status === "rejected") throw result.reason;
      }
      if (state.phase === "running") set({ phase: "done" });
    } catch (error) {
      if (isAbort(error) && signal.aborted) return;
      const { code, message } = PanalError.from(error);
      set({ phase: "failed", failure: { code, message } });
    }
  }

  return {
    get sentBytes() {
      return sentBytes;
    },
    state(bytesPerSecond) {
      const isPaused = pause.isPaused && (state.phase === "listing" || state.phase === "running");
      return {
        id: root.id,
        peerId: request.peer.peerId,
        name: root.name,
        kind: root.kind,
        ...state,
        ...(isPaused ? { phase: "paused" } : {}),
        fileCount: entries.length,
        ...sums,
        sentBytes,
        bytesPerSecond,
        route: target.route,
        files: shownFiles(entries.map(({ shown }) => shown)),
      };
    },
    pause() {
      pause.pause();
      onChange();
    },
    resume() {
      pause.resume();
      onChange();
    },
    retry(peer) {
      const hasEnded = state.phase === "failed" || state.phase === "done";
      if (!hasEnded || signal.aborted) return;
      target = noting(deps.createTarget(peer));
      for (const entry of entries) {
        if (entry.shown.phase === "failed") change(entry, { phase: "waiting", doneBytes: 0 });
      }
      sums = { ...sums, failedCount: 0 };
      pause.resume();
      set({ phase: "listing" });
      // Files that were under way end first.
      running = running.then(run);
    },
    async cancel() {
      cancelling.abort();
      await running;
      const never = new AbortController().signal;
      const aborts = Array.from(openUploads, ([uploadId, of]) => of.abort(uploadId, { signal: never }));
      // A peer that can't be told throws it away by itself, in a day.
      await Promise.allSettled(aborts);
    },
  };
}
