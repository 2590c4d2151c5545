import { mayUse } from "../../app/may-use.ts";
import {
  NOTHING_SHARED,
  type RootRequest,
  type ShareRequest,
  type SharingState,
} from "../../sharing/sharing-api.ts";
import { rootOfHandle } from "./pick-roots.ts";

/** What a page can share again with one click. */
export interface KeptRoot {
  readonly id: string;
  readonly handle: FileSystemFileHandle | FileSystemDirectoryHandle;
}

export type ShareProblem =
  /** Another tab of this browser shares, and this browser has no workers that tabs have together. */
  | "other-tab"
  /** The part of the page that shares doesn't start, or has stopped. */
  | "worker"
  /** The browser was asked for what an earlier page shared, and said no. */
  | "refused";

export interface ShareState {
  readonly sharing: SharingState;
  /** Of earlier pages, and not shared now. */
  readonly kept: readonly KeptRoot[];
  readonly problem: ShareProblem | undefined;
}

/** The worker, as the page sees it: every call is a message. */
interface SharingClient {
  add(roots: readonly ShareRequest[], peerName: string): Promise<void>;
  remove(rootId: string): Promise<void>;
  stop(): Promise<void>;
  leave(): Promise<void>;
}

export interface ShareStoreDeps {
  tabId: string;
  /** Undefined when another tab shares. */
  start(listener: (state: SharingState) => void, onCrash: () => void): Promise<SharingClient | undefined>;
  kept: {
    list(): Promise<readonly KeptRoot[]>;
    keep(root: KeptRoot): Promise<void>;
    forget(id: string): Promise<void>;
  };
  /** Ends the peer's entry although the page is closing. */
  sendLogout(lease: string): void;
}

/** What this browser shares, as this tab sees it. */
export interface ShareStore {
  /** Whose what is shared is: other tabs of this browser are the same peer. */
  readonly tabId: string;
  subscribe(listener: () => void): () => void;
  state(): ShareState;
  add(roots: readonly RootRequest[], peerName: string): Promise<void>;
  /** Shares what was downloaded here, without keeping it beyond this page. */
  addDownload(root: ShareRequest, peerName: string): Promise<void>;
  /** Shares what earlier pages did. To be called from a click: the browser asks whether it may. */
  resume(peerName: string): Promise<void>;
  /** Offers it no longer. */
  forgetKept(): Promise<void>;
  remove(rootId: string): Promise<void>;
  stop(): Promise<void>;
  /** The page closes. */
  leave(): void;
}

export function createShareStore({ tabId, start, kept, sendLogout }: ShareStoreDeps): ShareStore {
  let state: ShareState = { sharing: NOTHING_SHARED, kept: [], problem: undefined };
  const listeners = new Set<() => void>();
  /** Everything that is kept, whether or not it is shared now. */
  const allKept = new Map<string, KeptRoot>();

  function set(next: Partial<ShareState>): void {
    state = { ...state, ...next };
    const shared = new Set(state.sharing.roots.map(({ id }) => id));
    state = { ...state, kept: [...allKept.values()].filter(({ id }) => !shared.has(id)) };
    for (const listener of listeners) listener();
  }

  const started = start(
    (sharing) => set({ sharing }),
    () => set({ problem: "worker" }),
  )
    .then((client) => {
      if (client === undefined) set({ problem: "other-tab" });
      return client;
    })
    .catch(() => {
      set({ problem: "worker" });
      return undefined;
    });

  // A browser that keeps nothing has nothing kept.
  void kept
    .list()
    .then((roots) => {
      for (const root of roots) if (!allKept.has(root.id)) allKept.set(root.id, root);
      set({});
    })
    .catch(() => {});

  /** Under the id it is kept by already, if it is: what is known of its files is so, too. */
  async function keep(root: RootRequest): Promise<RootRequest> {
    const { source } = root;
    if (source.type !== "handle") return root;
    let { id } = root;
    for (const known of Array.from(allKept.values())) {
      if (known.id !== id && (await known.handle.isSameEntry(source.handle))) ({ id } = known);
    }
    allKept.set(id, { id, handle: source.handle });
    await kept.keep({ id, handle: source.handle }).catch(() => {});
    return { ...root, id };
  }

  async function forget(ids: readonly string[]): Promise<void> {
    for (const id of ids) allKept.delete(id);
    set({});
    await Promise.all(ids.map((id) => kept.forget(id))).catch(() => {});
  }

  async function add(roots: readonly RootRequest[], peerName: string): Promise<void> {
    const client = await started;
    if (client === undefined || roots.length === 0) return;
    const known: RootRequest[] = [];
    for (const root of roots) known.push(await keep(root));
    await client.add(known, peerName);
  }

  return {
    tabId,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: () => state,
    add,
    async addDownload(root, peerName) {
      await (await started)?.add([root], peerName);
    },
    async resume(peerName) {
      const wanted = state.kept;
      const allowed: RootRequest[] = [];
      for (const { id, handle } of wanted) {
        if (await mayUse(handle, "read")) allowed.push(rootOfHandle(handle, id));
      }
      set({ problem: allowed.length < wanted.length ? "refused" : undefined });
      await add(allowed, peerName);
    },
    forgetKept: () => forget(state.kept.map(({ id }) => id)),
    async remove(rootId) {
      await forget([rootId]);
      await (await started)?.remove(rootId);
    },
    async stop() {
      await forget(state.sharing.roots.map(({ id }) => id));
      await (await started)?.stop();
    },
    leave() {
      const { roots, lease } = state.sharing;
      const isOurs = roots.length > 0 && roots.every((root) => root.tabId === tabId);
      if (isOurs && lease !== undefined) sendLogout(lease);
      void started.then((client) => client?.leave()).catch(() => {});
    },
  };
}
