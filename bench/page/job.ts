/** What the page is asked to do: one download, one way. */
export interface Job {
  /** `panal`: our client, verified. `fetch`: a bare one, which believes what comes. */
  readonly client: "panal" | "fetch";
  readonly target: "opfs" | "nothing";
  readonly fileId: string;
  readonly peerUrl: string;
}

/** From a worker: how long it took, or why it didn't work. */
export type Reply = { readonly milliseconds: number } | { readonly error: string };
