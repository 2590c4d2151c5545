import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { StartUsageError, parseStartArgs } from "./start-options.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "panal-start-"));
  await mkdir(join(folder, "Music"));
  await writeFile(join(folder, "a file"), "");
});
afterAll(() => rm(folder, { recursive: true }));

it("parseStartArgs() plans two peers that share the examples when nothing is said", async () => {
  const plan = await parseStartArgs([], folder);
  expect(plan).toMatchObject({ trackerPort: 7070, isForLan: false });
  expect(plan?.peers.map(({ port }) => port)).toEqual([7071, 7072]);
  expect(plan?.dataDir).toMatch(/[/\\]\.panal$/);
  for (const peer of plan!.peers) expect(peer.folder).toMatch(/examples.shared$/);
});

it("parseStartArgs() plans one peer for each folder, relative to where the command was typed", async () => {
  const plan = await parseStartArgs(["--share", "Music", "--share", ".", "--port", "9000", "--lan"], folder);
  expect(plan).toEqual({
    trackerPort: 9000,
    isForLan: true,
    dataDir: expect.stringMatching(/\.panal[/\\]port-9000$/),
    peers: [
      { name: "Music", folder: join(folder, "Music"), port: 9001 },
      { name: expect.stringContaining("panal-start-"), folder, port: 9002 },
    ],
  });
});

it("parseStartArgs() plans nothing when help is asked for", async () => {
  expect(await parseStartArgs(["--help"], folder)).toBeUndefined();
});

it.each([
  [["--share", "nowhere"], /nowhere: there is no such folder/],
  [["--share", "a file"], /a file: not a folder/],
  [["--port", "0"], /--port: expected a number from 1/],
  [["--port", "65534"], /to 65533, got "65534"/],
  [["--port", "7e3"], /--port/],
  [["--what"], /--what/],
  [["Music"], /Music/],
])("parseStartArgs(%j) refuses with a sentence", async (args, sentence) => {
  const refusal = parseStartArgs(args, folder);
  await expect(refusal).rejects.toThrow(StartUsageError);
  await expect(refusal).rejects.toThrow(sentence);
});
