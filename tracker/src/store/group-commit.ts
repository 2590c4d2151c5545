import { PanalError } from "@panal/sdk/thread";

/** Rows written before they are committed: each commit sorts and writes what the indexes have gathered. */
const MAX_ROWS = 20_000;
/** Whoever waits for theirs to be kept waits no longer than this for others. */
const MAX_AGE_MS = 300;

export interface GroupCommitOptions {
  begin(): void;
  commit(): void;
  rollback(): void;
  /** Milliseconds; default the runtime's. */
  now?: (() => number) | undefined;
}

/**
 * Long writes that share their transactions: twenty parts of lists in one cost half of what they cost one by one. Only for
 * what nobody sees before it is committed.
 */
export interface GroupCommit {
  open(): GroupWriter;
  /** Commits what there is, so that something else can be done for itself. */
  settle(): void;
}

export interface GroupWriter {
  /** Writes some rows. `change` throws before it writes anything, or spoils the writing of all in the group. */
  write(rows: number, change: () => void): void;
  /** No more comes. Settles when all of it is committed; throws why some of it isn't. */
  close(): Promise<void>;
}

interface Group {
  rows: number;
  readonly startedAt: number;
  readonly settled: PromiseWithResolvers<void>;
}

export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const { begin, commit, rollback, now = () => performance.now() } = options;
  let writers = 0;
  let group: Group | undefined;

  function start(): Group {
    begin();
    const settled = Promise.withResolvers<void>();
    // Those who wait for it are told; there may be none.
    settled.promise.catch(() => {});
    return { rows: 0, startedAt: now(), settled };
  }

  function settle(): void {
    if (group === undefined) return;
    const { settled } = group;
    group = undefined;
    try {
      commit();
      settled.resolve();
    } catch (error) {
      rollback();
      settled.reject(error);
    }
  }

  function fail(error: unknown): void {
    const failed = group;
    group = undefined;
    rollback();
    failed?.settled.reject(error);
  }

  return {
    settle,
    open() {
      writers++;
      const mine = new Set<Promise<void>>();
      return {
        write(rows, change) {
          group ??= start();
          mine.add(group.settled.promise);
          group.rows += rows;
          try {
            change();
          } catch (error) {
            // Refused before it wrote anything; or nobody knows what it wrote.
            if (!(error instanceof PanalError)) fail(error);
            throw error;
          }
          if (group.rows >= MAX_ROWS || now() - group.startedAt >= MAX_AGE_MS) settle();
        },
        async close() {
          writers--;
          if (writers === 0) settle();
          await Promise.all(mine);
        },
      };
    },
  };
}
