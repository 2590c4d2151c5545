import { execFile } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Started, type Stage, announced, createStage } from "./support/processes.ts";
import { writeSampleFile } from "./support/sample-file.ts";

const run = promisify(execFile);

/** curl's answer: status, headers and body. */
async function curl(...args: string[]): Promise<{ status: number; head: string; body: Buffer }> {
  const { stdout } = await run("curl", ["--silent", "--show-error", "--include", ...args], {
    encoding: "buffer",
  });
  const split = stdout.indexOf("\r\n\r\n");
  const head = stdout.subarray(0, split).toString();
  return { status: Number(/^HTTP\/\S+ (\d+)/.exec(head)?.[1]), head, body: stdout.subarray(split + 4) };
}

let stage: Stage;
let tracker: Started;
beforeAll(async () => {
  stage = await createStage();
  tracker = await stage.startTracker();
});
afterAll(() => stage.close());

it("curl registers, searches and logs out", async () => {
  const registered = await curl(
    `${tracker.url}/register`,
    "-d",
    '{"port": 9999, "files": ["class notes.txt"]}',
  );
  expect(registered.status).toBe(201);
  const { lease, url } = JSON.parse(registered.body.toString()) as { lease: string; url: string };
  expect(url).toBe("http://127.0.0.1:9999");

  const found = await curl(`${tracker.url}/search/CLASS%20notes.txt`);
  expect(found.status).toBe(200);
  expect(JSON.parse(found.body.toString())).toMatchObject({
    filename: "CLASS notes.txt",
    peers: [{ ip: "127.0.0.1", port: 9999, url: "http://127.0.0.1:9999", fileId: null }],
  });

  expect(
    (await curl(`${tracker.url}/logout`, "-X", "POST", "-H", `Authorization: Bearer ${lease}`)).status,
  ).toBe(204);
  const gone = await curl(`${tracker.url}/search/class%20notes.txt`);
  expect(gone.status).toBe(404);
  expect(gone.head).toMatch(/content-type: application\/problem\+json/i);
});

it("curl fetches a range from a peer's door", { timeout: 60_000 }, async () => {
  const share = join(stage.folder, "share");
  await mkdir(share);
  await writeSampleFile(join(share, "wax.bin"), 3_000_000, 4);
  const content = await readFile(join(share, "wax.bin"));
  const peer = await stage.startPeer({ share, trackerUrl: tracker.url, name: "Door" });
  const fileId = await announced(tracker.url, "wax", 1);
  const url = `${peer.url}/files/${fileId}/wax.bin`;

  const part = await curl(url, "-r", "1000000-1999999");
  expect(part.status).toBe(206);
  expect(part.head).toMatch(/content-range: bytes 1000000-1999999\/3000000/i);
  expect(part.body.equals(content.subarray(1_000_000, 2_000_000))).toBe(true);

  const tail = await curl(url, "-r", "-5");
  expect(tail.body.equals(content.subarray(-5))).toBe(true);
  expect((await curl(url, "-r", "3000000-")).status).toBe(416);
  expect((await curl(url, "-H", `If-None-Match: "${fileId}"`)).status).toBe(304);
  expect((await curl(url, "--head")).head).toMatch(/content-length: 3000000/i);
});
