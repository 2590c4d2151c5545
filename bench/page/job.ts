/** What the page is asked to do: one download, one way. */
export interface Job {
  /** `panal`: our client, verified. `fetch`: a bare one, which believes what comes. */
  readonly client: "panal" | "fetch";
  /** `picked`: a handle as a file picker gives it, which browsers without a screen refuse; it is of the origin's storage. */
  readonly target: "opfs" | "picked" | "nothing";
  readonly fileId: string;
  readonly peerUrl: string;
}

export interface Outcome {
  readonly milliseconds: number;
  /** Scripts the worker has started workers of its own with. */
  readonly workerScripts: readonly string[];
}

/** From a worker: how it went, or why it didn't work. */
export type Reply = Outcome | { readonly error: string };
