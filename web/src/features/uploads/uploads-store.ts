import type { KeptUpload } from "@panal/sdk/browser";
import { pickedFiles } from "../../sharing/picked-files.ts";
import type { RootRequest } from "../../sharing/sharing-api.ts";
import type { RootUpload, UploadPeer, UploadingApi } from "../../uploading/uploading-api.ts";
import { keptOf, rootOfKept } from "./kept-roots.ts";
import { isThrough } from "./upload-state.ts";

export type UploadProblem =
  /** The part of the page that uploads doesn't start, or has stopped. */
  | "worker"
  /** The browser was asked for what an earlier page sent, and said no. */
  | "refused"
  /** What was chosen isn't what was being sent. */
  | "others";

export interface UploadsState {
  readonly uploads: readonly RootUpload[];
  /** Of earlier pages, and not under way now. */
  readonly kept: readonly KeptUpload[];
  readonly problem: UploadProblem | undefined;
}

export interface UploadsStoreDeps {
  /** The worker, as the page sees it: every call is a message. Called when there is something to do. */
  start(
    listener: (uploads: readonly RootUpload[]) => void,
    onCrash: () => void,
  ): Omit<UploadingApi, "subscribe">;
  kept: {
    list(): Promise<readonly KeptUpload[]>;
    keep(record: KeptUpload): Promise<void>;
    forget(id: string): Promise<void>;
  };
  /** By this peers know this browser again. */
  writer: string;
}

/** What this page sends to peers, whatever view is shown. */
export interface UploadsStore {
  subscribe(listener: () => void): () => void;
  state(): UploadsState;
  add(peer: UploadPeer, roots: readonly RootRequest[]): void;
  pause(rootId: string): void;
  resume(rootId: string): void;
  retry(rootId: string, peer: UploadPeer): void;
  cancel(rootId: string): void;
  /** One that has ended. */
  forget(rootId: string): void;
  /** What an earlier page hasn't finished. To be called from a click: the browser asks whether it may. */
  goOn(kept: readonly KeptUpload[], peer: UploadPeer): Promise<void>;
  /** The same, where the browser couldn't keep it: the files have to be those from before. */
  goOnWith(kept: KeptUpload, roots: readonly RootRequest[], peer: UploadPeer): Promise<void>;
  forgetKept(kept: readonly KeptUpload[]): void;
}

export function createUploadsStore({ start, kept, writer }: UploadsStoreDeps): UploadsStore {
  let state: UploadsState = { uploads: [], kept: [], problem: undefined };
  const listeners = new Set<() => void>();
  /** Everything that is kept, whether or not it is under way. */
  const allKept = new Map<string, KeptUpload>();
  let worker: Omit<UploadingApi, "subscribe"> | undefined;

  function set(next: Partial<UploadsState>): void {
    state = { ...state, ...next };
    const known = new Set(state.uploads.map(({ id }) => id));
    state = { ...state, kept: [...allKept.values()].filter(({ id }) => !known.has(id)) };
    for (const listener of listeners) listener();
  }

  function onUploads(uploads: readonly RootUpload[]): void {
    for (const upload of uploads) if (isThrough(upload)) forgetRecord(upload.id);
    set({ uploads });
  }

  function working(): Omit<UploadingApi, "subscribe"> {
    worker ??= start(onUploads, () => set({ problem: "worker" }));
    return worker;
  }

  // A browser that keeps nothing has nothing kept.
  void kept
    .list()
    .then((records) => {
      for (const record of records) if (!allKept.has(record.id)) allKept.set(record.id, record);
      set({});
    })
    .catch(() => {});

  function keepRecord(record: KeptUpload): void {
    allKept.set(record.id, record);
    void kept.keep(record).catch(() => {});
  }

  function forgetRecord(id: string): void {
    if (allKept.delete(id)) void kept.forget(id).catch(() => {});
  }

  function begin(root: RootRequest, peer: UploadPeer, record: KeptUpload): void {
    keepRecord({ ...record, peerId: peer.peerId });
    working().start({ root, peer, writer });
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: () => state,
    add(peer, roots) {
      set({ problem: undefined });
      for (const root of roots) begin(root, peer, keptOf(root));
    },
    pause: (rootId) => working().pause(rootId),
    resume: (rootId) => working().resume(rootId),
    retry: (rootId, peer) => working().retry(rootId, peer),
    cancel(rootId) {
      forgetRecord(rootId);
      set({ uploads: state.uploads.filter(({ id }) => id !== rootId) });
      void working().cancel(rootId);
    },
    forget(rootId) {
      forgetRecord(rootId);
      set({ uploads: state.uploads.filter(({ id }) => id !== rootId) });
      working().forget(rootId);
    },
    async goOn(records, peer) {
      let refusedCount = 0;
      for (const record of records) {
        const root = await rootOfKept(record);
        if (root === undefined) refusedCount++;
        else begin(root, peer, record);
      }
      set({ problem: refusedCount > 0 ? "refused" : undefined });
    },
    async goOnWith(record, roots, peer) {
      const wanted = new Map(record.files.map((file) => [file.path, file]));
      const files: { path: string; file: File }[] = [];
      for (const root of roots) {
        for await (const picked of pickedFiles(root)) {
          const path = picked.path === "" ? root.name : picked.path;
          const was = wanted.get(path);
          if (was === undefined) continue;
          const file = await picked.open();
          if (file.size === was.size && file.lastModified === was.modifiedMs) files.push({ path, file });
        }
      }
      set({ problem: files.length === 0 ? "others" : undefined });
      if (files.length === 0) return;
      const { id, name, kind } = record;
      begin({ id, name, kind, source: { type: "files", files } }, peer, record);
    },
    forgetKept(records) {
      for (const { id } of records) forgetRecord(id);
      set({ problem: undefined });
    },
  };
}
