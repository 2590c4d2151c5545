import { createTrackerClient, parseFileId } from "@panal/sdk";
import { createVirtualClock } from "@panal/sdk/testing";
import { expect, it, vi } from "vitest";
import { type AnnounceState, startAnnouncing } from "./announce.ts";
import type { ServedChange, ServedFile } from "./library/served-files.ts";
import type { PeerIdentity } from "./peer-identity.ts";

const FILE_ID = parseFileId(`${"ab".repeat(32)}-5`);
const HEARTBEAT_SECONDS = 10;

function fileAt(path: string): ServedFile {
  return {
    path,
    fileId: FILE_ID,
    size: 5,
    mtimeMs: 1_700_000_000_000,
  };
}

/** A request as the tracker sees it. */
interface Call {
  readonly what: string;
  readonly atMs: number;
  readonly lease: string | undefined;
  readonly body: unknown;
}

type Reply = { status?: number; json?: unknown; retryAfter?: string } | "away";

/** A tracker that keeps one list, and answers as the test says where it says so. */
function stage(options: { urls?: () => string[]; saved?: PeerIdentity; files?: string[] } = {}) {
  const clock = createVirtualClock();
  const calls: Call[] = [];
  const states: AnnounceState["type"][] = [];
  const listeners = new Set<(change: ServedChange) => void>();
  const files = new Map((options.files ?? ["a.txt"]).map((path) => [path, fileAt(path)]));
  let identity = options.saved;
  let origins: readonly string[] = [];
  const tracker = {
    revision: 0,
    peers: 0,
    script: ((): Reply | undefined => undefined) as (call: Call) => Reply | undefined,
  };

  function answer(call: Call): Reply {
    const scripted = tracker.script(call);
    if (scripted !== undefined) return scripted;
    const alive = {
      heartbeatSeconds: HEARTBEAT_SECONDS,
      expiresAt: "2026-11-24T00:00:00Z",
      webOrigins: ["http://app"],
    };
    const body = call.body as { revision?: number };
    switch (call.what) {
      case "POST /peers":
        tracker.peers++;
        return {
          status: 201,
          json: { ...alive, peerId: "peer-0001", lease: `lease-${tracker.peers}`, nonce: "n" },
        };
      case "POST heartbeat":
        return { json: { ...alive, revision: tracker.revision } };
      case "PUT files":
      case "PATCH files":
        tracker.revision = body.revision ?? 0;
        return { json: { revision: tracker.revision, fileCount: 0 } };
      default:
        return { status: 204 };
    }
  }

  const announcer = startAnnouncing({
    tracker: createTrackerClient({
      clock,
      url: "http://tracker",
      fetch: async (input, init) => {
        const url = new URL(input as URL);
        const path = url.pathname.replace("/api/v1", "").replace(/\/peers\/[^/]+\/?/, "");
        const body: unknown = typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
        const revision = url.searchParams.get("revision");
        const call: Call = {
          what: `${init?.method ?? "GET"} ${path}`.trim(),
          atMs: clock.now(),
          lease: new Headers(init?.headers).get("authorization")?.replace("Bearer ", ""),
          body: revision === null ? body : { revision: Number(revision), files: body },
        };
        calls.push(call);
        const reply = answer(call);
        if (reply === "away") throw new TypeError("fetch failed");
        const { status = 200, json, retryAfter } = reply;
        return new Response(json === undefined ? null : JSON.stringify(json), {
          status,
          headers: retryAfter === undefined ? {} : { "retry-after": retryAfter },
        });
      },
    }),
    files: {
      all: () => files.values(),
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    identity: {
      load: async () => identity,
      save: async (saved) => void (identity = saved),
      clear: async () => void (identity = undefined),
    },
    profile: { name: "Test", version: "test/1", acceptsUploads: false },
    urls: options.urls ?? (() => ["http://127.0.0.1:7071"]),
    onWebOrigins: (list) => (origins = list),
    onState: ({ type }) => states.push(type),
    clock,
    random: () => 0.5,
    now: () => 1000,
  });
  return {
    announcer,
    calls,
    states,
    tracker,
    clock,
    identity: () => identity,
    origins: () => origins,
    change(change: ServedChange) {
      if (change.type === "added") files.set(change.file.path, change.file);
      else files.delete(change.path);
      for (const listener of listeners) listener(change);
    },
    whats: () => calls.map(({ what }) => what),
    until: (what: string, times = 1) =>
      vi.waitFor(() =>
        expect(calls.filter((call) => call.what === what).length).toBeGreaterThanOrEqual(times),
      ),
  };
}

it("startAnnouncing() registers, sends the list, heartbeats, and logs out", async () => {
  const { announcer, calls, until, identity, origins, states } = stage();
  await until("POST heartbeat", 3);
  expect(announcer.peerId()).toBe("peer-0001");
  expect(announcer.nonce()).toBe("n");
  expect(origins()).toEqual(["http://app"]);
  expect(identity()).toEqual({ trackerUrl: "http://tracker", peerId: "peer-0001", lease: "lease-1" });
  await announcer.close();
  expect(calls[0]).toMatchObject({
    what: "POST /peers",
    lease: undefined,
    body: { name: "Test", urls: ["http://127.0.0.1:7071"], acceptsUploads: false },
  });
  expect(calls[1]).toMatchObject({
    what: "PUT files",
    lease: "lease-1",
    body: { files: [{ path: "a.txt", fileId: FILE_ID, mtime: "2023-11-14T22:13:20.000Z" }] },
  });
  const beats = calls.filter(({ what }) => what === "POST heartbeat").map(({ atMs }) => atMs);
  // Earlier than asked for by up to a fifth, never later.
  expect(beats.slice(0, 3)).toEqual([9000, 18_000, 27_000]);
  expect(calls.at(-1)).toMatchObject({ what: "DELETE", lease: "lease-1" });
  expect(identity()).toBeUndefined();
  expect(states).toEqual(["registered", "logged-out"]);
});

it("startAnnouncing() sends changes together, from revision to revision", async () => {
  const { announcer, calls, until, change } = stage();
  await until("PUT files");
  change({ type: "added", file: fileAt("b.txt") });
  change({ type: "removed", path: "a.txt" });
  change({ type: "added", file: fileAt("c.txt") });
  change({ type: "removed", path: "c.txt" });
  await until("PATCH files");
  await announcer.close();
  expect(calls.filter(({ what }) => what === "PATCH files").map(({ body }) => body)).toMatchObject([
    { baseRevision: 1001, revision: 1002, added: [{ path: "b.txt" }], removed: ["a.txt", "c.txt"] },
  ]);
});

it.each([
  {
    why: "the tracker has another revision",
    reply: { status: 409, json: { title: "Conflict", status: 409 } },
  },
  { why: "nobody knows whether a change arrived", reply: "away" as const },
])("startAnnouncing() sends the whole list again when $why", async ({ reply }) => {
  const { announcer, until, change, tracker, whats } = stage();
  await until("PUT files");
  tracker.script = ({ what }) => (what === "PATCH files" ? reply : undefined);
  change({ type: "added", file: fileAt("b.txt") });
  await until("PUT files", 2);
  await announcer.close();
  expect(whats().filter((what) => what.includes("files"))).toEqual(["PUT files", "PATCH files", "PUT files"]);
});

it("startAnnouncing() sends the whole list again when a heartbeat shows another revision", async () => {
  const { announcer, until, tracker } = stage();
  await until("PUT files");
  tracker.revision = 7;
  await until("PUT files", 2);
  expect(tracker.revision).toBe(1002);
  await announcer.close();
});

it.each([404, 401])(
  "startAnnouncing() registers again when a heartbeat is answered with %i",
  async (status) => {
    const { announcer, until, tracker, states, whats } = stage();
    let isForgotten = true;
    tracker.script = ({ what, lease }) => {
      if (what === "POST heartbeat" && isForgotten) {
        isForgotten = false;
        return { status, json: { title: "Gone", status } };
      }
      // A tracker that was reset doesn't know the lease, either.
      return what === "POST /peers" && lease !== undefined
        ? { status: 401, json: { title: "Unknown", status: 401 } }
        : undefined;
    };
    await until("PUT files", 2);
    await until("POST heartbeat", 2);
    await announcer.close();
    expect(whats().slice(0, 6)).toEqual([
      "POST /peers",
      "PUT files",
      "POST heartbeat",
      "POST /peers",
      "POST /peers",
      "PUT files",
    ]);
    expect(states).toEqual(["registered", "registered", "logged-out"]);
  },
);

it("startAnnouncing() renews the entry of an earlier run with its lease", async () => {
  const saved = { trackerUrl: "http://tracker", peerId: "peer-0001", lease: "kept" };
  const { announcer, until, calls } = stage({ saved });
  await until("PUT files");
  await announcer.close();
  expect(calls[0]).toMatchObject({ what: "POST /peers", lease: "kept" });
});

it("startAnnouncing() tries later and later while the tracker is away, and says so once", async () => {
  const { announcer, until, tracker, states, calls } = stage();
  tracker.script = ({ atMs }) => (atMs < 60_000 ? "away" : undefined);
  await until("PUT files");
  await announcer.close();
  const times = calls.filter(({ what }) => what === "POST /peers").map(({ atMs }) => atMs);
  expect(times).toEqual([0, 750, 2250, 5250, 11_250, 23_250, 45_750, 68_250]);
  expect(states).toEqual(["away", "registered", "logged-out"]);
});

it("startAnnouncing() goes on with the same entry when the tracker was away for a moment", async () => {
  const { announcer, until, tracker, states, whats } = stage();
  tracker.script = ({ atMs }) => (atMs > 5_000 && atMs < 15_000 ? "away" : undefined);
  await until("POST heartbeat", 6);
  await announcer.close();
  expect(whats().filter((what) => what === "POST /peers")).toHaveLength(1);
  expect(states).toEqual(["registered", "away", "registered", "logged-out"]);
});

it("startAnnouncing() proves with the nonce that a taken address is its own", async () => {
  const { announcer, until, tracker, calls } = stage();
  let served: string | undefined;
  tracker.script = ({ what, body }) => {
    if (what !== "POST /peers" || (body as { nonce?: string }).nonce !== undefined) {
      if (what === "POST /peers") served = announcer.nonce();
      return undefined;
    }
    return { status: 409, json: { title: "Taken", status: 409, nonce: "prove-it" }, retryAfter: "20" };
  };
  await until("PUT files");
  await announcer.close();
  expect(served).toBe("prove-it");
  expect(calls[1]).toMatchObject({ what: "POST /peers", atMs: 0, body: { nonce: "prove-it" } });
});

it("startAnnouncing() waits as long as it is told when an address stays taken", async () => {
  const { announcer, until, tracker, states, calls } = stage();
  tracker.script = ({ what, atMs }) =>
    what === "POST /peers" && atMs < 30_000
      ? { status: 409, json: { title: "Taken", status: 409, nonce: "prove-it" }, retryAfter: "20" }
      : undefined;
  await until("PUT files");
  await announcer.close();
  expect(calls.filter(({ what }) => what === "POST /peers").map(({ atMs }) => atMs)).toEqual([
    0, 0, 20_000, 20_000, 40_000,
  ]);
  expect(states).toEqual(["address-taken", "registered", "logged-out"]);
});

it("startAnnouncing() renews its entry when its addresses change", async () => {
  let urls = ["http://192.168.1.5:7071"];
  const { announcer, until, calls } = stage({ urls: () => urls });
  await until("PUT files");
  urls = ["http://10.0.0.9:7071"];
  await until("POST /peers", 2);
  await announcer.close();
  expect(calls.filter(({ what }) => what === "POST /peers")[1]).toMatchObject({
    lease: "lease-1",
    body: { urls },
  });
});

it("startAnnouncing() can be closed while the tracker is away, and while it never answered", async () => {
  const { announcer, tracker, states } = stage();
  tracker.script = () => "away";
  await vi.waitFor(() => expect(states).toEqual(["away"]));
  await announcer.close();
  expect(states).toEqual(["away"]);
});
