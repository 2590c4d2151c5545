import { mkdir, rename, rm, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { hashBlocksPortably, manifestOf } from "@panal/sdk";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TestFolder, createTestFolder, sampleBytes } from "../testing/shared-folder.ts";
import type { Library } from "./library.ts";
import type { ServedChange } from "./served-files.ts";

const MIB = 1024 * 1024;
const TOP = { size: 100, token: "" };

let folder: TestFolder;
beforeEach(async () => {
  folder = await createTestFolder();
});
afterEach(() => folder.close());

async function settled(library: Library): Promise<string[]> {
  await library.settled();
  return [...library.all()].map(({ path }) => path).sort();
}

async function look(library: Library, path = ""): Promise<string[]> {
  await library.refresh(path);
  return settled(library);
}

async function idOf(content: Uint8Array): Promise<string> {
  return (await manifestOf([content], content.length, hashBlocksPortably)).fileId;
}

function changesOf(library: Library): string[] {
  const changes: string[] = [];
  library.subscribe((change: ServedChange) => {
    changes.push(change.type === "added" ? `+${change.file.path}` : `-${change.path}`);
  });
  return changes;
}

describe("openLibrary()", () => {
  it("finds files in folders and gives them the id of their content", async () => {
    const large = sampleBytes(5 * MIB + 1);
    await folder.write("films/large.bin", large);
    await folder.write("notes.txt", "notes");
    await folder.write("empty", "");
    const library = folder.open();
    expect(await settled(library)).toEqual(["empty", "films/large.bin", "notes.txt"]);
    const [file] = [...library.all()].filter(({ path }) => path === "films/large.bin");
    expect(file).toMatchObject({ fileId: await idOf(large), size: large.length, mtimeMs: 1_700_000_000_000 });
    const expected = await manifestOf([large], large.length, hashBlocksPortably);
    expect(library.manifest(file!.fileId)).toEqual(expected);
  });

  it("says that it doesn't know yet what is there until it has looked", async () => {
    await folder.write("a.txt", "a");
    const begin = Promise.withResolvers<void>();
    const library = folder.open({ begin: begin.promise });
    expect(library.status()).toMatchObject({ isStarting: true, fileCount: 0 });
    begin.resolve();
    await library.settled();
    expect(library.status()).toMatchObject({ isStarting: false, fileCount: 1 });
  });

  it("hashes nothing again when it is opened again, and everything that changed meanwhile", async () => {
    await folder.write("a.txt", "a");
    await folder.write("b.txt", "b");
    const first = folder.open();
    await settled(first);
    await first.close();
    expect(folder.hashed.sort()).toEqual(["a.txt", "b.txt"]);
    folder.hashed.length = 0;
    await folder.write("b.txt", "B", 1_700_000_001);
    const second = folder.open();
    expect(await settled(second)).toEqual(["a.txt", "b.txt"]);
    expect(folder.hashed).toEqual(["b.txt"]);
  });

  it("knows a file, and a whole folder, under a new name without hashing it", async () => {
    await folder.write("old/a.txt", "a");
    await folder.write("old/deep/b.txt", "b");
    const library = folder.open();
    await settled(library);
    folder.hashed.length = 0;
    const changes = changesOf(library);
    await rename(join(folder.root, "old"), join(folder.root, "new"));
    await library.refresh("old");
    expect(await look(library, "new")).toEqual(["new/a.txt", "new/deep/b.txt"]);
    expect(folder.hashed).toEqual([]);
    expect(changes.sort()).toEqual(["+new/a.txt", "+new/deep/b.txt", "-old/a.txt", "-old/deep/b.txt"]);
  });

  it("tells what came, changed and went", async () => {
    await folder.write("a.txt", "a");
    await folder.write("b.txt", "b");
    const library = folder.open();
    await settled(library);
    const changes = changesOf(library);
    await folder.write("c.txt", "c");
    await folder.write("b.txt", "other", 1_700_000_009);
    await rm(join(folder.root, "a.txt"));
    expect(await look(library)).toEqual(["b.txt", "c.txt"]);
    expect(changes.slice().sort()).toEqual(["+b.txt", "+c.txt", "-a.txt", "-b.txt"]);
    expect(changes.indexOf("-b.txt")).toBeLessThan(changes.indexOf("+b.txt"));
  });

  it("doesn't have the old content of a file any more, from the moment it is seen changed", async () => {
    await folder.write("a.txt", "first");
    const library = folder.open();
    await settled(library);
    const oldId = [...library.all()][0]!.fileId;
    await folder.write("a.txt", "secon", 1_700_000_001);
    // Nobody told the library: opening finds out.
    expect(await library.open(oldId)).toBeUndefined();
    await library.settled();
    expect(library.availability(oldId)).toBeUndefined();
    expect([...library.all()][0]!.fileId).toBe(await idOf(Buffer.from("secon")));
  });

  it("serves a content from its other name when one of them changed", async () => {
    await folder.write("a.txt", "same");
    await folder.write("b.txt", "same");
    const library = folder.open();
    await settled(library);
    const { fileId } = [...library.all()][0]!;
    await folder.write("a.txt", "other", 1_700_000_001);
    const file = await library.open(fileId);
    expect(file?.path).toBe("b.txt");
    await file?.close();
  });

  it("refuses to give out bytes of a file that changed while it is open", async () => {
    await folder.write("a.bin", sampleBytes(1000));
    const library = folder.open();
    await settled(library);
    const file = await library.open([...library.all()][0]!.fileId);
    const target = new Uint8Array(10);
    await file!.read([target], 5);
    expect(target).toEqual(sampleBytes(1000).subarray(5, 15));
    await truncate(join(folder.root, "a.bin"), 500);
    await expect(file!.read([target], 5)).rejects.toMatchObject({ code: "changed" });
    await file!.close();
  });

  it("hashes a file again that changed while it was hashed", async () => {
    await folder.write("a.txt", "first");
    let times = 0;
    const library = folder.open({
      hasher: {
        parallelFiles: 1,
        async hash(file) {
          const bytes = new Uint8Array(file.length);
          await file.read([bytes], 0);
          if (times++ === 0) await folder.write("a.txt", "later", 1_700_000_005);
          await file.check();
          return manifestOf([bytes], bytes.length, hashBlocksPortably);
        },
        close: async () => {},
      },
    });
    await settled(library);
    expect(times).toBe(2);
    expect([...library.all()].map(({ fileId }) => fileId)).toEqual([await idOf(Buffer.from("later"))]);
  });

  it("waits until a file was left alone for a moment", async () => {
    const slept: number[] = [];
    const nowMs = 1_700_000_000_100;
    await folder.write("fresh.txt", "fresh");
    await folder.write("future.txt", "future", 1_900_000_000);
    const library = folder.open({
      now: () => nowMs,
      clock: { now: () => 0, sleep: async (ms) => void slept.push(ms) },
    });
    expect(await settled(library)).toEqual(["fresh.txt", "future.txt"]);
    expect(slept).toEqual([200]);
  });

  it("looks again at what was adopted: no watcher tells of a file that is gone a moment later", async () => {
    const slept = Promise.withResolvers<void>();
    const library = folder.open({ clock: { now: () => 0, sleep: () => slept.promise } });
    await settled(library);
    const content = Buffer.from("came and went");
    await folder.write("brief.txt", content);
    await library.adopt("brief.txt", await manifestOf([content], content.length, hashBlocksPortably));
    expect(await settled(library)).toEqual(["brief.txt"]);
    await rm(join(folder.root, "brief.txt"));
    slept.resolve();
    await slept.promise;
    expect(await settled(library)).toEqual([]);
  });

  it("loses everything while the folder is away, and hashes nothing when it is back", async () => {
    await folder.write("a.txt", "a");
    const states: string[] = [];
    const library = folder.open({ onRoot: ({ type }) => states.push(type) });
    await settled(library);
    folder.hashed.length = 0;
    const away = join(folder.outside, "unplugged");
    await rename(folder.root, away);
    expect(await look(library)).toEqual([]);
    await rename(away, folder.root);
    expect(await look(library)).toEqual(["a.txt"]);
    expect(states).toEqual(["lost", "back"]);
    expect(folder.hashed).toEqual([]);
  });

  it("begins anew with an index that can't be read", async () => {
    await writeFile(join(folder.outside, "..", "index.db"), "this is no database, whatever its name says");
    await folder.write("a.txt", "a");
    expect(await settled(folder.open())).toEqual(["a.txt"]);
  });
});

describe("what isn't shared", () => {
  it("leaves out hidden files unless they are asked for, and parts of downloads always", async () => {
    await folder.write(".secret", "1");
    await folder.write(".git/config", "2");
    await folder.write("film.mp4.part", "3");
    await folder.write("film.mp4.part.journal", "4");
    await folder.write("seen.txt", "5");
    const library = folder.open();
    expect(await settled(library)).toEqual(["seen.txt"]);
    expect(await look(library, ".git/config")).toEqual(["seen.txt"]);
    await library.close();
    expect(await settled(folder.open({ includeHidden: true }))).toEqual([
      ".git/config",
      ".secret",
      "seen.txt",
    ]);
  });

  it("follows no links, to files or folders, in or out of the share, and says so", async () => {
    await writeFile(join(folder.outside, "secret.txt"), "secret");
    await folder.write("inside.txt", "inside");
    await symlink(join(folder.outside, "secret.txt"), join(folder.root, "out.txt"));
    await symlink(folder.outside, join(folder.root, "out"));
    await symlink("inside.txt", join(folder.root, "in.txt"));
    await symlink(".", join(folder.root, "loop"));
    await symlink("/nowhere", join(folder.root, "broken"));
    const library = folder.open();
    expect(await settled(library)).toEqual(["inside.txt"]);
    expect(await look(library, "out/secret.txt")).toEqual(["inside.txt"]);
    expect([...library.status().skipped].sort()).toEqual(
      ["broken", "in.txt", "loop", "out", "out.txt"].map((path) => [path, "a link"]),
    );
  });

  it("serves nothing through a folder that was swapped for a link after it was indexed", async () => {
    const content = "the same name and size";
    await folder.write("dir/a.txt", content);
    const library = folder.open();
    await settled(library);
    const { fileId } = [...library.all()][0]!;
    await mkdir(join(folder.outside, "dir"));
    // Even the very same file, reached by another way.
    await rename(join(folder.root, "dir/a.txt"), join(folder.outside, "dir/a.txt"));
    await rm(join(folder.root, "dir"), { recursive: true });
    await symlink(join(folder.outside, "dir"), join(folder.root, "dir"));
    expect(await library.open(fileId)).toBeUndefined();
    expect(await settled(library)).toEqual([]);
  });

  it("serves nothing through a file that was swapped for a link after it was indexed", async () => {
    await folder.write("a.txt", "inside");
    const library = folder.open();
    await settled(library);
    const { fileId } = [...library.all()][0]!;
    await rename(join(folder.root, "a.txt"), join(folder.outside, "a.txt"));
    await symlink(join(folder.outside, "a.txt"), join(folder.root, "a.txt"));
    expect(await library.open(fileId)).toBeUndefined();
    expect(await settled(library)).toEqual([]);
  });

  it.runIf(process.platform === "linux")("skips sockets and names that are no Unicode", async () => {
    await folder.write("a.txt", "a");
    const socket = createServer().listen(join(folder.root, "socket"));
    await once(socket, "listening");
    await writeFile(Buffer.concat([Buffer.from(`${folder.root}/bad-`), Buffer.from([0xff, 0xfe])]), "x");
    const library = folder.open();
    expect(await settled(library)).toEqual(["a.txt"]);
    expect([...library.status().skipped.values()].sort()).toEqual([
      "a name that is not valid Unicode",
      "not a regular file",
    ]);
    socket.close();
  });

  it("says which files can't be read", async () => {
    await folder.write("a.txt", "a");
    const library = folder.open({
      hasher: {
        parallelFiles: 1,
        hash: () => Promise.reject(Object.assign(new Error("denied"), { code: "EACCES" })),
        close: async () => {},
      },
    });
    expect(await settled(library)).toEqual([]);
    expect([...library.status().skipped]).toEqual([["a.txt", "no permission to read it"]]);
  });
});

describe("list()", () => {
  it("gives folders first, with what is below, then files, each by name", async () => {
    await folder.write("b.txt", "bb");
    await folder.write("a.txt", "a");
    await folder.write("z/one.txt", "1");
    await folder.write("z/deep/two.txt", "22");
    await folder.write("m/three.txt", "333");
    const library = folder.open();
    await settled(library);
    expect(library.list("", TOP)).toMatchObject({
      items: [
        { type: "folder", name: "m", fileCount: 1, totalSize: 3 },
        { type: "folder", name: "z", fileCount: 2, totalSize: 3 },
        { type: "file", name: "a.txt" },
        { type: "file", name: "b.txt" },
      ],
      nextPageToken: undefined,
    });
    expect(library.list("z/deep", TOP).items.map(({ name }) => name)).toEqual(["two.txt"]);
    expect(() => library.list("nowhere", TOP)).toThrow(/no folder "nowhere"/);
    expect(() => library.list("", { size: 1, token: "?" })).toThrow(/page_token/);
  });

  it("goes on behind the last name of a page, whatever came or went", async () => {
    for (const path of ["a/x", "b/x", "c.txt", "d.txt", "e.txt"]) await folder.write(path, path);
    const library = folder.open();
    await settled(library);
    const pages: string[][] = [];
    let token: string | undefined = "";
    while (token !== undefined) {
      const page = library.list("", { size: 2, token });
      pages.push(page.items.map(({ name }) => name));
      token = page.nextPageToken;
      if (pages.length === 2) await rm(join(folder.root, "d.txt"));
      await folder.write("a0.txt", "new");
      await look(library);
    }
    expect(pages).toEqual([["a", "b"], ["a0.txt", "c.txt"], ["e.txt"]]);
  });

  it("forgets folders without files", async () => {
    await folder.write("a/b/c.txt", "c");
    const library = folder.open();
    await settled(library);
    await rm(join(folder.root, "a/b/c.txt"));
    await look(library);
    expect(library.list("", TOP).items).toEqual([]);
    expect(library.status()).toMatchObject({ fileCount: 0, totalSize: 0 });
  });
});

it("a changed time stamp alone means hashing, and then the same id", async () => {
  await folder.write("a.txt", "a");
  const library = folder.open();
  await settled(library);
  folder.hashed.length = 0;
  await utimes(join(folder.root, "a.txt"), 1_700_000_500, 1_700_000_500);
  await look(library);
  expect(folder.hashed).toEqual(["a.txt"]);
  expect([...library.all()][0]).toMatchObject({
    fileId: await idOf(Buffer.from("a")),
    mtimeMs: 1_700_000_500_000,
  });
});
