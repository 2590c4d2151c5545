import { hashBlocksPortably, type HashBlocks } from "@panal/sdk/content";
import { describe, expect, it } from "vitest";
import type { HashKeeper, KnownHash } from "./known-hashes.ts";
import { createSharedFiles } from "./shared-files.ts";
import { createSharedRoots } from "./shared-roots.ts";
import type { RootRequest } from "./sharing-api.ts";

type Content = Record<string, { text: string; lastModified: number }>;

/** A folder whose files are as `content` says when they are opened. */
function folder(content: Content): RootRequest {
  const handle = {
    kind: "directory",
    name: "garden",
    async *values() {
      for (const [name, { text, lastModified }] of Object.entries(content)) {
        yield { kind: "file", name, getFile: async () => new File([text], name, { lastModified }) };
      }
    },
  } as unknown as FileSystemDirectoryHandle;
  return { id: "root", name: "garden", kind: "folder", source: { type: "handle", handle } };
}

function memoryKeeper(): HashKeeper & { kept: Map<string, KnownHash> } {
  const kept = new Map<string, KnownHash>();
  return {
    kept,
    list: async () => new Map(kept),
    async keep(_, hashes) {
      for (const hash of hashes) kept.set(hash.path, hash);
    },
    async forget(_, paths) {
      for (const path of paths) kept.delete(path);
    },
  };
}

/** Shares it as a page that has just been loaded; gives what was hashed and what is shared. */
async function share(request: RootRequest, hashKeeper: HashKeeper) {
  let hashedBytes = 0;
  const hashBlocks: HashBlocks = (data) => {
    hashedBytes += data.length;
    return hashBlocksPortably(data);
  };
  const shared = createSharedFiles();
  const ended = Promise.withResolvers<void>();
  const roots = createSharedRoots({
    shared,
    hashBlocks,
    hashKeeper,
    onChange() {
      const [root] = roots.list();
      if (root?.phase === "shared" || root?.phase === "failed") ended.resolve();
    },
  });
  roots.add("tab", request);
  await ended.promise;
  const ids = new Map(Array.from(shared.all(), ({ path, manifest }) => [path, manifest.fileId]));
  return { hashedBytes, ids, root: roots.list()[0]! };
}

describe("what is known of a root's files", () => {
  const content: Content = {
    "rose.txt": { text: "red", lastModified: 1000 },
    "carp.txt": { text: "gold", lastModified: 2000 },
  };

  it("is not hashed again by the next page", async () => {
    const keeper = memoryKeeper();
    const first = await share(folder(content), keeper);
    expect(first).toMatchObject({ hashedBytes: 7, root: { hashedBytes: 7, knownBytes: 0 } });
    const second = await share(folder(content), keeper);
    expect(second).toMatchObject({ hashedBytes: 0, root: { hashedBytes: 0, knownBytes: 7 } });
    expect(second.ids).toEqual(first.ids);
    expect(second.ids.size).toBe(2);
  });

  it.each([
    ["another date", { text: "red", lastModified: 1001 }],
    ["another size", { text: "reddish", lastModified: 1000 }],
  ])("is found out anew of a file with %s", async (_, rose) => {
    const keeper = memoryKeeper();
    await share(folder(content), keeper);
    const after = await share(folder({ ...content, "rose.txt": rose }), keeper);
    expect(after.hashedBytes).toBe(rose.text.length);
    expect(keeper.kept.get("rose.txt")).toMatchObject({
      mtimeMs: rose.lastModified,
      manifest: { fileId: after.ids.get("garden/rose.txt") },
    });
  });

  it("is forgotten with the file", async () => {
    const keeper = memoryKeeper();
    await share(folder(content), keeper);
    await share(folder({ "carp.txt": content["carp.txt"]! }), keeper);
    expect([...keeper.kept.keys()]).toEqual(["carp.txt"]);
  });

  it("is no condition: where nothing can be kept, everything is hashed", async () => {
    const refuse = async () => Promise.reject(new DOMException("no storage", "InvalidStateError"));
    const { hashedBytes, root } = await share(folder(content), {
      list: refuse,
      keep: refuse,
      forget: refuse,
    });
    expect(hashedBytes).toBe(7);
    expect(root).toMatchObject({ phase: "shared", fileCount: 2 });
  });
});
