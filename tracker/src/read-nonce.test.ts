import { PanalError } from "@panal/sdk";
import { describe, expect, test } from "vitest";
import { createDialRules } from "./dial-rules.ts";
import type { PeerNetwork, ShortAnswer } from "./peer-network.ts";
import { createNonceReader } from "./read-nonce.ts";

const NONCE = "right-nonce";
const REMOTE = { address: "203.0.113.1", isLocal: false };

interface Scene {
  url?: string;
  names?: Record<string, string[]>;
  answer?: (() => ShortAnswer | Promise<ShortAnswer>) | undefined;
  signal?: AbortSignal;
}

/** What a check finds, and where it knocked. */
async function check({ url = "http://203.0.113.1:7071", names = {}, answer, signal }: Scene) {
  const calls: { url: string; address: string }[] = [];
  let lookups = 0;
  const network: PeerNetwork = {
    async resolve(name) {
      lookups++;
      return names[name] ?? Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" }));
    },
    async get(target, { address }) {
      calls.push({ url: target, address });
      return answer?.() ?? { status: 200, text: NONCE };
    },
  };
  const reader = createNonceReader({ rules: createDialRules(), network, now: () => 0 });
  const finding = await reader.check(url, { nonce: NONCE, registrant: REMOTE, ...(signal && { signal }) });
  return { ...finding, calls, lookups };
}

describe("check()", () => {
  test.each<[string, Scene["answer"], "yes" | "no", string]>([
    ["its nonce", () => ({ status: 200, text: ` ${NONCE}\r\n` }), "yes", "answered with its nonce"],
    ["another nonce", () => ({ status: 200, text: "other" }), "no", "answered with another nonce"],
    ["a longer one", () => ({ status: 200, text: `${NONCE}x` }), "no", "answered with another nonce"],
    ["nothing", () => ({ status: 200, text: "" }), "no", "answered without a nonce"],
    ["an error", () => ({ status: 404, text: NONCE }), "no", "answered 404 instead of the nonce"],
    ["a redirect", () => ({ status: 301, text: NONCE }), "no", "answered 301; redirects aren't followed"],
    [
      "too much",
      () => Promise.reject(new PanalError("too-large", "x")),
      "no",
      "answered with more than a nonce",
    ],
  ])("of a peer that answers with %s", async (_what, answer, reachable, reason) => {
    expect(await check({ answer })).toMatchObject({
      url: "http://203.0.113.1:7071",
      reachable,
      reason,
      calls: [{ url: "http://203.0.113.1:7071/.well-known/panal", address: "203.0.113.1" }],
    });
  });

  test.each([
    ["ECONNREFUSED", "no connection: refused"],
    ["ECONNRESET", "the connection broke off"],
    ["EHOSTUNREACH", "no connection: no way there"],
    ["ETIMEDOUT", "no answer in time"],
    ["HPE_INVALID_CONSTANT", "what answers doesn't speak HTTP"],
    ["HPE_HEADER_OVERFLOW", "answered with more than a nonce"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "its certificate isn't accepted: DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["EMFILE", "no connection: EMFILE"],
    ["<script>", "no connection"],
  ])("says %s in words", async (code, reason) => {
    const answer = () => Promise.reject(Object.assign(new Error("said by the other end"), { code }));
    expect(await check({ answer })).toMatchObject({ reachable: "no", reason });
  });

  test.each([
    "http://203.0.113.2:7071",
    "http://169.254.169.254",
    "http://10.0.0.1:80",
    "http://[::1]:7071",
    "http://[64:ff9b::7f00:1]",
    "http://2130706433:7071",
  ])("doesn't call %s for a stranger", async (url) => {
    const { reachable, reason, calls, lookups } = await check({ url });
    expect({ reachable, calls, lookups }).toEqual({ reachable: "unknown", calls: [], lookups: 0 });
    expect(reason).toMatch(/may not call|not an address the tracker may call|own machine/);
  });

  test("calls a name at the address that was looked up and allowed, and looks it up once", async () => {
    const names = { "peer.example": ["127.0.0.1", "169.254.169.254", "::ffff:203.0.113.1"] };
    expect(await check({ url: "http://peer.example:7071", names })).toMatchObject({
      reachable: "yes",
      calls: [{ url: "http://peer.example:7071/.well-known/panal", address: "203.0.113.1" }],
      lookups: 1,
    });
  });

  test.each<[string, string[] | undefined, RegExp]>([
    ["this machine", ["127.0.0.1"], /own machine/],
    ["somebody else", ["198.51.100.1"], /--dial-range/],
    ["no address", [], /no address/],
    ["nothing", undefined, /isn't known here/],
  ])("doesn't call a name that leads to %s", async (_what, addresses, reason) => {
    const names = addresses === undefined ? {} : { "peer.example": addresses };
    const found = await check({ url: "http://peer.example", names });
    expect(found).toMatchObject({ reachable: "unknown", calls: [] });
    expect(found.reason).toMatch(reason);
  });

  test("looks up twenty names at once for an address, then one a second", async () => {
    const clock = { now: 0 };
    const asked: string[] = [];
    const network: PeerNetwork = {
      resolve: async (name) => [asked.push(name) > 0 ? "203.0.113.1" : ""],
      get: async () => ({ status: 200, text: NONCE }),
    };
    const reader = createNonceReader({ rules: createDialRules(), network, now: () => clock.now });
    const checkName = (n: number, address = "203.0.113.1") =>
      reader.check(`http://name-${n}.example`, { nonce: NONCE, registrant: { address, isLocal: false } });
    for (let n = 0; n < 20; n++) expect(await checkName(n)).toMatchObject({ reachable: "yes" });
    const refused = await checkName(20);
    expect(refused).toMatchObject({ reachable: "unknown", reason: expect.stringMatching(/^too many names/) });
    expect(asked.length).toBe(20);
    await checkName(21, "203.0.113.2");
    expect(asked.length).toBe(21);
    clock.now += 1_000;
    expect(await checkName(22)).toMatchObject({ reachable: "yes" });
    const direct = { nonce: NONCE, registrant: REMOTE };
    expect(await reader.check("http://203.0.113.1", direct)).toMatchObject({ reachable: "yes" });
  });

  test("ends when it is stopped, also when the network doesn't", async () => {
    const stop = new AbortController();
    const checking = check({ answer: () => new Promise(() => stop.abort()), signal: stop.signal });
    expect(await checking).toMatchObject({ reachable: "unknown", reason: "the check was stopped" });
  });

  test("says nothing of a peer when it is stopped", async () => {
    const stop = new AbortController();
    stop.abort();
    const answer = () => Promise.reject(new PanalError("aborted", "stopped"));
    expect(await check({ answer, signal: stop.signal })).toMatchObject({ reachable: "unknown" });
  });
});
