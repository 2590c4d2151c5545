import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, describe, expect, test } from "vitest";
import { PanalError } from "../errors.ts";
import type { Clock } from "../transfer/clock.ts";
import type { PullAnswer, RelayedRequest } from "./answer-pull.ts";
import { type AttachState, type Attachment, attach } from "./attach.ts";
import {
  UnreadableBlob,
  bodyOf,
  bytes,
  chunks,
  createFakeRelay,
  createStoppedClock,
  pull,
} from "./testing/fake-relay.ts";

let attachment: Attachment | undefined;
afterEach(async () => {
  await attachment?.close();
  attachment = undefined;
});

function start(
  relay: ReturnType<typeof createFakeRelay>,
  serve: (request: RelayedRequest) => Promise<PullAnswer>,
  clock: Clock = createStoppedClock(),
) {
  const states: AttachState[] = [];
  attachment = attach({
    relayUrl: "http://relay.example",
    identity: () => ({ peerId: "peer-1", lease: "lease-1" }),
    serve,
    transport: relay.transport,
    fetch: relay.fetch,
    onState(state) {
      states.push(state);
      relay.changed();
    },
    clock,
    random: () => 0.5,
  });
  return states;
}

describe("attach()", () => {
  test("attaches with the lease and a session, and answers a pull in parts, the head with the first", async () => {
    const relay = createFakeRelay();
    const file = bytes(250_000);
    const requests: RelayedRequest[] = [];
    start(relay, async (request) => {
      requests.push(request);
      return {
        status: 206,
        headers: { "content-length": "250000", "content-disposition": "ñ" },
        body: chunks(file.subarray(0, 120_000), file.subarray(120_000)),
      };
    });
    await relay.until(() => relay.attaches.length === 1);
    relay.say(pull({ headers: { range: "bytes=0-" } }));
    await relay.until(() => relay.pushes.some(({ headers }) => headers["panal-end"] === "1"));
    expect(relay.attaches[0]).toMatchObject({ peerId: "peer-1", authorization: "Bearer lease-1" });
    expect(relay.attaches[0]!.session).toMatch(/^[0-9a-f]{48}$/);
    expect(requests[0]).toMatchObject({ method: "GET", path: "/files/a", headers: { range: "bytes=0-" } });
    expect(requests[0]!.body).toBeUndefined();
    expect(relay.pushes.map(({ headers }) => headers["panal-offset"])).toEqual(["0", "100000", "200000"]);
    expect(relay.pushes.map(({ headers }) => headers["panal-end"])).toEqual([undefined, undefined, "1"]);
    expect(relay.pushes[0]!.headers["panal-head"]).toBe(
      '{"status":206,"headers":{"content-length":"250000","content-disposition":"\\u00f1"}}',
    );
    expect(relay.pushes[1]!.headers["panal-head"]).toBeUndefined();
    expect(relay.pushes.every(({ url }) => url === "http://relay.example/push")).toBe(true);
    expect(relay.pushes[0]!.headers).toMatchObject({
      authorization: "Bearer lease-1",
      "panal-pull": "pull-1",
    });
    expect(bodyOf(relay.pushes, file.length)).toEqual(file);
  });

  test("pushes no more than was granted, and goes on when more is", async () => {
    const relay = createFakeRelay();
    start(relay, async () => ({ status: 200, headers: {}, body: chunks(bytes(50), bytes(50, 50)) }));
    await relay.until(() => relay.attaches.length === 1);
    relay.say(pull({ grantedBytes: 60n }));
    await relay.until(() => relay.pushes.length === 1);
    expect(relay.pushes[0]!.body).toHaveLength(60);
    relay.say({ case: "grant", value: { $typeName: "panal.v1.Grant", id: "pull-1", grantedBytes: 100n } });
    await relay.until(() => relay.pushes.at(-1)!.headers["panal-end"] === "1");
    expect(bodyOf(relay.pushes, 100)).toEqual(bytes(100));
  });

  test("halves its parts when they are too long for a proxy, for good", async () => {
    const relay = createFakeRelay(({ body }) => (body.length > 30_000 ? 413 : 204));
    const file = bytes(200_000);
    start(relay, async () => ({ status: 200, headers: { "content-length": "200000" }, body: chunks(file) }));
    await relay.until(() => relay.attaches.length === 1);
    relay.say(pull());
    await relay.until(() =>
      relay.pushes.some((each) => each.headers["panal-end"] === "1" && each.body.length <= 30_000),
    );
    const taken = () => relay.pushes.filter(({ body }) => body.length <= 30_000);
    await relay.until(() => taken().reduce((sum, { body }) => sum + body.length, 0) === 200_000);
    expect(bodyOf(taken(), file.length)).toEqual(file);
    expect(taken().filter(({ headers }) => headers["panal-head"] !== undefined)).toHaveLength(1);
    const before = relay.pushes.length;
    relay.say(pull({ id: "pull-2" }));
    await relay.until(() => relay.pushes.slice(before).some(({ headers }) => headers["panal-end"] === "1"));
    expect(relay.pushes.slice(before).every(({ body }) => body.length <= 30_000)).toBe(true);
  });

  test("halves its parts, too, when they get no answer but the relay does, and never for a relay that is gone", async () => {
    let isAway = false;
    const sizes: number[] = [];
    const relay = createFakeRelay(({ body }) => {
      sizes.push(body.length);
      relay.changed();
      // To a page, a proxy's refusal is no answer.
      if (isAway || body.length > 500_000) throw new TypeError("Failed to fetch");
      return body.length === 0 ? 409 : 204;
    }, 1_000_000);
    const file = bytes(1_000_000);
    // Between tries it waits for five seconds at most; whatever it waits for longer doesn't come.
    const { sleep } = createStoppedClock();
    const clock: Clock = {
      now: () => 0,
      sleep: (ms, signal) => (ms <= 5_000 ? Promise.resolve() : sleep(ms, signal)),
    };
    const headers = { "content-length": "1000000" };
    start(relay, async () => ({ status: 200, headers, body: chunks(file) }), clock);
    await relay.until(() => relay.attaches.length === 1);
    relay.say(pull());
    await relay.until(() => sizes.length === 5);
    expect(sizes).toEqual([1_000_000, 1_000_000, 0, 500_000, 500_000]);
    expect(bodyOf(relay.pushes.slice(3), file.length)).toEqual(file);
    isAway = true;
    relay.say(pull({ id: "pull-2" }));
    await relay.until(() => sizes.length === 12);
    expect(new Set(sizes.slice(5))).toEqual(new Set([500_000, 0]));
  });

  test("sends a file's parts as slices of it, and says how much went and that it ended", async () => {
    const relay = createFakeRelay();
    const file = bytes(250_000);
    let taken = 0;
    const ended = Promise.withResolvers<PanalError | undefined>();
    const body = {
      blob: new Blob([file]),
      onTaken: (size: number) => void (taken += size),
      onEnd: ended.resolve,
    };
    start(relay, async () => ({ status: 206, headers: { "content-length": "250000" }, body }));
    await relay.until(() => relay.attaches.length === 1);
    relay.say(pull({ grantedBytes: 150_000n }));
    await relay.until(() => relay.pushes.length === 2);
    expect(taken).toBe(150_000);
    relay.say({
      case: "grant",
      value: { $typeName: "panal.v1.Grant", id: "pull-1", grantedBytes: 250_000n },
    });
    expect(await ended.promise).toBeUndefined();
    expect(relay.pushes.map(({ isFile, body }) => [isFile, body.length])).toEqual([
      [true, 100_000],
      [true, 50_000],
      [true, 100_000],
    ]);
    expect(relay.pushes.map(({ headers }) => headers["panal-end"])).toEqual([undefined, undefined, "1"]);
    expect(bodyOf(relay.pushes, file.length)).toEqual(file);
    expect(taken).toBe(250_000);
  });

  test("halves a file's part that is too long for a proxy", async () => {
    const relay = createFakeRelay(({ body }) => (body.length > 30_000 ? 413 : 204));
    const file = bytes(100_000);
    const ended = Promise.withResolvers<PanalError | undefined>();
    const body = { blob: new Blob([file]), onTaken: () => {}, onEnd: ended.resolve };
    start(relay, async () => ({ status: 200, headers: { "content-length": "100000" }, body }));
    await relay.until(() => relay.attaches.length === 1);
    relay.say(pull());
    expect(await ended.promise).toBeUndefined();
    const taken = relay.pushes.filter(({ body }) => body.length <= 30_000);
    expect(taken.map(({ isFile, body }) => [isFile, body.length])).toEqual(
      Array.from({ length: 4 }, () => [true, 25_000]),
    );
    expect(bodyOf(taken, file.length)).toEqual(file);
  });

  test("reads a file's part that wasn't taken, and sends what it read", async () => {
    const clock = createStoppedClock();
    const statuses = [503];
    const relay = createFakeRelay(() => statuses.shift() ?? 204);
    const file = bytes(10);
    const body = { blob: new Blob([file]), onTaken: () => {}, onEnd: () => {} };
    start(relay, async () => ({ status: 200, headers: {}, body }), clock);
    await relay.until(() => relay.attaches.length === 1);
    relay.say(pull());
    await relay.until(() => relay.pushes.length === 1);
    while (relay.pushes.length === 1) {
      clock.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(relay.pushes.map(({ isFile }) => isFile)).toEqual([true, false]);
    expect(relay.pushes[1]).toEqual({ ...relay.pushes[0]!, isFile: false });
  });

  test("tells whoever gave a file that it can't be read as it was, and the relay that there is no answer", async () => {
    const relay = createFakeRelay();
    const ended = Promise.withResolvers<PanalError | undefined>();
    const body = { blob: new UnreadableBlob(["rose"]), onTaken: () => {}, onEnd: ended.resolve };
    start(relay, async () => ({ status: 200, headers: { "content-length": "4" }, body }));
    await relay.until(() => relay.attaches.length === 1);
    relay.say(pull());
    expect(await ended.promise).toMatchObject({ code: "changed" });
    await relay.until(() => relay.pushes.length === 1);
    expect(relay.pushes[0]!.headers).toMatchObject({ "panal-pull": "pull-1", "panal-error": "internal" });
  });

  test("sends a part again that wasn't taken, and gives up one that nobody waits for", async () => {
    const clock = createStoppedClock();
    const statuses = [503, 204, 409];
    const relay = createFakeRelay(() => statuses.shift() ?? 409);
    start(relay, async () => ({ status: 200, headers: {}, body: chunks(bytes(10)) }), clock);
    await relay.until(() => relay.attaches.length === 1);
    relay.say(pull());
    await relay.until(() => relay.pushes.length === 1);
    while (relay.pushes.length === 1) {
      clock.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(relay.pushes[1]).toEqual(relay.pushes[0]);
    relay.say(pull({ id: "pull-2" }));
    await relay.until(() => relay.pushes.length >= 4);
    // That it is over is said once more, in case somebody waits.
    expect(relay.pushes[3]!.headers).toMatchObject({ "panal-pull": "pull-2", "panal-error": "not-found" });
  });

  test.each([
    [new PanalError("busy", "full"), "busy"],
    [new PanalError("corrupt", "a bad disk"), "internal"],
    [new Error("a mistake"), "internal"],
  ])("says in a word that there will be no answer: %s", async (error, word) => {
    const relay = createFakeRelay();
    start(relay, async () => {
      throw error;
    });
    await relay.until(() => relay.attaches.length === 1);
    relay.say(pull());
    await relay.until(() => relay.pushes.length === 1);
    expect(relay.pushes[0]!.headers).toMatchObject({ "panal-pull": "pull-1", "panal-error": word });
  });

  test("ends what a client wanted that has gone, and says nothing more of it", async () => {
    const relay = createFakeRelay();
    const ended = Promise.withResolvers<void>();
    start(relay, async ({ signal }) => ({
      status: 200,
      headers: {},
      body: (async function* () {
        try {
          yield bytes(10);
          await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("gone"))));
        } finally {
          ended.resolve();
        }
      })(),
    }));
    await relay.until(() => relay.attaches.length === 1);
    relay.say(pull({ grantedBytes: 10n }));
    await relay.until(() => relay.pushes.length === 1);
    relay.say({ case: "cancel", value: { $typeName: "panal.v1.Cancel", id: "pull-1" } });
    await ended.promise;
    await attachment!.close();
    expect(relay.pushes).toHaveLength(1);
  });

  test("attaches again with the same session when the stream breaks, and answers what is said again only once", async () => {
    const clock = createStoppedClock();
    const relay = createFakeRelay();
    let served = 0;
    const states = start(
      relay,
      async () => {
        served++;
        return { status: 200, headers: {}, body: chunks(bytes(20)) };
      },
      clock,
    );
    await relay.until(() => relay.attaches.length === 1);
    relay.say(pull({ grantedBytes: 10n }));
    await relay.until(() => relay.pushes.length === 1);
    relay.say(new ConnectError("stopping", Code.Unavailable));
    await relay.until(() => states.at(-1)?.type === "detached");
    while (relay.attaches.length === 1) {
      clock.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(relay.attaches[1]).toEqual(relay.attaches[0]);
    relay.say(pull({ grantedBytes: 20n }));
    await relay.until(() => relay.pushes.at(-1)!.headers["panal-end"] === "1");
    expect(served).toBe(1);
    expect(bodyOf(relay.pushes, 20)).toEqual(bytes(20));
  });

  test("tries at once when it is told that there is a new session, and not before", async () => {
    const relay = createFakeRelay();
    const states = start(relay, () => Promise.reject(new Error("nobody asks")));
    await relay.until(() => relay.attaches.length === 1);
    relay.say(new ConnectError("stopping", Code.Unavailable));
    await relay.until(() => states.at(-1)?.type === "detached");
    await new Promise((resolve) => setImmediate(resolve));
    expect(relay.attaches).toHaveLength(1);
    attachment!.retryNow();
    await relay.until(() => states.at(-1)?.type === "attached");
    expect(relay.attaches).toHaveLength(2);
    // While it is attached there is nothing to try.
    attachment!.retryNow();
    await new Promise((resolve) => setImmediate(resolve));
    expect(relay.attaches).toHaveLength(2);
  });

  test("doesn't come back when another process took over", async () => {
    const relay = createFakeRelay();
    const states = start(relay, () => Promise.reject(new Error("nobody asks")));
    await relay.until(() => relay.attaches.length === 1);
    relay.say(new ConnectError("replaced", Code.AlreadyExists));
    await relay.until(() => states.at(-1)?.type === "detached");
    expect(states.at(-1)).toMatchObject({ isFinal: true });
    await attachment!.close();
    expect(relay.attaches).toHaveLength(1);
  });
});
