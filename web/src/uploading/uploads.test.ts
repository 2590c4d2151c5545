import { PanalError, type PanalErrorCode, type UploadTarget } from "@panal/sdk";
import { hashBlocksPortably } from "@panal/sdk/content";
import { createFakeUploadTarget, createVirtualClock, type FakeUploadTargetOptions } from "@panal/sdk/testing";
import { describe, expect, it } from "vitest";
import type { RootRequest } from "../sharing/sharing-api.ts";
import { shownFiles } from "./shown-files.ts";
import { MAX_SHOWN_FILES, type FileUpload, type RootUpload, type UploadPeer } from "./uploading-api.ts";
import { createUploads } from "./uploads.ts";

const PEER: UploadPeer = { peerId: "ana", name: "Ana", endpoints: [], code: undefined };
const MIB = 1024 * 1024;

function rootOf(files: Record<string, string | Uint8Array<ArrayBuffer>>): RootRequest {
  const picked = Object.entries(files).map(([path, content]) => ({ path, file: new File([content], path) }));
  const kind = picked.length === 1 ? "file" : "folder";
  return {
    id: "root",
    name: kind === "file" ? picked[0]!.path : "garden",
    kind,
    source: { type: "files", files: picked },
  };
}

/** One target that takes every file, by path; `there`: paths it has. */
function setUp(
  fails: (path: string) => FakeUploadTargetOptions["fails"] = () => undefined,
  there: readonly string[] = [],
) {
  const aborted: string[] = [];
  const peers: UploadPeer[] = [];
  const puts: number[] = [];
  const createTarget = (peer: UploadPeer): UploadTarget => {
    peers.push(peer);
    const byUpload = new Map<string, ReturnType<typeof createFakeUploadTarget>>();
    return {
      id: peer.peerId,
      name: peer.name,
      route: "direct",
      async begin(file, options) {
        const target = createFakeUploadTarget({
          id: file.path,
          length: file.manifest.length,
          ...(there.includes(file.path) ? { thereAt: `inbox/${file.path}` } : {}),
          ...(fails(file.path) === undefined ? {} : { fails: fails(file.path)! }),
        });
        byUpload.set(file.path, target);
        const begun = await target.begin(file, options);
        return begun.type === "there" ? begun : { ...begun, uploadId: file.path };
      },
      async put(uploadId, part, options) {
        puts.push(part.end - part.start);
        await byUpload.get(uploadId)!.put(uploadId, part, options);
      },
      async commit(uploadId, options) {
        return uploadId.includes("taken")
          ? "inbox/taken (1).txt"
          : byUpload.get(uploadId)!.commit(uploadId, options);
      },
      async abort(uploadId) {
        aborted.push(uploadId);
      },
    };
  };
  const clock = createVirtualClock();
  let last: readonly RootUpload[] = [];
  const phases: (string | undefined)[] = [];
  const ended = Promise.withResolvers<void>();
  const uploads = createUploads({
    createTarget,
    hashBlocks: hashBlocksPortably,
    clock,
    onPhase() {
      last = uploads.takeState() ?? last;
      const phase = last[0]?.phase;
      phases.push(phase);
      if (phase === "done") ended.resolve();
    },
  });
  /** Lets everything go on until it is so. */
  async function until(isSo: (root: RootUpload) => boolean): Promise<RootUpload> {
    for (let turn = 0; turn < 10_000; turn++) {
      last = uploads.takeState() ?? last;
      const [root] = last;
      if (root !== undefined && isSo(root)) return root;
      await new Promise((resolve) => setTimeout(resolve));
    }
    throw new Error(`it never came to that: ${JSON.stringify(last)}`);
  }
  return { uploads, aborted, peers, puts, phases, ended: ended.promise, until };
}

const start = ({ uploads }: ReturnType<typeof setUp>, root: RootRequest) =>
  uploads.start({ root, peer: PEER, writer: "me" });

describe("createUploads()", () => {
  it("sends a folder, skips what is there, and says another name", async () => {
    const scene = setUp(undefined, ["garden/b.txt"]);
    start(scene, rootOf({ "a.txt": "aaa", "b.txt": "bb", "taken.txt": "t" }));
    const done = await scene.until(({ phase }) => phase === "done");
    expect(done).toMatchObject({
      fileCount: 3,
      sentCount: 2,
      thereCount: 1,
      failedCount: 0,
      totalBytes: 6,
      doneBytes: 6,
      sentBytes: 4,
    });
    expect(done.files.map(({ path, phase, at }) => [path, phase, at])).toEqual([
      ["garden/taken.txt", "sent", "inbox/taken (1).txt"],
      ["garden/a.txt", "sent", undefined],
      ["garden/b.txt", "there", undefined],
    ]);
  });

  it("says at once when sending begins and when it is over", async () => {
    const scene = setUp();
    start(scene, rootOf({ "a.txt": "aaa" }));
    await scene.ended;
    expect(scene.phases).toEqual(["running", "done"]);
  });

  it("goes on after a file that is refused, and tries that again when it is told to", async () => {
    let refusal: PanalErrorCode | undefined = "conflict";
    const scene = setUp((path) => (path === "garden/a.txt" ? () => refusal : undefined));
    start(scene, rootOf({ "a.txt": "aaa", "b.txt": "bb" }));
    const first = await scene.until(({ phase }) => phase === "done");
    expect(first).toMatchObject({ sentCount: 1, failedCount: 1 });
    expect(first.files[0]).toMatchObject({ path: "garden/a.txt", failure: { code: "conflict" } });
    refusal = undefined;
    scene.uploads.retry("root", PEER);
    const second = await scene.until(({ phase, failedCount }) => phase === "done" && failedCount === 0);
    expect(second).toMatchObject({ sentCount: 2, failedCount: 0, doneBytes: 5 });
  });

  it("stops at a wrong code, and goes on with the right one", async () => {
    const scene = setUp(() => () => (scene.peers.at(-1)!.code === "right" ? undefined : "unauthorized"));
    start(scene, rootOf({ "a.txt": "aaa", "b.txt": "bb" }));
    const stopped = await scene.until(({ phase }) => phase === "failed");
    expect(stopped).toMatchObject({ failure: { code: "unauthorized" }, failedCount: 0, sentCount: 0 });
    scene.uploads.retry("root", { ...PEER, code: "right" });
    expect(await scene.until(({ phase }) => phase === "done")).toMatchObject({ sentCount: 2 });
  });

  it("sends nothing while it is paused", async () => {
    const scene = setUp();
    start(scene, rootOf({ "a.bin": new Uint8Array(9 * MIB) }));
    scene.uploads.pause("root");
    await scene.until(({ phase }) => phase === "paused");
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
    expect(scene.puts).toEqual([]);
    scene.uploads.resume("root");
    expect(await scene.until(({ phase }) => phase === "done")).toMatchObject({ sentBytes: 9 * MIB });
  });

  it("has the peer throw away what isn't whole when it is cancelled, and is gone", async () => {
    const scene = setUp(() => (call) => (call === "put" ? "unreachable" : undefined));
    start(scene, rootOf({ "a.bin": new Uint8Array(2 * MIB) }));
    await scene.until(({ phase }) => phase === "failed");
    await scene.uploads.cancel("root");
    expect(scene.aborted).toEqual(["a.bin"]);
    expect(scene.uploads.takeState()).toEqual([]);
  });

  it("says of a file that is changed once it is hashed that it was, and sends no more of it", async () => {
    const scene = setUp();
    const file = new File([new Uint8Array(9 * MIB)], "a.bin");
    // To be hashed it is read as a stream; its slices are what is sent.
    file.slice = () => {
      throw new PanalError("changed", "it is another");
    };
    start(scene, {
      id: "root",
      name: "a.bin",
      kind: "file",
      source: { type: "files", files: [{ path: "", file }] },
    });
    const done = await scene.until(({ phase }) => phase === "done");
    expect(done).toMatchObject({ failedCount: 1, sentBytes: 0 });
    expect(done.files[0]).toMatchObject({ path: "a.bin", failure: { code: "changed" } });
  });

  it("says of a file that can't be read that it can't, and sends the others", async () => {
    const scene = setUp();
    const broken = new File(["x"], "a.txt");
    broken.stream = () => {
      throw new PanalError("changed", "it is another");
    };
    const files = [
      { path: "a.txt", file: broken },
      { path: "b.txt", file: new File(["bb"], "b.txt") },
    ];
    start(scene, { id: "root", name: "garden", kind: "folder", source: { type: "files", files } });
    const done = await scene.until(({ phase }) => phase === "done");
    expect(done).toMatchObject({ sentCount: 1, failedCount: 1 });
    expect(done.files[0]).toMatchObject({ path: "garden/a.txt", failure: { code: "changed" } });
  });
});

it("shownFiles() gives those first that failed, those under way, and those with another name, and never too many", () => {
  const file = (path: string, phase: FileUpload["phase"], at?: string): FileUpload => ({
    path,
    size: 1,
    phase,
    doneBytes: 0,
    ...(at === undefined ? {} : { at }),
  });
  const waiting = Array.from({ length: 500 }, (_, index) => file(`w${index}`, "waiting"));
  const shown = shownFiles([
    ...waiting,
    file("done", "sent"),
    file("named", "sent", "other"),
    file("now", "sending"),
    file("broken", "failed"),
  ]);
  expect(shown.slice(0, 5).map(({ path }) => path)).toEqual(["broken", "now", "named", "done", "w0"]);
  expect(shown).toHaveLength(MAX_SHOWN_FILES);
});
