/** Promises with one owner: it hears when any of them ends, and of the first that failed. */
export interface TaskGroup {
  /** Number of tasks under way. */
  readonly size: number;
  /** Takes over a promise; its failure is kept for `throwFailure`. */
  add(task: Promise<void>): void;
  fail(error: unknown): void;
  throwFailure(): void;
  /** Ends the current wait. */
  wake(): void;
  /** Forgets wakes so far; the promise it gives settles at the next one, or when a task ends. */
  nextWake(): Promise<void>;
  /** Settles when all tasks have ended, also those that others start as they end. */
  settled(): Promise<void>;
}

export function createTaskGroup(): TaskGroup {
  const tasks = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  let bell = Promise.withResolvers<void>();

  const group: TaskGroup = {
    get size() {
      return tasks.size;
    },
    add(task) {
      const owned = task.catch(group.fail).finally(() => {
        tasks.delete(owned);
        bell.resolve();
      });
      tasks.add(owned);
    },
    fail(error) {
      failure ??= { error };
      bell.resolve();
    },
    throwFailure() {
      if (failure !== undefined) throw failure.error;
    },
    wake: () => bell.resolve(),
    nextWake() {
      bell = Promise.withResolvers();
      return bell.promise;
    },
    async settled() {
      while (tasks.size > 0) await Promise.allSettled(tasks);
    },
  };
  return group;
}
