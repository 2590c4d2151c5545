import {
  type AttachState,
  type Attachment,
  type PanalError,
  type PullAnswer,
  type RelayedRequest,
  attach,
} from "@panal/sdk";
import { createRelayTransport } from "@panal/sdk/node";

/** "auto": when the tracker finds that it can't call the peer. */
export type RelayMode = "always" | "auto" | "never";

/** What the tracker says of a peer. */
export interface Reach {
  /** Undefined: this tracker has no relay. */
  readonly relayUrl: string | undefined;
  readonly reachable: "yes" | "no" | "unknown" | undefined;
}

/** For people. */
export type RelayState =
  /** `wasAsked`: else since nobody can call it. */
  | { readonly type: "attached"; readonly relayUrl: string; readonly wasAsked: boolean }
  | { readonly type: "detached"; readonly error: PanalError; readonly isFinal: boolean }
  | { readonly type: "not-needed" }
  | { readonly type: "no-relay" };

export interface RelayLink {
  /** To be told what the tracker says, each time it does. */
  heard(reach: Reach): void;
  close(): Promise<void>;
}

export interface RelayLinkOptions {
  mode: RelayMode;
  identity: () => { peerId: string; lease: string } | undefined;
  answer: (request: RelayedRequest) => Promise<PullAnswer>;
  onState: (state: RelayState) => void;
  /** Default `attach` over Connect. */
  start?: typeof attach;
}

/** Attaches the peer to the relay for as long as it needs that. */
export function createRelayLink(options: RelayLinkOptions): RelayLink {
  const { mode, identity, answer, onState, start = attach } = options;
  let current:
    | { readonly relayUrl: string; readonly attachment: Attachment; lease: string | undefined }
    | undefined;
  const ending = new Set<Promise<void>>();
  let told: RelayState["type"] | undefined;

  function tell(state: RelayState): void {
    // A connection that breaks again and again is news once.
    if (state.type === told) return;
    told = state.type;
    onState(state);
  }

  function leave(): void {
    if (current === undefined) return;
    const ended = current.attachment.close().finally(() => ending.delete(ended));
    ending.add(ended);
    current = undefined;
  }

  function follow(relayUrl: string, state: AttachState): void {
    if (current?.relayUrl !== relayUrl) return;
    if (state.type === "attached") tell({ type: "attached", relayUrl, wasAsked: mode === "always" });
    // What goes wrong before it ever worked is told, too.
    else tell(state);
  }

  function join(relayUrl: string): void {
    const lease = identity()?.lease;
    if (current?.relayUrl === relayUrl) {
      // A tracker that came back gave another: whoever waits for the relay needn't wait longer.
      if (lease !== current.lease) current.attachment.retryNow();
      current.lease = lease;
      return;
    }
    leave();
    const attachment = start({
      relayUrl,
      identity,
      serve: answer,
      transport: createRelayTransport(relayUrl),
      onState: (state) => follow(relayUrl, state),
    });
    current = { relayUrl, attachment, lease };
  }

  return {
    heard({ relayUrl, reachable }) {
      if (mode === "never") return;
      const isNeeded = mode === "always" || reachable === "no";
      if (isNeeded && relayUrl === undefined) return tell({ type: "no-relay" });
      if (isNeeded) return join(relayUrl!);
      if (reachable === "yes" && current !== undefined) {
        leave();
        tell({ type: "not-needed" });
      }
    },
    async close() {
      leave();
      await Promise.all(ending);
    },
  };
}
