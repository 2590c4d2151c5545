import { PanalError, type PanalErrorCode } from "@panal/sdk";
import type { FileId } from "@panal/sdk/content";
import type { SaveOpened, SaveRequest, SaveUpdate } from "../../engine/engine-api.ts";

/** Files on their way into the browser's downloads: one alone, or many in a ZIP. Can't be resumed. */
export interface Save {
  readonly id: string;
  readonly name: string;
  readonly fileCount: number;
  readonly lengthBytes: number;
  readonly givenBytes: number;
  readonly state: "starting" | SaveUpdate["state"];
  readonly code?: PanalErrorCode;
}

export interface SavesStore {
  subscribe(listener: () => void): () => void;
  /** The newest last. */
  state(): readonly Save[];
  /** Whether this page has a way into the browser's downloads: its service worker runs. */
  canStart(): Promise<boolean>;
  start(request: Omit<SaveRequest, "id"> & { name: string }): Promise<void>;
  cancel(id: string): void;
  /** Takes one that is over off the list. */
  forget(id: string): void;
  /** Whether a file on disk has just this content. */
  isSame(fileId: FileId, handle: FileSystemFileHandle): Promise<boolean>;
}

interface SavesStoreDeps {
  engine: {
    subscribeSaves(listener: (updates: readonly SaveUpdate[]) => void): Promise<void>;
    openSave(request: SaveRequest): Promise<SaveOpened>;
    cancelSave(id: string): Promise<void>;
    isSame(fileId: FileId, handle: FileSystemFileHandle): Promise<boolean>;
  };
  streams: {
    ready(): Promise<boolean>;
    urlOfSave(save: { id: string; lengthBytes: number; name: string }): string;
    endSave(id: string): void;
  };
  newId(): string;
  /** Lets the browser save what is at the URL; gives what ends that. */
  saveUrl(url: string): () => void;
}

export function createSavesStore({ engine, streams, newId, saveUrl }: SavesStoreDeps): SavesStore {
  let saves: readonly Save[] = [];
  const listeners = new Set<() => void>();
  const frames = new Map<string, () => void>();

  function set(next: readonly Save[]): void {
    saves = next;
    for (const listener of listeners) listener();
  }

  /** What comes late for one that is over, changes nothing. */
  function change(id: string, news: Partial<Save>): void {
    if (!isGoingOn(id)) return;
    set(saves.map((save) => (save.id === id ? { ...save, ...news } : save)));
    if (news.state === undefined || isSaving({ state: news.state })) return;
    streams.endSave(id);
    frames.get(id)?.();
    frames.delete(id);
  }

  /** Neither over nor forgotten. */
  function isGoingOn(id: string): boolean {
    return saves.some((save) => save.id === id && isSaving(save));
  }

  function stop(id: string): void {
    // A worker that is gone has nothing to stop.
    void engine.cancelSave(id).catch(() => {});
  }

  void engine
    .subscribeSaves((updates) => {
      for (const { id, ...news } of updates) change(id, news);
    })
    // A worker that is gone is said to be gone elsewhere.
    .catch(() => {});

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: () => saves,
    canStart: () => streams.ready(),
    async start({ name, files, isZip }) {
      const id = newId();
      const fileCount = files.length;
      set([...saves, { id, name, fileCount, lengthBytes: 0, givenBytes: 0, state: "starting" }]);
      try {
        const isReady = await streams.ready();
        if (!isGoingOn(id)) return;
        if (!isReady) throw new PanalError("internal", "the service worker doesn't start");
        const { lengthBytes } = await engine.openSave({ id, files, isZip });
        // Stopped before the engine knew of it.
        if (!isGoingOn(id)) return stop(id);
        change(id, { lengthBytes });
        frames.set(id, saveUrl(streams.urlOfSave({ id, lengthBytes, name })));
      } catch (error) {
        change(id, { state: "failed", code: PanalError.from(error).code });
      }
    },
    cancel(id) {
      change(id, { state: "cancelled" });
      stop(id);
    },
    isSame: (fileId, handle) => engine.isSame(fileId, handle),
    forget: (id) => set(saves.filter((save) => save.id !== id)),
  };
}

/** Whether closing the page would break it off. */
export function isSaving({ state }: Pick<Save, "state">): boolean {
  return state === "starting" || state === "running";
}
