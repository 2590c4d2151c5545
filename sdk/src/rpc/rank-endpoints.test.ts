import { describe, expect, it } from "vitest";
import { createVirtualClock } from "../transfer/testing/virtual-clock.ts";
import { createEndpointMemory } from "./endpoint-memory.ts";
import { rankEndpoints } from "./rank-endpoints.ts";

const LOOPBACK = { url: "http://127.0.0.1:1", route: "direct" } as const;
const LAN = { url: "http://10.0.0.1:1/", route: "direct" } as const;
const OTHER_LAN = { url: "http://10.0.0.2:1", route: "direct" } as const;
const GATEWAY = { url: "http://via.test/via/peer", route: "gateway" } as const;
const RELAY = { url: "http://via.test/via/other", route: "relay" } as const;

describe("rankEndpoints()", () => {
  const nothing = { isBlocked: () => false };
  const shown = (...endpoints: Parameters<typeof rankEndpoints>) =>
    rankEndpoints(...endpoints).map(({ url, startMs }) => `${startMs} ${url}`);

  it("gives each 300 ms where all lead straight to the peer, this machine's first", () => {
    expect(shown([LAN, OTHER_LAN, LOOPBACK], nothing)).toEqual([
      "0 http://127.0.0.1:1",
      "300 http://10.0.0.1:1",
      "600 http://10.0.0.2:1",
    ]);
  });

  it("tries the way through the tracker after 300 ms, however many there are before", () => {
    expect(shown([RELAY, GATEWAY, LAN, OTHER_LAN, LOOPBACK], nothing)).toEqual([
      "0 http://127.0.0.1:1",
      "100 http://10.0.0.1:1",
      "200 http://10.0.0.2:1",
      "300 http://via.test/via/peer",
      "600 http://via.test/via/other",
    ]);
  });

  it("begins with the gateway where it is known that nothing else leads there", () => {
    const memory = { isBlocked: (url: string) => url.startsWith("http://10.") };
    expect(shown([LAN, GATEWAY], memory)).toEqual(["0 http://via.test/via/peer", "300 http://10.0.0.1:1"]);
    expect(shown([LAN, LOOPBACK, GATEWAY], memory)).toEqual([
      "0 http://127.0.0.1:1",
      "300 http://via.test/via/peer",
      "600 http://10.0.0.1:1",
    ]);
  });
});

describe("EndpointMemory", () => {
  it("knows for five minutes what lost, until it wins or the network is another", async () => {
    const clock = createVirtualClock();
    const memory = createEndpointMemory({ clock });
    memory.note({ won: "gateway", lost: ["a", "b", "c"] });
    expect(["a", "b", "gateway"].map((url) => memory.isBlocked(url))).toEqual([true, true, false]);
    memory.note({ won: "b", lost: [] });
    expect(memory.isBlocked("b")).toBe(false);
    await clock.sleep(300_000);
    expect(memory.isBlocked("a")).toBe(false);
    memory.note({ won: "gateway", lost: ["a"] });
    memory.forget();
    expect(memory.isBlocked("a")).toBe(false);
  });
});
