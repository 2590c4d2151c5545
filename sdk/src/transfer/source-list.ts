import type { Source } from "./source.ts";

interface SourceListener {
  joined(source: Source): void;
  left(sourceId: string): void;
}

/** What a download found out about a source: it sent bytes that aren't the file's, or doesn't answer while others do. */
export interface SourceProblem {
  readonly sourceId: string;
  readonly reason: "corrupt" | "unreachable";
}

/** The sources of a download while it runs: whoever keeps it adds and removes, the download follows. */
export interface SourceList {
  readonly sources: readonly Source[];
  /** Adds a source; one with the same id that is there already is replaced. */
  add(source: Source): void;
  remove(sourceId: string): void;
  /** Told by the download, once for each source and reason. Never throws, and keeps nobody waiting. */
  report(problem: SourceProblem): void;
  /** Tells of every change from now on, until the returned function is called. */
  subscribe(listener: SourceListener): () => void;
}

/** `onProblem`: what to do with what downloads report. */
export function createSourceList(
  initial: Iterable<Source> = [],
  { onProblem }: { onProblem?: (problem: SourceProblem) => void } = {},
): SourceList {
  const sources = new Map<string, Source>();
  const listeners = new Set<SourceListener>();
  const list: SourceList = {
    get sources() {
      return [...sources.values()];
    },
    add(source) {
      list.remove(source.id);
      sources.set(source.id, source);
      for (const listener of listeners) listener.joined(source);
    },
    remove(sourceId) {
      if (sources.delete(sourceId)) for (const listener of listeners) listener.left(sourceId);
    },
    report(problem) {
      onProblem?.(problem);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  for (const source of initial) list.add(source);
  return list;
}
