import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DoorRequest, type HeartbeatDoor, createHeartbeatDoor } from "./heartbeat-door.ts";
import { type TestTracker, createTestTracker } from "./testing/test-tracker.ts";

const connection = {};
let tracker: TestTracker;
let door: HeartbeatDoor;
let peer: { peerId: string; lease: string };

beforeEach(async () => {
  tracker = createTestTracker({ trustedProxies: ["10.0.0.9"] });
  door = createHeartbeatDoor(tracker.services);
  peer = await tracker.register(9000);
});

afterEach(() => tracker.close());

function heartbeat({ headers, ...changed }: Partial<DoorRequest> = {}): DoorRequest {
  return {
    method: "POST",
    url: `/api/v1/peers/${peer.peerId}/heartbeat`,
    remoteAddress: "127.0.0.1",
    connection,
    ...changed,
    headers: { host: "localhost:7070", authorization: `Bearer ${peer.lease}`, ...headers },
  };
}

/** What the route answers to the same. */
function routeAnswer({ url, headers, remoteAddress }: DoorRequest) {
  return tracker.call(url!, {
    method: "POST",
    headers: headers as Record<string, string>,
    from: remoteAddress!,
  });
}

async function readyAnswer(
  request: DoorRequest,
): Promise<{ headers: Record<string, string>; body: unknown }> {
  const answer = await door.answer(request);
  if (answer.type !== "ready") throw new Error("left to the routes");
  const headers: Record<string, string> = {};
  for (let index = 0; index < answer.headers.length; index += 2) {
    headers[answer.headers[index]!] = answer.headers[index + 1]!;
  }
  expect(headers["content-length"]).toBe(String(Buffer.byteLength(answer.body)));
  delete headers["content-length"];
  return { headers, body: JSON.parse(answer.body) };
}

describe("createHeartbeatDoor", () => {
  it.each([
    { what: "a plain one", headers: {} },
    { what: "one with an empty body", headers: { "content-length": "0" } },
    { what: "one with an id", headers: { "x-request-id": "of-a-proxy" } },
    { what: "one through a trusted proxy", from: "10.0.0.9", headers: { "x-forwarded-for": "10.1.1.1" } },
    { what: "one through any proxy", from: "10.0.0.8", headers: { "x-forwarded-for": "10.1.1.1" } },
  ])("answer() says what the route says: $what", async ({ headers, from = "127.0.0.1" }) => {
    const request = heartbeat({
      headers: { "x-request-id": "the-same", ...headers },
      remoteAddress: from,
    });
    expect(door.takes(request)).toBe(true);
    const byRoute = await routeAnswer(request);
    expect(byRoute.status).toBe(200);
    const answer = await readyAnswer(request);
    expect(answer.body).toEqual(byRoute.body);
    expect(answer.headers).toEqual(Object.fromEntries(byRoute.headers));
  });

  it("answer() names each request anew when it comes without a name", async () => {
    const names = [await readyAnswer(heartbeat()), await readyAnswer(heartbeat())].map(
      ({ headers }) => headers["x-request-id"],
    );
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("answer() keeps the peer alive", async () => {
    await tracker.pass(20_000);
    await readyAnswer(heartbeat());
    await tracker.pass(20_000);
    expect((await tracker.call(`/api/v1/peers/${peer.peerId}`)).status).toBe(200);
  });

  it("answer() counts as the route does", async () => {
    await readyAnswer(heartbeat());
    await routeAnswer(heartbeat());
    expect((await tracker.call("/metrics")).body).toContain(
      'panal_http_requests_total{method="POST",route="/api/v1/peers/:peerId/heartbeat",status="200"} 2',
    );
  });

  it.each<{ what: string; changed: Partial<DoorRequest> }>([
    { what: "from a page", changed: { headers: { origin: "http://localhost:7070" } } },
    { what: "with a body", changed: { headers: { "content-length": "2" } } },
    { what: "with a body of any length", changed: { headers: { "transfer-encoding": "chunked" } } },
    { what: "to another name", changed: { headers: { host: "evil.example" } } },
    { what: "without a name", changed: { headers: { host: undefined } } },
    { what: "with a query", changed: { url: "/api/v1/peers/abcdefgh/heartbeat?x=1" } },
    { what: "of an escaped id", changed: { url: "/api/v1/peers/%61bcdefgh/heartbeat" } },
    { what: "of too long an id", changed: { url: `/api/v1/peers/${"a".repeat(65)}/heartbeat` } },
    { what: "of something below", changed: { url: "/api/v1/peers/abcdefgh/heartbeat/more" } },
    { what: "by another method", changed: { method: "GET" } },
    { what: "of nothing", changed: { url: undefined, method: undefined } },
  ])("takes() leaves one $what to the routes", ({ changed }) => {
    expect(door.takes(heartbeat(changed))).toBe(false);
  });

  it.each<{ what: string; changed: Partial<DoorRequest>; status: number }>([
    { what: "no lease", changed: { headers: { authorization: undefined } }, status: 401 },
    { what: "nobody's lease", changed: { headers: { authorization: "Bearer nobody" } }, status: 401 },
    { what: "an unknown peer", changed: { url: "/api/v1/peers/abcdefgh/heartbeat" }, status: 404 },
  ])("answer() leaves $what to the routes, which say $status", async ({ changed, status }) => {
    const request = heartbeat(changed);
    expect(door.takes(request)).toBe(true);
    expect(await door.answer(request)).toEqual({ type: "for-routes", isAdmitted: true });
    const { authorization, ...headers } = request.headers;
    const sent = authorization === undefined ? headers : request.headers;
    expect((await routeAnswer({ ...request, headers: sent })).status).toBe(status);
  });

  it("answer() leaves one that is too much to the routes, which count it themselves", async () => {
    const remote = { remoteAddress: "10.1.1.1", connection: {} };
    let answered = 0;
    while ((await door.answer(heartbeat(remote))).type === "ready") answered++;
    expect(answered).toBe(20);
    expect(await door.answer(heartbeat(remote))).toEqual({ type: "for-routes", isAdmitted: false });
    expect((await routeAnswer(heartbeat(remote))).status).toBe(429);
  });

  it("a request that is left to the routes isn't counted against the limits twice", async () => {
    const remote = { remoteAddress: "10.1.1.1", connection: {} };
    const url = `http://localhost:7070/api/v1/peers/${peer.peerId}/heartbeat`;
    const headers = { authorization: `Bearer ${peer.lease}` };
    for (let index = 0; index < 30; index++) {
      const bindings = { remoteAddress: "10.1.1.1", isAdmitted: true };
      expect((await tracker.app.request(url, { method: "POST", headers }, bindings)).status).toBe(200);
    }
    expect((await door.answer(heartbeat(remote))).type).toBe("ready");
  });
});
