import { expect, it } from "vitest";
import { diagnosePeer } from "./diagnose-peer.ts";

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
])("diagnosePeer() finds %s for %j", async (obstacle, given) => {
  const {
    endpoints,
    isSecurePage = false,
    permission,
    answering = [],
  } = given as {
    endpoints: (typeof plain | typeof through)[];
    isSecurePage?: boolean;
    permission?: PermissionState;
    answering?: string[];
  };
  const found = diagnosePeer(
    { endpoints },
    { isSecurePage, localNetwork: async () => permission, answers: async (url) => answering.includes(url) },
    new AbortController().signal,
  );
  expect(await found).toBe(obstacle);
});
