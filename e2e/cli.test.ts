import { once } from "node:events";
import { access, mkdir, mkdtemp, readFile, readdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Stage, type Started, announced, createStage, until } from "./support/processes.ts";
import { writeSampleFile } from "./support/sample-file.ts";

const MIB = 1024 * 1024;
/** Nobody listens there. */
const NOWHERE = "http://127.0.0.1:1";
/** A newline, markup, a mark that turns text, an escape, and an end Windows drops. */
const HOSTILE = 'evil\n<img onerror="x">\u202egpj.\u001b[2Jexe. ';

let stage: Stage;
let tracker: Started;
let peer: Started;
let fileId: string;

beforeAll(async () => {
  stage = await createStage();
  const share = join(stage.folder, "share");
  await mkdir(join(share, "fields", "clover"), { recursive: true });
  const map = join(share, "fields", "clover", "clover map.bin");
  await writeSampleFile(map, 3 * MIB + 5, 6);
  await utimes(map, 1_700_000_000, 1_700_000_000);
  await writeSampleFile(join(share, "fields", "heather map.bin"), MIB, 7);
  await writeSampleFile(join(share, "swarm.bin"), 256 * MIB, 8);
  await writeFile(join(share, "fields", HOSTILE), "inert");
  tracker = await stage.startTracker();
  peer = await stage.startPeer({ share, trackerUrl: tracker.url, name: "Ana" });
  fileId = await announced(tracker.url, "clover map", 1);
  await announced(tracker.url, "heather", 1);
  await announced(tracker.url, "swarm", 1);
  await announced(tracker.url, "onerror", 1);
}, 60_000);
afterAll(() => stage.close());

/** A command in an empty folder of its own, with the stage's tracker. */
async function cli(...args: string[]) {
  const cwd = await mkdtemp(join(stage.folder, "cwd-"));
  return { cwd, ...(await stage.runCli(args, { cwd, env: { PANAL_TRACKER: tracker.url } })) };
}

describe("looking", () => {
  it("search finds words anywhere in the path and shows names inert", async () => {
    const found = await cli("search", "MAP", "field");
    expect(found.code).toBe(0);
    expect(found.stdout).toMatch(/^file +size +peers +file id\n/);
    expect(found.stdout).toContain(`fields/clover/clover map.bin  3.0 MiB      1  ${fileId}\n`);
    const hostile = await cli("search", "onerror");
    expect(hostile.stdout.trimEnd().split("\n")).toHaveLength(2);
    for (const hidden of ["\u001b", "\u202e"]) expect(hostile.stdout).not.toContain(hidden);
  });

  it("search --json prints one document; nothing found is 3", async () => {
    const found = await cli("search", "clover", "--json");
    expect(JSON.parse(found.stdout)).toMatchObject({ files: [{ fileId, peerCount: 1 }] });
    const missing = await cli("search", "wasp");
    expect(missing).toMatchObject({ code: 3, stdout: "" });
    expect(missing.stderr).toContain('"wasp"');
  });

  it("peers and ls show who is there and what they have", async () => {
    const peers = JSON.parse((await cli("peers", "--json")).stdout) as { peers: { peerId: string }[] };
    expect(peers.peers).toMatchObject([{ name: "Ana", fileCount: 4 }]);
    for (const wanted of ["ana", peers.peers[0]!.peerId, peer.url]) {
      const listed = await cli("ls", wanted, "fields/clover", "--json");
      expect(listed, wanted).toMatchObject({ code: 0, stderr: "" });
      expect(JSON.parse(listed.stdout)).toMatchObject({ entries: [{ name: "clover map.bin", fileId }] });
    }
    expect((await cli("ls")).stdout).toMatch(/^Ana \(.*\)\n.*\nfields\/ +4\.0 MiB  3 files\n/);
    expect((await cli("ls", "nobody")).code).toBe(3);
    expect((await cli("ls", "Ana", "no/such/folder")).code).toBe(3);
    expect((await cli("ls", "Ana", "../etc")).code).toBe(2);
  });

  it("hash prints what the network calls a file", async () => {
    const path = join(stage.folder, "share", "fields", "clover", "clover map.bin");
    expect((await cli("hash", path)).stdout).toBe(`${fileId}  ${path}\n`);
    expect((await cli("hash", "missing.bin")).code).toBe(3);
  });

  it("wrong usage is 2, a tracker that is away 1", async () => {
    for (const args of [
      [],
      ["nonsense"],
      ["search"],
      ["search", "x", "--what"],
      ["search", "x", "--tracker", "foo"],
      ["share", ".", "--max-upload-rate", "20MB"],
      ["share", ".", "--max-upload-rate", "0"],
      ["share", ".", "--max-clients", "0"],
      ["share", ".", "--max-clients", "many"],
    ]) {
      const { code, stderr } = await cli(...args);
      expect(code, args.join(" ")).toBe(2);
      expect(stderr).not.toBe("");
    }
    const away = await cli("search", "x", "--tracker", NOWHERE);
    expect(away.code).toBe(1);
    expect(away.stderr).toContain(`tracker ${NOWHERE}: no connection`);
    expect(away.stderr).toContain("--peer URL");
  });
});

describe("download", () => {
  it("takes words, keeps the time of change, and fetches nothing twice", async () => {
    const { cwd, code, stderr, stdout } = await cli("download", "clover");
    expect(code).toBe(0);
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      /Saved clover map\.bin: 3\.0 MiB .* every piece verified\.\n {2}Ana \(direct\): 3\.0 MiB\n/,
    );
    const { mtimeMs } = await stat(join(cwd, "clover map.bin"));
    expect(mtimeMs).toBe(1_700_000_000_000);
    const env = { PANAL_TRACKER: tracker.url };
    const again = await stage.runCli(["download", "clover", "--json"], { cwd, env });
    expect(JSON.parse(again.stdout)).toMatchObject({ fileId, fetchedBytes: 0, resumedBytes: 3 * MIB + 5 });
    expect(again.code).toBe(0);
  });

  it("takes a link and a folder", async () => {
    const { cwd, code } = await cli("download", `${tracker.url}/f/${fileId}`, "-o", "maps/");
    expect(code).toBe(0);
    expect(await readdir(join(cwd, "maps"))).toEqual(["clover map.bin"]);
  });

  it("lists different files that match, and leaves the choice", async () => {
    const { code, stderr, cwd } = await cli("download", "map");
    expect(code).toBe(2);
    expect(stderr).toContain("2 different files match");
    expect(stderr).toContain(fileId);
    expect(await readdir(cwd)).toEqual([]);
    expect((await cli("download", "heather map.bin")).code).toBe(0);
  });

  it("touches nothing else that is at its target, but for --force", async () => {
    const path = join(stage.folder, "mine.txt");
    await writeFile(path, "mine");
    const refused = await cli("download", fileId, "-o", path);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(path);
    expect(await readFile(path, "utf8")).toBe("mine");
    expect((await cli("download", fileId, "-o", path, "--force")).code).toBe(0);
    expect((await stat(path)).size).toBe(3 * MIB + 5);
  });

  it("is 3 when nobody has it", async () => {
    expect((await cli("download", "wasp")).code).toBe(3);
    expect((await cli("download", `${"0".repeat(64)}-5`)).code).toBe(3);
  });

  it("takes a peer without any tracker, and when the tracker is away", async () => {
    const alone = await stage.runCli([
      "download",
      fileId,
      "--peer",
      peer.url,
      "-o",
      join(stage.folder, "alone.bin"),
    ]);
    expect(alone.code).toBe(0);
    const away = await cli("download", fileId, "--peer", peer.url, "--tracker", NOWHERE, "-o", "away.bin");
    expect(away.stderr).toContain("Going on with --peer alone");
    expect(away.code).toBe(0);
    expect(await readdir(away.cwd)).toEqual(["away.bin"]);
  });

  it("saves a hostile name under a safe one", async () => {
    const { cwd, code, stderr } = await cli("download", "onerror");
    expect(code).toBe(0);
    expect(await readdir(cwd)).toEqual(["evil_img onerror=_x__gpj.[2Jexe"]);
    for (const hidden of ["\u001b", "\u202e"]) expect(stderr).not.toContain(hidden);
  });

  it("stops cleanly on Ctrl-C and goes on when called again", { timeout: 60_000 }, async () => {
    const target = join(stage.folder, "stopped.bin");
    const args = ["download", "swarm", "--tracker", tracker.url, "-o", target];
    const child = stage.spawnCli(args);
    let stderr = "";
    child.stderr?.on("data", (chunk) => (stderr += String(chunk)));
    const closed = once(child, "close");
    await until("the download has begun", () =>
      access(`${target}.part.journal`).then(
        () => true as const,
        () => undefined,
      ),
    );
    child.kill("SIGINT");
    expect(await closed).toEqual([130, null]);
    expect(stderr).toContain("the same command goes on from there");
    expect((await readdir(stage.folder)).filter((name) => name.startsWith("stopped")).sort()).toEqual([
      "stopped.bin.part",
      "stopped.bin.part.journal",
    ]);

    const again = await stage.runCli([...args, "--json"]);
    const result = JSON.parse(again.stdout) as { resumedBytes: number; fetchedBytes: number; path: string };
    expect(result.resumedBytes + result.fetchedBytes).toBe(256 * MIB);
    expect(result.path).toBe(target);
  });
});
