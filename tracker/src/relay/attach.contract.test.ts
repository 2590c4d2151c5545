import { once } from "node:events";
import { request as requestHttp } from "node:http";
import { buffer } from "node:stream/consumers";
import type { AttachState, RelayedRequest } from "@panal/sdk";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PeerRecord } from "../store/store.ts";
import { APP_ORIGIN } from "../testing/test-gateway.ts";
import {
  OTHER,
  PEER,
  type TestRelay,
  fileOf,
  sampleBytes as bytes,
  startTestRelay,
} from "../testing/test-relay.ts";

let relay: TestRelay;
beforeEach(async () => {
  relay = await startTestRelay();
});
afterEach(() => relay.close());

describe("Attach", () => {
  async function codeOf(answer: Promise<Response>): Promise<string> {
    const text = await (await answer).text();
    return /"code":"(\w+)"/.exec(text)?.[1] ?? text;
  }
  const session = "session-of-the-tests";

  test.each([
    ["without a lease", {}, PEER.peerId, session, "unauthenticated"],
    ["with nobody's", { authorization: "Bearer nobodys" }, PEER.peerId, session, "unauthenticated"],
    [
      "for somebody else's id",
      { authorization: `Bearer ${OTHER.lease}` },
      PEER.peerId,
      session,
      "permission_denied",
    ],
    [
      "with a session that isn't one",
      { authorization: `Bearer ${PEER.lease}` },
      PEER.peerId,
      "short",
      "invalid_argument",
    ],
  ])("is refused %s", async (_, headers, peerId, session, code) => {
    expect(await codeOf(relay.attachRaw({ peerId, session }, headers))).toBe(code);
    expect(relay.peers.isAttached(PEER.peerId)).toBe(false);
  });

  test("clients are told apart, by each peer in its own way, and by neither their addresses nor what they say", async () => {
    const clients: (string | undefined)[] = [];
    const serve = (request: RelayedRequest) => {
      clients.push(request.client);
      return fileOf(bytes(1))();
    };
    await relay.attach(serve);
    await relay.attach(serve, { identity: OTHER });
    await relay.ask({ client: "192.0.2.1" });
    await relay.ask({ client: "192.0.2.1", headers: { "panal-client": "192.0.2.2" } });
    await relay.ask({ client: "192.0.2.2" });
    await relay.ask({ client: "192.0.2.1", peer: { peerId: OTHER.peerId } as PeerRecord });
    const [first, again, second, elsewhere] = clients;
    expect(again).toBe(first);
    expect(new Set([first, second, elsewhere]).size).toBe(3);
    for (const client of clients) expect(client).toMatch(/^[\w-]{22}$/);
  });

  test("is for pages of the app, and no others", async () => {
    for (const [origin, status] of [
      [APP_ORIGIN, 204],
      ["http://evil.example", 403],
    ] as const) {
      const answer = await fetch(`${relay.url}/push`, { method: "OPTIONS", headers: { origin } });
      expect(answer.status).toBe(status);
      expect(answer.headers.get("access-control-allow-origin")).toBe(status === 204 ? origin : null);
    }
  });

  test("by a newer stream ends the older one for good", async () => {
    const detached = Promise.withResolvers<AttachState>();
    await relay.attach(fileOf(bytes(1)), {
      onState: (state) => state.type === "detached" && detached.resolve(state),
    });
    await relay.attach(fileOf(bytes(2)));
    expect(await detached.promise).toMatchObject({ isFinal: true });
    expect(await buffer((await relay.ask()).body)).toHaveLength(2);
  });

  test("that ended and isn't begun again is over, and its readers are cut off", async () => {
    const attachment = await relay.attach(async () => ({
      status: 200,
      headers: { "content-length": "9" },
      body: (async function* () {
        yield bytes(3);
        await new Promise(() => {});
      })(),
    }));
    const answer = await relay.ask();
    const cut = expect(buffer(answer.body)).rejects.toThrow();
    void attachment.close();
    // Only then there is a timer of the grace.
    while (relay.gone.length === 0) {
      relay.elapse(1_500);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await cut;
    expect(relay.gone).toEqual([PEER.peerId]);
    expect(relay.peers.isAttached(PEER.peerId)).toBe(false);
  });

  test("leads nowhere else: no path, no method, no host", async () => {
    expect((await fetch(`${relay.url}/`)).status).toBe(404);
    expect((await fetch(`${relay.url}/push`)).status).toBe(405);
    expect((await fetch(`${relay.url}/healthz`)).status).toBe(200);
    const outgoing = requestHttp(`${relay.url}/healthz`, { headers: { host: "rebound.example" } }).end();
    const [response] = await once(outgoing, "response");
    expect(response.statusCode).toBe(421);
    response.resume();
  });
});
