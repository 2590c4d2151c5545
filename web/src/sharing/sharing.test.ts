import {
  type AttachOptions,
  PanalError,
  type PatchFiles,
  type RegisterRequest,
  type TrackerClient,
  TrackerError,
} from "@panal/sdk";
import { hashBlocksPortably, manifestOf } from "@panal/sdk/content";
import { createVirtualClock } from "@panal/sdk/testing";
import { describe, expect, it } from "vitest";
import type { RootRequest, SharingState } from "./sharing-api.ts";
import { createSharing } from "./sharing.ts";

const RELAY = "http://relay.test";

interface SetUp {
  relayUrl?: string | undefined;
  /** What registering throws, first. */
  refusals?: Error[];
  /** What heartbeats throw, first. */
  heartbeats?: Error[];
}

function setUp({ relayUrl = RELAY, refusals = [], heartbeats = [] }: SetUp = {}) {
  const announced = new Map<string, string>();
  const registered: RegisterRequest[] = [];
  const loggedOut: string[] = [];
  const removed: string[] = [];
  const attached: AttachOptions[] = [];
  let detached = 0;
  let retries = 0;
  let revision = 0;
  const tracker = {
    url: "http://tracker.test",
    async register(request) {
      const refusal = refusals.shift();
      if (refusal !== undefined) throw refusal;
      registered.push(request);
      const peerId = `peer-${registered.length}`;
      return {
        peerId,
        lease: `lease-${registered.length}`,
        nonce: "",
        heartbeatSeconds: 10,
        expiresAt: "2026-01-01T00:00:00Z",
        webOrigins: [],
        ...(relayUrl === "" ? {} : { relayUrl }),
      };
    },
    async heartbeat() {
      const refusal = heartbeats.shift();
      if (refusal !== undefined) throw refusal;
      return { heartbeatSeconds: 10, expiresAt: "2026-01-01T00:00:00Z", webOrigins: [], revision };
    },
    async putFiles(_peerId, list) {
      ({ revision } = list);
      announced.clear();
      for (const { path, fileId } of list.files) announced.set(path, fileId);
      return { revision, fileCount: announced.size };
    },
    async patchFiles(_peerId, patch: PatchFiles) {
      ({ revision } = patch);
      removed.push(...(patch.removed ?? []));
      for (const path of patch.removed ?? []) announced.delete(path);
      for (const { path, fileId } of patch.added ?? []) announced.set(path, fileId);
      return { revision, fileCount: announced.size };
    },
    async logout(peerId) {
      loggedOut.push(peerId);
    },
  } as Partial<TrackerClient> as TrackerClient;
  const sharing = createSharing({
    tracker,
    hashBlocks: hashBlocksPortably,
    transportFor: () => ({}) as AttachOptions["transport"],
    attach(options) {
      attached.push(options);
      options.onState?.({ type: "attached" });
      return { retryNow: () => void retries++, close: async () => void detached++ };
    },
    clock: createVirtualClock(),
  });
  let state: SharingState = sharing.state();
  /** Settles when the state is such, with it. */
  async function until(isSo: (state: SharingState) => boolean): Promise<SharingState> {
    for (;;) {
      state = sharing.takeState() ?? state;
      if (isSo(state)) return state;
      await new Promise(setImmediate);
    }
  }
  const counts = { detached: () => detached, retries: () => retries };
  return { sharing, until, announced, removed, registered, loggedOut, attached, ...counts };
}

function root(id: string, files: Record<string, string>, name = id): RootRequest {
  const kind = Object.keys(files).length === 1 ? "file" : "folder";
  return {
    id,
    name,
    kind,
    source: {
      type: "files",
      files: Object.entries(files).map(([path, text]) => ({ path, file: new File([text], path) })),
    },
  };
}

const isWhole = ({ roots, connection }: SharingState) =>
  connection.type === "sharing" && roots.every(({ phase }) => phase === "shared");

describe("createSharing()", () => {
  it("registers for the relay, attaches, and announces what was picked", async () => {
    const { sharing, until, announced, registered, attached } = setUp();
    sharing.add("tab", [root("rose.txt", { "rose.txt": "red" })], "Ana");
    sharing.add("tab", [root("garden", { "pond/carp.txt": "gold", ".git/x": "", "a.txt": "" })], "Ana");
    const state = await until((state) => isWhole(state) && announced.size === 3);
    expect(registered).toMatchObject([{ name: "Ana", relay: true }]);
    expect(registered[0]).not.toHaveProperty("urls");
    expect(attached).toMatchObject([{ relayUrl: RELAY }]);
    expect(attached[0]?.identity()).toMatchObject({ peerId: "peer-1", lease: "lease-1" });
    expect([...announced.keys()].sort()).toEqual(["garden/a.txt", "garden/pond/carp.txt", "rose.txt"]);
    expect(state).toMatchObject({
      lease: "lease-1",
      connection: { peerId: "peer-1" },
      roots: [
        { name: "rose.txt", fileId: announced.get("rose.txt"), fileCount: 1, hashedBytes: 3 },
        { name: "garden", fileCount: 2, totalBytes: 4 },
      ],
    });
    await sharing.stop();
  });

  it("gives the second of a name another", async () => {
    const { sharing, until, announced } = setUp();
    const files = { "rose.txt": "red" };
    sharing.add("tab", [root("one", files, "rose.txt"), root("two", files, "rose.txt")], "Ana");
    await until((state) => isWhole(state) && announced.size === 2);
    expect([...announced.keys()]).toEqual(["rose.txt", "rose (2).txt"]);
    await sharing.stop();
  });

  it("ends what one tab shares when that leaves, and the peer with the last", async () => {
    const { sharing, until, announced, loggedOut, detached } = setUp();
    sharing.add("first", [root("a", { a: "1" })], "Ana");
    sharing.add("second", [root("b", { b: "2" })], "Ana");
    await until((state) => isWhole(state) && announced.size === 2);
    await sharing.leave("first");
    await until(() => announced.size === 1);
    expect([...announced.keys()]).toEqual(["b"]);
    expect(loggedOut).toEqual([]);
    await sharing.leave("second");
    expect(loggedOut).toEqual(["peer-1"]);
    expect(detached()).toBe(1);
    expect(await until(({ connection }) => connection.type === "off")).toMatchObject({ roots: [] });
    expect(sharing.state()).not.toHaveProperty("lease");
  });

  it("shares a download that runs, and goes on with the whole file in its place, without hashing it", async () => {
    const { sharing, until, announced, removed } = setUp();
    const file = new File(["honey"], "honey.txt");
    const manifest = await manifestOf(file.stream(), file.size, hashBlocksPortably);
    const { port1, port2 } = new MessageChannel();
    const request = { id: "download", name: "honey.txt", kind: "file" } as const;
    sharing.add("tab", [{ ...request, source: { type: "growing", port: port2, manifest } }], "Ana");
    const first = await until((state) => isWhole(state) && announced.size === 1);
    expect(announced.get("honey.txt")).toBe(manifest.fileId);
    expect(first.roots).toMatchObject([{ isDownload: true, isGrowing: true, totalBytes: 5, hashedBytes: 0 }]);

    const files = [{ path: "honey.txt", file }];
    // Into a picked file, of which no manifest is kept.
    const source = { type: "files", files, download: { manifest: undefined } } as const;
    sharing.add("tab", [{ ...request, source }], "Ana");
    const second = await until((state) => isWhole(state) && state.roots.some(({ isGrowing }) => !isGrowing));
    expect(second.roots).toMatchObject([
      { name: "honey.txt", isDownload: true, isGrowing: false, fileCount: 1, hashedBytes: 0 },
    ]);
    expect(removed).toEqual([]);
    await sharing.remove("download");
    expect(await until(({ connection }) => connection.type === "off")).toMatchObject({ roots: [] });
    port1.close();
  });

  it("registers anew when the tracker has forgotten it, and sends everything again", async () => {
    const forgotten = new TrackerError({ status: 401, message: "unknown lease" });
    const { sharing, until, announced, registered, attached, retries } = setUp({ heartbeats: [forgotten] });
    sharing.add("tab", [root("a", { a: "1" })], "Ana");
    await until((state) => isWhole(state) && announced.size === 1);
    announced.clear();
    // As when the relay gave us up: the tracker is asked at once.
    attached[0]?.onState?.({ type: "detached", error: new PanalError("unauthorized", ""), isFinal: false });
    expect(retries()).toBe(0);
    await until(() => registered.length === 2 && announced.size === 1);
    expect(attached).toHaveLength(1);
    // With the new session, without waiting for its turn.
    expect(retries()).toBe(1);
    expect(attached[0]?.identity()).toMatchObject({ peerId: "peer-2" });
    await sharing.stop();
  });

  it("goes on trying while the tracker is away, and says so", async () => {
    const away = () => new PanalError("unreachable", "no connection");
    const { sharing, until, announced } = setUp({ refusals: [away(), away()] });
    sharing.add("tab", [root("a", { a: "1" })], "Ana");
    expect(await until(({ connection }) => connection.type === "away")).toMatchObject({
      connection: { code: "unreachable" },
    });
    await until((state) => isWhole(state) && announced.size === 1);
    await sharing.stop();
  });

  it.each([
    ["an answer without one", { relayUrl: "" }],
    ["a refusal", { refusals: [new TrackerError({ status: 400, message: "relay: this tracker has none" })] }],
  ])("says that there is no relay: %s", async (_, options: SetUp) => {
    const { sharing, until, attached } = setUp(options);
    sharing.add("tab", [root("a", { a: "1" })], "Ana");
    const state = await until(({ connection }) => connection.type === "impossible");
    expect(state.connection).toEqual({ type: "impossible", why: "no-relay" });
    expect(attached).toEqual([]);
    await sharing.stop();
    expect((await until(({ connection }) => connection.type === "off")).roots).toEqual([]);
  });

  it("stops when another process answers as this peer", async () => {
    const { sharing, until, attached, detached } = setUp();
    sharing.add("tab", [root("a", { a: "1" })], "Ana");
    await until(isWhole);
    attached[0]?.onState?.({ type: "detached", error: new PanalError("changed", ""), isFinal: true });
    await until(({ connection }) => connection.type === "impossible" && connection.why === "replaced");
    expect(detached()).toBe(1);
    await sharing.stop();
  });

  it("a file that can't be read is said to, and the others are shared", async () => {
    const { sharing, until, announced } = setUp();
    const unreadable = new File(["x"], "x");
    unreadable.slice = () => {
      throw new DOMException("gone", "NotReadableError");
    };
    const files = [
      { path: "x", file: unreadable },
      { path: "y", file: new File(["y"], "y") },
    ];
    sharing.add("tab", [{ id: "f", name: "f", kind: "folder", source: { type: "files", files } }], "Ana");
    const state = await until((state) => isWhole(state) && announced.size === 1);
    expect(state.roots).toMatchObject([{ fileCount: 1, failedCount: 1, error: { code: "changed" } }]);
    expect([...announced.keys()]).toEqual(["f/y"]);
    await sharing.stop();
  });
});
