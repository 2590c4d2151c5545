import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "./support/free-port.ts";
import { type LyingProxy, startLyingProxy } from "./support/lying-proxy.ts";
import { type Stage, type Started, announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";

const MIB = 1024 * 1024;

interface Holder {
  name: string;
  peerId: string;
  reachable: string;
  reports: { corrupt: number; unreachable: number };
}

let stage: Stage;
let tracker: Started;
let proxy: LyingProxy;
let fileId: string;
let digest: string;

beforeAll(async () => {
  stage = await createStage();
  proxy = await startLyingProxy({ everyBytes: 4 * MIB });
  const share = join(stage.folder, "share");
  await mkdir(share);
  digest = await writeSampleFile(join(share, "nectar.bin"), 48 * MIB, 3);
  tracker = await stage.startTracker({ args: ["--heartbeat-seconds", "1"] });
  const start = (name: string, args: string[] = []) =>
    stage.startPeer({ share, trackerUrl: tracker.url, name, args: ["--max-upload-rate", "24M", ...args] });
  await start("Honest Ana");
  proxy.standInFor((await start("Lying Leo", ["--advertise", proxy.url])).url);
  await start("Honest Bea");
  fileId = await announced(tracker.url, "nectar", 3);
});
afterAll(async () => {
  await proxy.close();
  await stage.close();
});

async function holders(): Promise<Holder[]> {
  const answer = await fetch(`${tracker.url}/api/v1/files/${fileId}`);
  return ((await answer.json()) as { peers: Holder[] }).peers;
}

async function download(name: string, ...more: string[]): Promise<void> {
  const target = join(stage.folder, name);
  const args = ["download", fileId, "--tracker", tracker.url, "--output", target, ...more];
  expect(await stage.runCli(args)).toMatchObject({ code: 0 });
  expect(await sha256Of(target)).toBe(digest);
}

it("a download names the peer that lied to the tracker, which then puts it last and leaves it there", async () => {
  expect((await holders()).flatMap(({ reports }) => [reports.corrupt, reports.unreachable])).toEqual([
    0, 0, 0, 0, 0, 0,
  ]);
  await download("silent.bin", "--no-reports");
  expect(proxy.lies).toBeGreaterThan(0);
  expect((await holders()).map(({ reports }) => reports.corrupt)).toEqual([0, 0, 0]);
  await download("first.bin");
  const told = await until("the liar is reported, and all are checked", async () => {
    const found = await holders();
    const isChecked = found.every(({ reachable }) => reachable === "yes");
    return isChecked && found.some(({ reports }) => reports.corrupt > 0) ? found : undefined;
  });
  expect(told.map(({ name }) => name).at(-1)).toBe("Lying Leo");
  expect(told.map(({ reports }) => reports.corrupt)).toEqual([0, 0, 1]);

  // The same client again says nothing new; and the file still comes whole, as long as the liar is there.
  await download("second.bin");
  expect((await holders()).map(({ reports }) => reports.corrupt)).toEqual([0, 0, 1]);
});

it("a flood of reports from one address doesn't take an honest peer away", async () => {
  const { peerId } = (await holders()).find(({ name }) => name === "Honest Ana")!;
  for (let n = 0; n < 50; n++) {
    const body = JSON.stringify({ peerId, reason: n % 2 === 0 ? "unreachable" : "corrupt" });
    await fetch(`${tracker.url}/api/v1/files/${fileId}/reports`, { method: "POST", body });
  }
  const found = await holders();
  expect(found.map(({ name }) => name).sort()).toEqual(["Honest Ana", "Honest Bea", "Lying Leo"]);
  expect(found.find(({ name }) => name === "Honest Ana")?.reports).toEqual({ corrupt: 1, unreachable: 0 });
  await download("third.bin");
  expect((await readFile(join(stage.folder, "third.bin"))).length).toBe(48 * MIB);
});

it("a download tells of a peer that isn't there, while others answer", async () => {
  const port = await freePort();
  const body = JSON.stringify({ name: "Dead Dora", port });
  const answer = await fetch(`${tracker.url}/api/v1/peers`, { method: "POST", body });
  const { peerId, lease } = (await answer.json()) as { peerId: string; lease: string };
  const headers = { authorization: `Bearer ${lease}` };
  const path = `${tracker.url}/api/v1/peers/${peerId}`;
  const files = JSON.stringify([{ path: "nectar.bin", fileId, mtime: "2026-01-01T00:00:00Z" }]);
  await fetch(`${path}/files`, { method: "PUT", headers, body: files });
  // She lives, as far as the tracker can tell.
  const beating = setInterval(() => {
    fetch(`${path}/heartbeat`, { method: "POST", headers }).catch(() => {});
  }, 500);
  try {
    await download("fourth.bin", "--max-download-rate", "4M");
    const dora = await until("she is reported", async () => {
      const found = (await holders()).find(({ name }) => name === "Dead Dora");
      return found !== undefined && found.reports.unreachable > 0 ? found : undefined;
    });
    expect(dora).toMatchObject({ reachable: "no", reports: { corrupt: 0, unreachable: 1 } });
  } finally {
    clearInterval(beating);
  }
});
