import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import {
  chmod,
  chown,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DownloadResult } from "@panal/sdk";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { journaledPieces } from "./support/journal.ts";
import { type Stage, type Started, announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";
import { type SlowWay, openSlowWay } from "./support/slow-way.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
/** Not a multiple of eight pieces: a journal's last byte has bits that stand for none. */
const PIECES = 21;
const LENGTH = PIECES * MIB;
const SIZES = [0, 1, 16 * KIB - 1, 16 * KIB, 16 * KIB + 1, MIB - 1, MIB, MIB + 1, 2 * MIB + 1];
const main = fileURLToPath(new URL("../peer-node/bin/peer-node.mjs", import.meta.url));

let stage: Stage;
let peer: Started;
/** Takes a second for the file: time to do something meanwhile. */
let way: SlowWay;
let fileId: string;
let digest: string;
const sizes = new Map<number, { fileId: string; digest: string }>();
/** For each test anew. */
let folder: string;
let target: string;

beforeAll(async () => {
  stage = await createStage();
  const share = join(stage.folder, "share");
  await mkdir(share);
  digest = await writeSampleFile(join(share, "brood.bin"), LENGTH, 31);
  // Names no other begins like, since a search finds beginnings of words.
  const edges = SIZES.map((size, index) => ({ size, name: `edge${"abcdefghi"[index]}` }));
  const digests: string[] = [];
  for (const { size, name } of edges) digests.push(await writeSampleFile(join(share, name), size, 32));
  const tracker = await stage.startTracker();
  peer = await stage.startPeer({ share, trackerUrl: tracker.url, name: "Peer" });
  fileId = await announced(tracker.url, "brood", 1);
  for (const [index, { size, name }] of edges.entries()) {
    sizes.set(size, { fileId: await announced(tracker.url, name, 1), digest: digests[index]! });
  }
  way = await openSlowWay(LENGTH);
  way.leadTo(peer.url);
}, 60_000);
afterAll(async () => {
  await stage.close();
  await way.close();
});
beforeEach(async () => {
  folder = await mkdtemp(join(stage.folder, "place-"));
  target = join(folder, "brood.bin");
});

const command = (via: { url: string }, output = target) => [
  "download",
  fileId,
  "--peer",
  via.url,
  "-o",
  output,
];

async function downloadAgain(via: { url: string } = peer): Promise<DownloadResult> {
  const { code, stdout, stderr } = await stage.runCli([...command(via), "--json"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(await sha256Of(target)).toBe(digest);
  return JSON.parse(stdout) as DownloadResult;
}

/** A download through the slow way, to the moment at which so many pieces are journaled. */
async function startSlowly(pieces: number) {
  const child = stage.spawnCli(command(way));
  let stderr = "";
  child.stderr?.on("data", (chunk) => (stderr += String(chunk)));
  const closed = once(child, "close");
  await until(`${pieces} pieces are journaled`, async () => {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${stderr}`);
    return (await journaledPieces(`${target}.part.journal`)) >= pieces ? true : undefined;
  });
  return { child, closed, stderr: () => stderr };
}

/** Leaves a part with at least so many journaled pieces, as a killed download does. */
async function leavePart(pieces: number): Promise<{ journaled: number; whole: number }> {
  const { child, closed } = await startSlowly(pieces);
  child.kill("SIGKILL");
  await closed;
  const [part, original] = await Promise.all([
    readFile(`${target}.part`),
    readFile(join(stage.folder, "share", "brood.bin")),
  ]);
  // Pieces are journaled after they are written: the last ones before a kill may be whole and not in the journal.
  const whole = Array.from(
    { length: PIECES },
    (_, piece) => [piece * MIB, (piece + 1) * MIB] as const,
  ).filter(([start, end]) => part.subarray(start, end).equals(original.subarray(start, end))).length;
  return { journaled: await journaledPieces(`${target}.part.journal`), whole };
}

describe("sizes at every edge", () => {
  it.each(SIZES)("a file of %i bytes comes whole and leaves nothing else", async (size) => {
    const known = sizes.get(size)!;
    const args = ["download", known.fileId, "--peer", peer.url, "-o", target, "--json"];
    const { code, stdout } = await stage.runCli(args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ length: size, fetchedBytes: size });
    expect(await sha256Of(target)).toBe(known.digest);
    expect(await readdir(folder)).toEqual(["brood.bin"]);
  });
});

describe("a full disk", () => {
  it("is told when it is a limit of the process, and what has arrived is kept", async () => {
    // In blocks of 1 KiB. The length of a file is set in advance: that is where it stops.
    const args = ["-c", 'ulimit -f "$0"; exec "$@"', String((LENGTH - MIB) / KIB), process.execPath, main];
    const child = spawn("bash", [...args, ...command(peer)], { cwd: stage.folder });
    let stderr = "";
    child.stderr.on("data", (chunk) => (stderr += String(chunk)));
    expect(await once(child, "close")).toEqual([1, null]);
    expect(stderr).toMatch(/no space left: .*brood\.bin.*kept; make room and call it again/);
    expect(await readdir(folder)).not.toContain("brood.bin");
    await downloadAgain();
    expect(await readdir(folder)).toEqual(["brood.bin"]);
  });

  const disk = join(tmpdir(), `panal-small-disk-${process.pid}`);
  const canMount = process.getuid?.() === 0 && mountSmallDisk(disk);
  if (canMount) spawnSync("umount", [disk]);
  afterEach(async () => {
    if (canMount) spawnSync("umount", [disk]);
    await rm(disk, { recursive: true, force: true });
  });

  it.skipIf(!canMount)("needs root and mount: is told before anything is fetched for nothing", async () => {
    mountSmallDisk(disk);
    await writeFile(join(disk, "ballast"), Buffer.alloc(10 * MIB));
    target = join(disk, "brood.bin");
    const { code, stderr } = await stage.runCli(command(peer));
    expect(code).toBe(1);
    expect(stderr).toMatch(/no space left: .* bytes are needed, \d+ are free.*make room/);
    await rm(join(disk, "ballast"));
    await downloadAgain();
  });

  it.skipIf(!canMount)(
    "needs root and mount: half-way, and the download goes on when there is room",
    async () => {
      mountSmallDisk(disk);
      target = join(disk, "brood.bin");
      const { closed, stderr } = await startSlowly(3);
      await writeFile(join(disk, "ballast"), Buffer.alloc(30 * MIB)).catch(() => {});
      expect(await closed).toEqual([1, null]);
      expect(stderr()).toMatch(
        /no space left: writing .*brood\.bin\.part.*kept; make room and call it again/,
      );
      expect((await readdir(disk)).sort()).toEqual(["ballast", "brood.bin.part", "brood.bin.part.journal"]);
      await rm(join(disk, "ballast"));
      expect((await downloadAgain()).resumedBytes).toBeGreaterThanOrEqual(3 * MIB);
    },
  );
});

function mountSmallDisk(path: string): boolean {
  mkdirSync(path, { recursive: true });
  return spawnSync("mount", ["-t", "tmpfs", "-o", "size=25m", "none", path]).status === 0;
}

describe("a place that is not ours", () => {
  /** Root may do anything: then it is done as somebody else. */
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  let theirs: string;
  beforeEach(async () => {
    theirs = await mkdtemp(join(tmpdir(), "panal-theirs-"));
    if (nobody.uid !== undefined) await chown(theirs, nobody.uid, nobody.gid);
    target = join(theirs, "brood.bin");
  });
  afterEach(async () => {
    await chmod(theirs, 0o755);
    await rm(theirs, { recursive: true });
  });

  function start(via: { url: string }) {
    const child = spawn(process.execPath, [main, ...command(via)], { cwd: tmpdir(), ...nobody });
    let stderr = "";
    child.stderr.on("data", (chunk) => (stderr += String(chunk)));
    return { closed: once(child, "close"), stderr: () => stderr };
  }

  it.skipIf(process.platform === "win32")("is told, and nothing is left there", async () => {
    await chmod(theirs, 0o555);
    const { closed, stderr } = start(peer);
    expect(await closed).toEqual([1, null]);
    expect(stderr()).toMatch(/not allowed: .*brood\.bin/);
    expect(await readdir(theirs)).toEqual([]);
  });

  it.skipIf(process.platform === "win32")("half-way: nothing is lost, nothing fetched again", async () => {
    const { closed, stderr } = start(way);
    await until("three pieces are journaled", async () =>
      (await journaledPieces(`${target}.part.journal`)) >= 3 ? true : undefined,
    );
    await chmod(theirs, 0o555);
    expect(await closed).toEqual([1, null]);
    expect(stderr()).toMatch(/not allowed: finishing .*brood\.bin/);
    await chmod(theirs, 0o755);
    const { resumedBytes, fetchedBytes } = await downloadAgain();
    expect({ resumedBytes, fetchedBytes }).toEqual({ resumedBytes: LENGTH, fetchedBytes: 0 });
  });
});

describe("a target somebody else uses", () => {
  it("is not replaced when it appears while the download runs", async () => {
    const { closed, stderr } = await startSlowly(3);
    await writeFile(target, "mine");
    expect(await closed).toEqual([1, null]);
    expect(stderr()).toContain(target);
    expect(await readFile(target, "utf8")).toBe("mine");
    await rm(target);
    expect(await downloadAgain()).toMatchObject({ resumedBytes: LENGTH, fetchedBytes: 0 });
  });

  it("is not shared by two downloads: the second says so, the first goes on", async () => {
    const { child, closed } = await startSlowly(1);
    // It must not be over before the second one has started, however long that takes; nor stand still, for which it would go.
    way.setRate(LENGTH / 60);
    const second = await stage.runCli(command(peer));
    way.setRate(LENGTH);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`the download to ${target} is in use by process ${child.pid}`);
    expect(await closed).toEqual([0, null]);
    expect(await sha256Of(target)).toBe(digest);
    expect(await readdir(folder)).toEqual(["brood.bin"]);
  });

  it("comes whole when two start at the same moment", async () => {
    const both = await Promise.all([stage.runCli(command(way)), stage.runCli(command(way))]);
    expect(both.map(({ code }) => code)).toContain(0);
    for (const { code, stderr } of both) if (code !== 0) expect(stderr).toMatch(/is in use|is there already/);
    expect(await sha256Of(target)).toBe(digest);
    expect(await readdir(folder)).toEqual(["brood.bin"]);
  });

  it.skipIf(!existsSync("/dev/shm"))("may be on another file system, through a link", async () => {
    const elsewhere = await mkdtemp("/dev/shm/panal-");
    try {
      await symlink(elsewhere, join(folder, "linked"));
      target = join(folder, "linked", "brood.bin");
      await downloadAgain();
      expect(await readdir(elsewhere)).toEqual(["brood.bin"]);
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });
});

describe("a part somebody meddled with", () => {
  let left: { folder: string; journaled: number; whole: number };
  beforeAll(async () => {
    const place = await mkdtemp(join(stage.folder, "left-"));
    target = join(place, "brood.bin");
    left = { folder: place, ...(await leavePart(8)) };
  }, 30_000);

  it.each<[string, (part: string, journal: string) => Promise<void>, (resumed: number) => void]>([
    ["is left alone", async () => {}, (resumed) => expect(resumed).toBe(left.journaled * MIB)],
    [
      "has a bit flipped",
      async (part) => {
        const content = await readFile(part);
        const piece = content.findIndex((byte) => byte !== 0);
        content[piece + 5000]! ^= 1;
        await writeFile(part, content);
      },
      (resumed) => expect(resumed).toBe((left.journaled - 1) * MIB),
    ],
    ["is cut short", (part) => truncate(part, 5), (resumed) => expect(resumed).toBe(0)],
    [
      "is longer than the file",
      (part) => truncate(part, 2 * LENGTH),
      (resumed) => expect(resumed).toBe(left.journaled * MIB),
    ],
    ["is gone", (part) => rm(part), (resumed) => expect(resumed).toBe(0)],
    ["has lost its journal", (_part, journal) => rm(journal), (resumed) => expect(resumed).toBe(0)],
    [
      "has a journal that claims everything",
      (_part, journal) =>
        writeFile(journal, Buffer.concat([Buffer.from(`${fileId}\n`), Buffer.from([255, 255, 248])])),
      (resumed) => expect(resumed).toBe(left.whole * MIB),
    ],
    [
      "has a journal that claims pieces past the end",
      (_part, journal) =>
        writeFile(journal, Buffer.concat([Buffer.from(`${fileId}\n`), Buffer.from([255, 255, 255])])),
      (resumed) => expect(resumed).toBe(left.whole * MIB),
    ],
    [
      "has noise for a journal",
      (_part, journal) => writeFile(journal, Buffer.alloc(9000, 7)),
      (resumed) => expect(resumed).toBe(0),
    ],
    [
      "has the journal of another file",
      (_part, journal) =>
        writeFile(
          journal,
          Buffer.concat([Buffer.from(`${"0".repeat(64)}-${LENGTH}\n`), Buffer.alloc(3, 255)]),
        ),
      (resumed) => expect(resumed).toBe(0),
    ],
  ])("%s: the file comes whole, and what was good is used", async (_what, meddle, check) => {
    const [part, journal] = [`${target}.part`, `${target}.part.journal`];
    await copyFile(join(left.folder, "brood.bin.part"), part);
    await copyFile(join(left.folder, "brood.bin.part.journal"), journal);
    await meddle(part, journal);
    const { resumedBytes } = await downloadAgain();
    check(resumedBytes);
    expect(await readdir(folder)).toEqual(["brood.bin"]);
  });
});
