/** What the page is asked to do: one download, one way. */
export interface Job {
  /** `panal`: our client, verified. `fetch`: a bare one, which believes what comes. */
  readonly client: "panal" | "fetch";
  readonly target: "opfs" | "nothing";
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
