import { PanalError } from "@panal/sdk";
import { type FileId, fileIdOf } from "@panal/sdk/content";
import { describe, expect, it } from "vitest";
import type { KeptTransfer, StartRequest, TransferUpdate } from "../../engine/engine-api.ts";
import { createTransfersStore } from "./transfers-store.ts";
import type { Transfer } from "./transfer-state.ts";

const fileId = fileIdOf(new Uint8Array(32).fill(1), 10);
const other = fileIdOf(new Uint8Array(32).fill(2), 20);
const request: StartRequest = { fileId, name: "a.txt", target: { type: "browser" } };

async function setUp(kept: KeptTransfer[] | Promise<KeptTransfer[]> = [], discardError?: PanalError) {
  let nowMs = 0;
  let timer: { atMs: number; run: () => void } | undefined;
  let tell: (updates: readonly TransferUpdate[]) => void = () => {};
  const calls: string[] = [];
  const saved: Transfer[] = [];
  const store = createTransfersStore({
    engine: {
      subscribe: async (listener) => void (tell = listener),
      start: async ({ name }) => void calls.push(`start ${name}`),
      pause: async () => void calls.push("pause"),
      discard: async () => {
        calls.push("discard");
        tell([{ fileId, changes: [{ type: "paused" }] }]);
        if (discardError !== undefined) throw discardError;
      },
      keep: async ({ name }) => void calls.push(`keep ${name}`),
      listKept: async () => kept,
      watch: async ({ picked, isApart }) =>
        void calls.push(picked !== undefined ? "watch along" : isApart ? "watch apart" : "watch"),
      unwatch: async () => void calls.push("unwatch"),
      openSeed: async () => undefined,
      setOwnPeer: async () => {},
    },
    now: () => nowMs,
    after(ms, run) {
      const own = { atMs: nowMs + ms, run };
      timer = own;
      return () => void (timer = timer === own ? undefined : timer);
    },
    onKept: (transfer) => saved.push(transfer),
    onRemoved: () => calls.push("removed"),
  });
  await new Promise(setImmediate);
  return {
    store,
    calls,
    saved,
    tell: (...updates: TransferUpdate[]) => tell(updates),
    pass(ms: number) {
      nowMs += ms;
      if (timer !== undefined && timer.atMs <= nowMs) timer.run();
    },
  };
}

describe("createTransfersStore()", () => {
  it("shows a transfer at once, and starts it once", async () => {
    const { store, calls } = await setUp();
    store.start(request);
    store.start(request);
    expect(store.state().transfers.get(fileId)).toMatchObject({ phase: { type: "starting" }, length: 10 });
    expect(calls).toEqual(["start a.txt"]);
  });

  it("starts so many at once as it may; the others wait in an order that can be changed", async () => {
    const { store, calls, tell } = await setUp();
    const ids = [1, 2, 3, 4].map((byte) => fileIdOf(new Uint8Array(32).fill(byte), 10));
    const [one, two, three, four] = ids as [FileId, FileId, FileId, FileId];
    const phaseOf = (id: FileId) => store.state().transfers.get(id)?.phase.type;
    store.setAtOnce(1);
    for (const [index, id] of ids.entries()) store.start({ ...request, fileId: id, name: `${index + 1}` });
    expect(calls).toEqual(["start 1", "keep 2", "keep 3", "keep 4"]);
    store.move(four, -1);
    store.move(four, -1);
    store.move(four, -1);
    store.pause(two);
    expect(phaseOf(two)).toBe("paused");
    tell({ fileId: one, changes: [{ type: "done" }] });
    expect(calls.at(-1)).toBe("start 4");
    store.setAtOnce(2);
    expect(calls.at(-1)).toBe("start 3");
    // One that waits for its peers keeps nobody else from coming.
    tell({ fileId: three, changes: [{ type: "waiting" }] });
    await store.resume(two);
    expect(calls.at(-1)).toBe("start 2");
  });

  it("lets only so many wait for their peers, each for a while, then another one from the queue", async () => {
    const { store, calls, tell, pass } = await setUp();
    const requests = Array.from({ length: 40 }, (_, number) => ({
      ...request,
      fileId: fileIdOf(new Uint8Array(32).fill(number), 10),
      name: `${number}`,
    }));
    const idOf = (number: number) => requests[number]!.fileId;
    const begun = () => calls.filter((call) => call.startsWith("start")).length;
    const phaseOf = (number: number) => store.state().transfers.get(idOf(number))?.phase.type;
    store.startAll(requests);
    // Nobody has any of them.
    for (let number = 0; number < begun(); number++) {
      pass(100);
      tell({ fileId: idOf(number), changes: [{ type: "waiting" }] });
    }
    expect(begun()).toBe(14);
    // Two that began while others waited wait as well; whoever waits the longest goes first, when its turn is over.
    pass(8_000);
    expect(calls).not.toContain("pause");
    pass(1_000);
    expect(phaseOf(0)).toBe("stopping");
    expect(calls.filter((call) => call === "pause")).toHaveLength(3);
    for (const number of [0, 1, 2]) tell({ fileId: idOf(number), changes: [{ type: "paused" }] });
    expect([0, 1, 2].map(phaseOf)).toEqual(["queued", "queued", "queued"]);
    expect(calls.slice(-3)).toEqual(["start 14", "start 15", "start 16"]);
    expect([...store.state().transfers.values()].slice(-3).map(({ name }) => name)).toEqual(["0", "1", "2"]);

    // Those that wait go on by themselves; what somebody pauses or reads stays as it is.
    store.watch(requests[3]!);
    tell({ fileId: idOf(14), changes: [{ type: "waiting" }] });
    pass(1_000);
    expect(phaseOf(3)).toBe("waiting");
    expect(phaseOf(4)).toBe("stopping");
    store.pause(idOf(4));
    tell({ fileId: idOf(4), changes: [{ type: "paused" }] });
    expect(phaseOf(4)).toBe("paused");
  });

  it("pauses all, and none of them begins because another one stops; then all go on", async () => {
    const { store, calls, tell } = await setUp();
    store.setAtOnce(1);
    store.start(request);
    store.start({ ...request, fileId: other, name: "b.txt" });
    store.pauseAll();
    tell({ fileId, changes: [{ type: "paused" }] });
    expect(calls).toEqual(["start a.txt", "keep b.txt", "pause"]);
    await store.resumeAll();
    expect(calls.slice(3)).toEqual(["start a.txt", "keep b.txt"]);
  });

  it("takes thousands at once: who looks is told once, a piece more changes one row, and pausing them is one change", async () => {
    const { store, calls, tell } = await setUp();
    const requests = Array.from({ length: 5000 }, (_, number) => {
      const root = new Uint8Array(32);
      new DataView(root.buffer).setUint32(0, number);
      return { ...request, fileId: fileIdOf(root, 10), name: `${number}` };
    });
    let told = 0;
    store.subscribe(() => told++);
    store.startAll(requests);
    // All of them, and each of the three that begin.
    expect(told).toBe(4);
    expect(calls.slice(0, 4)).toEqual(["start 0", "start 1", "start 2", "keep 3"]);
    expect(calls).toHaveLength(5000);

    // A row is drawn anew when its transfer is another object.
    const before = store.state().transfers;
    tell({ fileId: requests[1]!.fileId, changes: [{ type: "running" }] });
    const changed = [...store.state().transfers].filter(([id, now]) => before.get(id) !== now);
    expect(changed.map(([, { name }]) => name)).toEqual(["1"]);

    told = 0;
    store.pauseAll();
    expect(told).toBe(4);
    for (const { fileId: id } of requests.slice(0, 3)) tell({ fileId: id, changes: [{ type: "paused" }] });
    told = 0;
    await store.resumeAll();
    expect(told).toBe(4);
    expect([...store.state().transfers.values()].filter(({ phase }) => phase.type === "queued")).toHaveLength(
      4997,
    );
  });

  it("says of a complete one whether it was handed over or only watched", async () => {
    const kept = { name: "film", target: { type: "browser" as const }, length: 10, verifiedBytes: 10 };
    const { store } = await setUp([{ ...kept, fileId, isComplete: true, wasSaved: false }]);
    const isWhole = () => store.state().transfers.get(fileId)?.isWhole;
    expect(isWhole()).toBe(false);
    store.saved(fileId);
    expect(isWhole()).toBe(true);
  });

  it("hands a complete file over once", async () => {
    const { store, saved, tell } = await setUp();
    store.start(request);
    tell({ fileId, changes: [{ type: "running" }, { type: "done" }] });
    tell({ fileId, changes: [{ type: "done" }] });
    expect(saved).toMatchObject([{ name: "a.txt", verifiedBytes: 10 }]);
  });

  it("lists what earlier pages left, and hands nothing of it over by itself", async () => {
    const kept = { name: "old", target: { type: "browser" as const }, length: 20 };
    const { store, saved } = await setUp([
      { ...kept, fileId, verifiedBytes: 5, isComplete: false },
      { ...kept, fileId: other, verifiedBytes: 20, isComplete: true },
    ]);
    const phases = [...store.state().transfers.values()].map(({ phase }) => phase.type);
    expect(phases).toEqual(["paused", "done"]);
    expect(saved).toEqual([]);
  });

  it("keeps one that was started before the worker has told what earlier pages left", async () => {
    const kept = Promise.withResolvers<KeptTransfer[]>();
    const { store } = await setUp(kept.promise);
    store.start(request);
    kept.resolve([{ ...request, fileId: other, length: 20, verifiedBytes: 5, isComplete: false }]);
    await new Promise(setImmediate);
    expect([...store.state().transfers.keys()]).toEqual([fileId, other]);
  });

  it("forgets a discarded one, and what is still told of it", async () => {
    const { store, calls, tell } = await setUp();
    store.start(request);
    await store.discard(fileId);
    tell({ fileId, changes: [{ type: "paused" }] });
    expect(store.state().transfers.size).toBe(0);
    expect(calls).toEqual(["start a.txt", "discard", "removed"]);
  });

  it("resume() asks for the permission to write a picked file again", async () => {
    const handle = { name: "b", requestPermission: async () => "denied" } as unknown as FileSystemFileHandle;
    const { store, calls } = await setUp([
      {
        fileId,
        name: "b",
        target: { type: "picked", handle },
        length: 10,
        verifiedBytes: 5,
        isComplete: false,
      },
    ]);
    await store.resume(fileId);
    expect(store.state().transfers.get(fileId)?.phase).toMatchObject({
      type: "failed",
      code: "no-permission",
    });
    expect(calls).toEqual([]);
  });

  it("keeps what could not be discarded, and says why", async () => {
    const { store } = await setUp([], new PanalError("conflict", "another tab has it open"));
    store.start(request);
    await store.discard(fileId);
    expect(store.state().transfers.get(fileId)?.phase).toMatchObject({ type: "failed", code: "conflict" });
  });

  it("pause() says that it stops until it has stopped", async () => {
    const { store, tell } = await setUp();
    store.start(request);
    store.pause(fileId);
    tell({ fileId, changes: [{ type: "running" }] });
    expect(store.state().transfers.get(fileId)?.phase.type).toBe("stopping");
    tell({ fileId, changes: [{ type: "paused" }] });
    expect(store.state().transfers.get(fileId)?.phase.type).toBe("paused");
  });

  it("watches without wanting the whole file, until somebody does", async () => {
    const { store, calls, tell } = await setUp();
    store.watch(request);
    tell({ fileId, changes: [{ type: "wanted", isWhole: false }, { type: "running" }] });
    expect(store.state().transfers.get(fileId)).toMatchObject({ isWhole: false, phase: { type: "running" } });
    store.start(request);
    expect(store.state().transfers.get(fileId)).toMatchObject({ isWhole: true, phase: { type: "running" } });
    store.pause(fileId);
    tell({ fileId, changes: [{ type: "wanted", isWhole: false }] });
    expect(store.state().transfers.get(fileId)).toMatchObject({ isWhole: false, phase: { type: "running" } });
    expect(calls).toEqual(["watch", "start a.txt", "pause"]);
  });

  it("forgets what was watched when nothing of it has come, and keeps it else", async () => {
    const { store, calls, tell } = await setUp();
    store.watch(request);
    store.unwatch(fileId);
    await new Promise(setImmediate);
    expect(store.state().transfers.has(fileId)).toBe(false);
    store.watch(request);
    const progress = { length: 10, verifiedBytes: 5, resumedBytes: 0, bytesPerSecond: 0, sources: [] };
    tell({ fileId, changes: [{ type: "progress", progress: { ...progress, state: "running" } }] });
    store.unwatch(fileId);
    await new Promise(setImmediate);
    expect(store.state().transfers.get(fileId)).toMatchObject({ verifiedBytes: 5 });
    expect(calls.filter((call) => call === "discard")).toHaveLength(1);
  });

  it("saves what was downloaded, not what was only watched to its end", async () => {
    const { store, saved, tell } = await setUp();
    store.watch(request);
    tell({ fileId, changes: [{ type: "wanted", isWhole: false }, { type: "done" }] });
    expect(store.state().transfers.get(fileId)).toMatchObject({ phase: { type: "done" } });
    expect(saved).toEqual([]);
    store.start({ ...request, fileId: other });
    tell({ fileId: other, changes: [{ type: "done" }] });
    expect(saved.map(({ fileId }) => fileId)).toEqual([other]);
  });

  it("watches along with a download to a picked file, and apart from one that has failed there", async () => {
    const { store, calls, tell } = await setUp();
    store.start({ ...request, target: { type: "picked", handle: {} as FileSystemFileHandle } });
    store.watch(request);
    expect(store.state().transfers.get(fileId)).toMatchObject({ isWhole: true });
    tell({ fileId, changes: [{ type: "failed", code: "no-permission", message: "gone" }] });
    store.watch(request);
    expect(calls).toEqual(["start a.txt", "watch along", "watch apart"]);
  });

  it("keeps one that is to go to a picked file when nobody watches it any more, also with nothing of it there", async () => {
    const { store, calls, tell } = await setUp();
    store.start({ ...request, target: { type: "picked", handle: {} as FileSystemFileHandle } });
    store.watch(request);
    store.pause(fileId);
    tell({ fileId, changes: [{ type: "wanted", isWhole: false }] });
    store.unwatch(fileId);
    await new Promise(setImmediate);
    expect(store.state().transfers.has(fileId)).toBe(true);
    expect(calls).not.toContain("discard");
  });
});
