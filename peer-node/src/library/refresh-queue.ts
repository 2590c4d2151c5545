/** More paths than this at once, and looking at everything is simpler. */
const MAX_PATHS = 500;

/** Looks at parts of the share again, one after the other, each no more often than needed. */
export interface RefreshQueue {
  /** Settles when it was looked at, from a moment after this call. */
  add(path: string): Promise<void>;
  readonly isEmpty: boolean;
  whenEmpty(): Promise<void>;
}

/**
 * `refresh` looks at one file or folder, "" being everything; it doesn't throw. Nothing is looked at before `begin`
 * settles.
 */
export function createRefreshQueue(
  refresh: (path: string) => Promise<void>,
  begin: Promise<void> = Promise.resolve(),
): RefreshQueue {
  let pending = new Map<string, PromiseWithResolvers<void>>();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (pending.size > 0) {
      const batch = pending;
      pending = new Map();
      for (const path of topmost([...batch.keys()])) await refresh(path);
      for (const { resolve } of batch.values()) resolve();
    }
    running = undefined;
  }

  return {
    add(path) {
      let entry = pending.get(path);
      if (entry === undefined) {
        entry = Promise.withResolvers<void>();
        pending.set(path, entry);
      }
      running ??= begin.then(run);
      return entry.promise;
    },
    get isEmpty() {
      return running === undefined;
    },
    async whenEmpty() {
      while (!this.isEmpty) await running;
    },
  };
}

/** Without the paths that lie in another one of them. */
export function topmost(paths: readonly string[]): string[] {
  if (paths.length > MAX_PATHS) return [""];
  const all = new Set(paths);
  return paths.filter((path) => {
    if (path === "") return true;
    if (all.has("")) return false;
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
      if (all.has(path.slice(0, slash))) return false;
    }
    return true;
  });
}
