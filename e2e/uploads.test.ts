import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findPython } from "../scripts/find-python.ts";
import { ROOT } from "../scripts/run-command.ts";
import { freePort } from "./support/free-port.ts";
import { type HeldWay, openHeldWay } from "./support/held-way.ts";
import { journaledPieces } from "./support/journal.ts";
import { type Stage, type Started, announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";

const run = promisify(execFile);
const MIB = 1024 * 1024;
const LENGTH = 32 * MIB + 4321;
/** Four parts of 4 MiB are on the way at a time: after this, one of them at least has come. */
const HELD_AFTER_BYTES = 20 * MIB;

interface Sent {
  files: {
    path: string;
    fileId: string;
    targets: { name: string; state: string; path: string; sentBytes: number }[];
  }[];
}

let stage: Stage;
let tracker: Started;
let share: string;
let peer: { process: Started; code: string; start(): Promise<Started> };
const ways: HeldWay[] = [];
beforeAll(async () => {
  stage = await createStage();
  share = join(stage.folder, "share");
  const otherShare = join(stage.folder, "other");
  await mkdir(share);
  await mkdir(otherShare);
  tracker = await stage.startTracker();
  const trackerUrl = tracker.url;
  const args = ["--port", String(await freePort()), "--state", join(stage.folder, "peer"), "--allow-uploads"];
  const start = () => stage.startPeer({ share, trackerUrl, name: "Ana", args });
  const process = await start();
  peer = { process, code: await until("it prints its code", () => codeIn(process.output())), start };
  await stage.startPeer({
    share: otherShare,
    trackerUrl,
    name: "Bea",
    args: [
      "--allow-uploads",
      "--upload-open",
      "--inbox",
      join(stage.folder, "letters"),
      "--upload-quota",
      "40M",
    ],
  });
}, 60_000);
afterAll(async () => {
  await Promise.all(ways.map((way) => way.close()));
  await stage.close();
});

function codeIn(output: string): string | undefined {
  return /with the code (\S+)/.exec(output)?.[1];
}

function upload(args: string[], code: string | undefined = peer.code) {
  const env = code === undefined ? {} : { PANAL_UPLOAD_CODE: code };
  return stage.runCli(["upload", ...args, "--tracker", tracker.url], { env });
}

async function sent(args: string[]): Promise<Sent> {
  const { code, stdout, stderr } = await upload([...args, "--json"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as Sent;
}

async function openWay(): Promise<HeldWay> {
  const way = await openHeldWay(peer.process.url, HELD_AFTER_BYTES);
  ways.push(way);
  return way;
}

/** Of the one upload that is under way. */
async function untilJournaled(): Promise<void> {
  const folder = join(share, "inbox", ".panal-uploads");
  await until("a piece is journaled", async () => {
    const journal = (await readdir(folder)).find((name) => name.endsWith(".journal"));
    if (journal === undefined) return undefined;
    return (await journaledPieces(join(folder, journal))) > 0 ? true : undefined;
  });
}

it("a folder goes to two peers, is found at the tracker, and isn't sent again", async () => {
  const folder = join(stage.folder, "bee letters");
  await mkdir(join(folder, "of may"), { recursive: true });
  await writeFile(join(folder, "of may", "waggle.txt"), "flowers, 200 m");
  await writeFile(join(folder, "empty"), "");
  const { files } = await sent([folder, "--to", "Ana", "--to", "Bea"]);
  expect(files.map(({ path, targets }) => ({ path, at: targets.map((each) => each.path) }))).toEqual([
    { path: "bee letters/empty", at: ["inbox/bee letters/empty", "bee letters/empty"] },
    {
      path: "bee letters/of may/waggle.txt",
      at: ["inbox/bee letters/of may/waggle.txt", "bee letters/of may/waggle.txt"],
    },
  ]);
  expect(await readFile(join(stage.folder, "letters", "bee letters", "of may", "waggle.txt"), "utf8")).toBe(
    "flowers, 200 m",
  );
  // Bea's inbox isn't in her share.
  await announced(tracker.url, "waggle", 1);
  const again = await sent([folder, "--to", "Ana", "--to", "Bea"]);
  expect(again.files.flatMap(({ targets }) => targets.map(({ state }) => state))).toEqual(
    Array.from({ length: 4 }, () => "there"),
  );
});

it("a client that is killed goes on from there", async () => {
  const file = join(stage.folder, "client killed.bin");
  const digest = await writeSampleFile(file, LENGTH, 31);
  const way = await openWay();
  const env = { PANAL_UPLOAD_CODE: peer.code };
  const client = stage.spawnCli(["upload", file, "--to", way.url], { env });
  const closed = once(client, "close");
  await until("it is half-way", () => (way.isHeld ? true : undefined));
  await untilJournaled();
  client.kill("SIGKILL");
  await closed;
  const { files } = await sent([file, "--to", "Ana"]);
  expect(files[0]!.targets[0]!.state).toBe("sent");
  expect(files[0]!.targets[0]!.sentBytes).toBeLessThan(LENGTH);
  expect(await sha256Of(join(share, "inbox", "client killed.bin"))).toBe(digest);
  expect(await announced(tracker.url, "client killed", 1)).toBe(files[0]!.fileId);
});

it("a peer that is killed goes on from there, and the client with it", async () => {
  const file = join(stage.folder, "peer killed.bin");
  const digest = await writeSampleFile(file, LENGTH, 32);
  const way = await openWay();
  const sending = sent([file, "--to", way.url]);
  await until("it is half-way", () => (way.isHeld ? true : undefined));
  await untilJournaled();
  await peer.process.stop("SIGKILL");
  way.release();
  peer.process = await peer.start();
  const { files } = await sending;
  const [{ state, path, sentBytes } = { state: "", path: "", sentBytes: 0 }] = files[0]!.targets;
  expect({ state, path }).toEqual({ state: "sent", path: "inbox/peer killed.bin" });
  // What was verified before isn't sent again; what was on the way may be.
  expect(sentBytes).toBeLessThan(LENGTH + HELD_AFTER_BYTES);
  expect(await sha256Of(join(share, path))).toBe(digest);
  expect(await announced(tracker.url, "peer killed", 1)).toBe(files[0]!.fileId);
  expect(await readdir(join(share, "inbox", ".panal-uploads"))).toEqual([]);
});

/** In Python: runs a command in a terminal of its own, answers its question, and prints what was to be seen. */
const IN_A_TERMINAL = `
import os, pty, sys
answer, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)
seen = b""
isAnswered = False
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if part == b"":
        break
    seen += part
    if not isAnswered and b"Upload code of" in seen:
        isAnswered = True
        os.write(terminal, answer.encode() + b"\\r")
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

it("asks for the code where somebody sits, and doesn't show what is typed", async () => {
  const file = join(stage.folder, "asked.txt");
  await writeFile(file, "asked");
  const command = [process.execPath, join(ROOT, "peer-node/bin/peer-node.mjs"), "upload", file];
  const { PANAL_UPLOAD_CODE: _, ...env } = process.env;
  const { stdout } = await run(
    findPython(),
    ["-c", IN_A_TERMINAL, peer.code, ...command, "--to", "Ana", "--tracker", tracker.url],
    { env },
  );
  expect(stdout).toContain("Upload code of Ana: ");
  expect(stdout).not.toContain(peer.code);
  expect(await readFile(join(share, "inbox", "asked.txt"), "utf8")).toBe("asked");
});

it("says what is wrong, and ends with a code for it", async () => {
  const file = join(stage.folder, "small.txt");
  await writeFile(file, "small");
  const large = join(stage.folder, "large.bin");
  await writeSampleFile(large, 41 * MIB, 33);
  const cases: [string[], string | undefined, number, string][] = [
    [[file, "--to", peer.process.url], "wrong", 1, "that is not this peer's upload code"],
    [[file, "--to", peer.process.url], "", 2, "set PANAL_UPLOAD_CODE"],
    [[file, "--to", "Nobody"], "", 3, "no live peer is called Nobody"],
    [["no such file", "--to", "Bea"], "", 3, "there is no such file or folder"],
    [[file], "", 2, "say to whom: --to"],
    [[large, "--to", "Bea"], "", 1, "quota"],
  ];
  for (const [args, code, exitCode, words] of cases) {
    const result = await upload(args, code);
    expect({ code: result.code, stderr: result.stderr }).toEqual({
      code: exitCode,
      stderr: expect.stringContaining(words) as string,
    });
  }
});
