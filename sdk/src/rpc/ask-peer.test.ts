import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { GetPeerResponseSchema } from "../gen/panal/v1/peer_pb.ts";
import type { Endpoint } from "../tracker/api.ts";
import { createVirtualClock } from "../transfer/testing/virtual-clock.ts";
import { askPeer } from "./ask-peer.ts";
import { createEndpointMemory } from "./endpoint-memory.ts";
import type { PeerClient } from "./peer-client.ts";

const [THERE, VIA] = ["http://10.0.0.7:7071", "http://via.test/via/peer"];
const ENDPOINTS: Endpoint[] = [
  { url: `${THERE}/`, route: "direct" },
  { url: VIA, route: "gateway" },
];

/** Answers at these URLs, keeps silent at the others. */
function setUp(answering: readonly string[]) {
  const clock = createVirtualClock();
  const asked: string[] = [];
  const createClient = (url: string) =>
    ({
      async getPeer(_request, options) {
        asked.push(url);
        if (!answering.includes(url)) await clock.sleep(10_000, options?.signal);
        if (!answering.includes(url)) throw new ConnectError("no answer", Code.DeadlineExceeded);
        return create(GetPeerResponseSchema, { name: "Ana" });
      },
    }) as Pick<PeerClient, "getPeer"> as PeerClient;
  const memory = createEndpointMemory({ clock });
  const { signal } = new AbortController();
  return { clock, asked, ask: () => askPeer(ENDPOINTS, { createClient, signal, clock, memory }) };
}

it("askPeer() waits for a silent address as long as its head start, says which way answered, and remembers it", async () => {
  const { clock, asked, ask } = setUp([VIA]);
  expect(await ask()).toMatchObject({ url: VIA, route: "gateway", peer: { name: "Ana" } });
  expect([asked, clock.now()]).toEqual([[THERE, VIA], 300]);
  await ask();
  expect([asked.slice(2), clock.now()]).toEqual([[VIA], 300]);
});

it("askPeer() asks nobody else when the peer itself answers", async () => {
  const { asked, ask } = setUp([THERE, VIA]);
  expect(await ask()).toMatchObject({ url: THERE, route: "direct" });
  expect(asked).toEqual([THERE]);
});

it("askPeer() throws what the best address met when none answers", async () => {
  await expect(setUp([]).ask()).rejects.toMatchObject({ code: "timeout", message: "no answer" });
});
