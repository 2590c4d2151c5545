import { type AttachOptions, PanalError } from "@panal/sdk";
import { describe, expect, test } from "vitest";
import { type Reach, type RelayMode, type RelayState, createRelayLink } from "./relay-link.ts";

function createScene(mode: RelayMode) {
  const states: RelayState[] = [];
  const started: AttachOptions[] = [];
  let closed = 0;
  let retries = 0;
  const session = { peerId: "peer-1", lease: "lease-1" };
  const link = createRelayLink({
    mode,
    identity: () => session,
    answer: () => Promise.reject(new Error("nobody asks")),
    onState: (state) => states.push(state),
    start(options) {
      started.push(options);
      return {
        retryNow: () => void retries++,
        async close() {
          closed++;
        },
      };
    },
  });
  return { link, states, started, session, closed: () => closed, retries: () => retries };
}

const relayUrl = "http://relay.example";
const reach = (reachable: Reach["reachable"], url: string | undefined = relayUrl): Reach => ({
  relayUrl: url,
  reachable,
});

describe("createRelayLink()", () => {
  test("by itself: attaches once the tracker can't call the peer, and leaves when it can", () => {
    const { link, started, states, closed } = createScene("auto");
    link.heard(reach("unknown"));
    link.heard(reach("yes"));
    expect(started).toHaveLength(0);
    link.heard(reach("no"));
    link.heard(reach("no"));
    expect(started.map((options) => options.relayUrl)).toEqual([relayUrl]);
    started[0]!.onState!({ type: "attached" });
    link.heard(reach("unknown"));
    expect(closed()).toBe(0);
    link.heard(reach("yes"));
    expect(closed()).toBe(1);
    expect(states).toEqual([{ type: "attached", relayUrl, wasAsked: false }, { type: "not-needed" }]);
  });

  test("when it was asked to: at once", () => {
    const { link, started, states } = createScene("always");
    link.heard(reach("unknown"));
    started[0]!.onState!({ type: "attached" });
    expect(states).toEqual([{ type: "attached", relayUrl, wasAsked: true }]);
  });

  test("never, when it was told so", () => {
    const { link, started, states } = createScene("never");
    link.heard(reach("no"));
    expect([started, states]).toEqual([[], []]);
  });

  test("tells once that the connection breaks, and that there is no relay", () => {
    const { link, started, states } = createScene("auto");
    link.heard({ relayUrl: undefined, reachable: "no" });
    link.heard({ relayUrl: undefined, reachable: "no" });
    link.heard(reach("no"));
    const error = new PanalError("unreachable", "gone");
    started[0]!.onState!({ type: "detached", error, isFinal: false });
    started[0]!.onState!({ type: "detached", error, isFinal: false });
    expect(states).toEqual([{ type: "no-relay" }, { type: "detached", error, isFinal: false }]);
  });

  test("a new session is tried at once, one that is known isn't", () => {
    const { link, session, started, retries } = createScene("always");
    link.heard(reach("unknown"));
    link.heard(reach("no"));
    expect(retries()).toBe(0);
    session.lease = "lease-2";
    link.heard(reach("no"));
    link.heard(reach("no"));
    expect(retries()).toBe(1);
    expect(started).toHaveLength(1);
  });

  test("goes where the tracker says by now", () => {
    const { link, started, closed } = createScene("always");
    link.heard(reach("unknown"));
    link.heard(reach("unknown", "http://another.example"));
    expect(started.map((options) => options.relayUrl)).toEqual([relayUrl, "http://another.example"]);
    expect(closed()).toBe(1);
  });
});
