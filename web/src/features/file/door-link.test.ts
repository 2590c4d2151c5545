import { fileIdOf } from "@panal/sdk/content";
import { expect, it } from "vitest";
import { checkedLink, doorLinks } from "./door-link.ts";
import { isLoopbackUrl } from "../../ui/loopback.ts";

const fileId = fileIdOf(new Uint8Array(32).fill(1), 10);
const peer = { peerId: "peer-one", name: "Ana", mtime: "2026-01-01T00:00:00Z" };

it("doorLinks() takes the direct endpoint, where there is one, and a safe, encoded name", () => {
  const links = doorLinks({
    fileId,
    peers: [
      {
        ...peer,
        path: 'films/50% "off"?.mp4',
        endpoints: [
          { url: "http://10.0.0.1:7080/via/x", route: "gateway" },
          { url: "http://127.0.0.1:7071", route: "direct" },
          { url: "http://10.0.0.2:7071/", route: "direct" },
        ],
      },
      { ...peer, peerId: "peer-two", path: "a", endpoints: [] },
      {
        ...peer,
        peerId: "a-tab",
        path: "b",
        endpoints: [{ url: "http://10.0.0.1:7080/via/a-tab", route: "relay" }],
      },
    ],
  });
  expect(links).toEqual([
    {
      peerId: "peer-one",
      peerName: "Ana",
      url: `http://10.0.0.2:7071/files/${fileId}/50%25%20_off__.mp4`,
      isStraight: true,
    },
    {
      peerId: "a-tab",
      peerName: "Ana",
      url: `http://10.0.0.1:7080/via/a-tab/files/${fileId}/b`,
      isStraight: false,
    },
  ]);
});

it("checkedLink() is at the gateway that leads to any of the peers, and isn't where none does", () => {
  const direct = { url: "http://10.0.0.2:7071", route: "direct" } as const;
  const ofAna = { ...peer, path: "films/50%.mp4", endpoints: [direct] };
  expect(checkedLink({ fileId, peers: [ofAna] })).toBeUndefined();
  for (const route of ["gateway", "relay"] as const) {
    const via = { url: "https://via.test:7443/via/a-tab", route };
    const ofBea = { ...peer, peerId: "bea", path: "b/the film.mp4", endpoints: [direct, via] };
    expect(checkedLink({ fileId, peers: [ofAna, ofBea] })).toBe(
      `https://via.test:7443/content/${fileId}/the%20film.mp4`,
    );
  }
});

it.each([
  ["http://localhost:7070", true],
  ["https://127.0.0.1", true],
  ["http://[::1]:7070/x", true],
  ["http://localhost.example.com", false],
  ["http://10.0.0.1:7070", false],
])("isLoopbackUrl() of %s is %s", (url, isLoopback) => {
  expect(isLoopbackUrl(url)).toBe(isLoopback);
});
