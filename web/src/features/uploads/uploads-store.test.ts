import type { KeptUpload } from "@panal/sdk/browser";
import { describe, expect, it } from "vitest";
import type { RootRequest } from "../../sharing/sharing-api.ts";
import type { RootUpload, UploadPeer, UploadRequest } from "../../uploading/uploading-api.ts";
import { createUploadsStore } from "./uploads-store.ts";

const ANA: UploadPeer = { peerId: "ana", name: "Ana", endpoints: [], code: "code" };

const fileOf = (name: string, content: string, lastModified = 1) =>
  new File([content], name, { lastModified });
const rootOf = (id: string, file: File): RootRequest => ({
  id,
  name: file.name,
  kind: "file",
  source: { type: "files", files: [{ path: file.name, file }] },
});

function setUp(earlier: readonly KeptUpload[] = []) {
  const records = new Map(earlier.map((record) => [record.id, record]));
  const started: UploadRequest[] = [];
  const called: string[] = [];
  let tell: (uploads: readonly RootUpload[]) => void = () => {};
  let crash = () => {};
  const call = (name: string) => (rootId: string) => void called.push(`${name} ${rootId}`);
  const store = createUploadsStore({
    start(listener, onCrash) {
      tell = listener;
      crash = onCrash;
      return {
        start: (request) => void started.push(request),
        pause: call("pause"),
        resume: call("resume"),
        retry: call("retry"),
        cancel: async (rootId) => call("cancel")(rootId),
        forget: call("forget"),
      };
    },
    kept: {
      list: async () => [...records.values()],
      keep: async (record) => void records.set(record.id, record),
      forget: async (id) => void records.delete(id),
    },
    writer: "me",
  });
  return {
    store,
    records,
    started,
    called,
    tell: (uploads: readonly RootUpload[]) => tell(uploads),
    crash: () => crash(),
  };
}

function uploadOf(id: string, phase: RootUpload["phase"], failedCount = 0): RootUpload {
  return {
    id,
    peerId: "ana",
    name: id,
    kind: "file",
    phase,
    fileCount: 1,
    sentCount: 0,
    thereCount: 0,
    failedCount,
    totalBytes: 1,
    doneBytes: 0,
    sentBytes: 0,
    bytesPerSecond: 0,
    route: "direct",
    files: [],
  };
}

describe("createUploadsStore()", () => {
  it("keeps what is sent until it is through, small files with their content", () => {
    const scene = setUp();
    scene.store.add(ANA, [rootOf("a", fileOf("a.txt", "aa"))]);
    expect(scene.started).toMatchObject([{ writer: "me", peer: ANA, root: { id: "a" } }]);
    expect(scene.records.get("a")).toMatchObject({
      peerId: "ana",
      files: [{ path: "a.txt", size: 2, modifiedMs: 1 }],
    });
    expect(scene.records.get("a")?.files[0]?.file).toBeInstanceOf(File);
    scene.tell([uploadOf("a", "done", 1)]);
    expect(scene.records.has("a")).toBe(true);
    scene.tell([uploadOf("a", "done")]);
    expect(scene.records.has("a")).toBe(false);
  });

  it("goes on with what an earlier page kept", async () => {
    const file = fileOf("a.txt", "aa");
    const record: KeptUpload = {
      id: "a",
      peerId: "ana",
      name: "a.txt",
      kind: "file",
      files: [{ path: "a.txt", size: 2, modifiedMs: 1, file }],
    };
    const scene = setUp([record]);
    await Promise.resolve();
    expect(scene.store.state().kept).toEqual([record]);
    await scene.store.goOn(scene.store.state().kept, ANA);
    expect(scene.started).toMatchObject([{ root: { id: "a", source: { files: [{ file }] } } }]);
    scene.tell([uploadOf("a", "running")]);
    expect(scene.store.state().kept).toEqual([]);
  });

  it("says when the browser doesn't give what was kept", async () => {
    const handle = { kind: "file", name: "a.txt", requestPermission: async () => "denied" };
    const record = { id: "a", peerId: "ana", name: "a.txt", kind: "file", handle, files: [] };
    const scene = setUp([record as unknown as KeptUpload]);
    await Promise.resolve();
    await scene.store.goOn(scene.store.state().kept, ANA);
    expect(scene.store.state().problem).toBe("refused");
    expect(scene.started).toEqual([]);
  });

  it("takes files that are chosen again only when they are the same", async () => {
    const record: KeptUpload = {
      id: "a",
      peerId: "ana",
      name: "a.txt",
      kind: "file",
      files: [{ path: "a.txt", size: 2, modifiedMs: 1 }],
    };
    const scene = setUp([record]);
    await Promise.resolve();
    for (const other of [fileOf("b.txt", "aa"), fileOf("a.txt", "aaa"), fileOf("a.txt", "aa", 2)]) {
      await scene.store.goOnWith(record, [rootOf("x", other)], ANA);
      expect(scene.store.state().problem).toBe("others");
    }
    expect(scene.started).toEqual([]);
    await scene.store.goOnWith(record, [rootOf("x", fileOf("a.txt", "aa"))], ANA);
    expect(scene.store.state().problem).toBeUndefined();
    expect(scene.started).toMatchObject([{ root: { id: "a", name: "a.txt" } }]);
  });

  it("forgets what is cancelled, and says when the worker is gone", () => {
    const scene = setUp();
    scene.store.add(ANA, [rootOf("a", fileOf("a.txt", "aa"))]);
    scene.store.cancel("a");
    expect(scene.called).toEqual(["cancel a"]);
    expect(scene.records.size).toBe(0);
    scene.crash();
    expect(scene.store.state().problem).toBe("worker");
  });
});
