import type { TrackerEvent } from "../events.ts";

/** An event with its number, which all who follow the log know it by. */
export interface LoggedEvent {
  readonly seq: number;
  readonly event: TrackerEvent;
}

export interface LogPart {
  /** The name of the log: numbers of another one mean nothing here. */
  readonly log: string;
  /** In order, without gaps among them. */
  readonly events: readonly LoggedEvent[];
  /** The number of the last event there is, which isn't among these when there are very many. */
  readonly lastSeq: number;
}

/** What happened, wherever it did, in one order for all processes that use the store. */
export interface EventLog {
  /** What came after an event; undefined, or one that is yet to come: the last few. */
  read(after: number | undefined): Promise<LogPart>;
  /**
   * Calls when there may be something to read, soon after it happened elsewhere. It may fail to: whoever must know asks
   * now and then. Gives what ends it.
   */
  listen(wake: () => void): () => Promise<void>;
}
