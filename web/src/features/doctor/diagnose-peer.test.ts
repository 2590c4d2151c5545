import { expect, it } from "vitest";
import { diagnosePeer, isNearHost } from "./diagnose-peer.ts";

const direct = (url: string) => ({ url, route: "direct" as const });
const plain = direct("http://10.0.0.7:7071");
const secure = direct("https://10.0.0.7:7071");
const through = { url: "https://via.test/via/peer", route: "gateway" as const };

it.each([
  ["no-address", { endpoints: [] }],
  ["cross-origin", { endpoints: [plain], answering: [plain.url] }],
  ["silent", { endpoints: [plain] }],
  ["mixed-content", { endpoints: [plain], isSecurePage: true }],
  ["cross-origin", { endpoints: [plain, secure], isSecurePage: true, answering: [secure.url] }],
  ["silent", { endpoints: [secure], isSecurePage: true, permission: "granted" as const }],
  ["mixed-content", { endpoints: [plain, through], isSecurePage: true, answering: [through.url] }],
  ["local-network", { endpoints: [plain], isSecurePage: true, permission: "prompt" as const }],
  ["local-network", { endpoints: [plain], permission: "denied" as const }],
  ["silent", { endpoints: [plain], permission: "prompt" as const, isPageNear: true }],
  [
    "mixed-content",
    { endpoints: [plain], isSecurePage: true, permission: "prompt" as const, isPageNear: true },
  ],
])("diagnosePeer() finds %s for %j", async (obstacle, given) => {
  const {
    endpoints,
    isSecurePage = false,
    isPageNear = false,
    permission,
    answering = [],
  } = given as {
    endpoints: (typeof plain | typeof through)[];
    isSecurePage?: boolean;
    isPageNear?: boolean;
    permission?: PermissionState;
    answering?: string[];
  };
  const found = diagnosePeer(
    { endpoints },
    {
      isSecurePage,
      isPageNear,
      localNetwork: async () => permission,
      answers: async (url) => answering.includes(url),
    },
    new AbortController().signal,
  );
  expect(await found).toBe(obstacle);
});

it.each([
  ["localhost", true],
  ["127.0.0.1", true],
  ["192.168.1.5", true],
  ["172.31.0.1", true],
  ["172.32.0.1", false],
  ["10.0.0.1", true],
  ["10.example.org", false],
  ["100.1.2.3", false],
  ["[::1]", true],
  ["[fd00::7]", true],
  ["[2001:db8::1]", false],
  ["panal.example.org", false],
])("isNearHost() of %s is %s", (hostname, isNear) => {
  expect(isNearHost(hostname)).toBe(isNear);
});
