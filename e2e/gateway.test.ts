import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createGrpcJsClient } from "./support/grpc-js-client.ts";
import { listedPeers } from "./support/listed-peers.ts";
import { type Stage, type Started, announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";

const LENGTH = 9_000_000;

let stage: Stage;
let tracker: Started;
let fileId: string;
let digest: string;
/** The peer's address at the gateway, as the tracker gives it. */
let via: string;

beforeAll(async () => {
  stage = await createStage();
  const share = join(stage.folder, "share");
  await mkdir(share);
  digest = await writeSampleFile(join(share, "meadow.bin"), LENGTH);
  tracker = await stage.startTracker();
  await stage.startPeer({ share, trackerUrl: tracker.url, name: "Meadow" });
  fileId = await announced(tracker.url, "meadow", 1);
  const [meadow] = await listedPeers(tracker.url);
  via = meadow!.endpoints.find(({ route }) => route === "gateway")!.url;
});
afterAll(() => stage.close());

it("the tracker gives each peer's address at the gateway, which is an origin of its own", () => {
  expect(via).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/via\/[\w-]+$/);
  expect(new URL(via).origin).not.toBe(new URL(tracker.url).origin);
});

it("the command line downloads through it, says so, and has the file", async () => {
  const target = join(stage.folder, "saved.bin");
  const { code, stdout, stderr } = await stage.runCli([
    "download",
    fileId,
    "--peer",
    via,
    "--output",
    target,
  ]);
  expect([code, stderr]).toEqual([0, stderr]);
  expect(stdout + stderr).toMatch(/\(gateway\): 8\.6 MiB/);
  expect(await sha256Of(target)).toBe(digest);
});

it("gRPC by metadata reaches the peer, unary and streaming, with its errors", async () => {
  const client = createGrpcJsClient(via, "panal.v1.PeerService", { "panal-peer": via.split("/").at(-1)! });
  try {
    expect(await client.call("GetPeer", {})).toMatchObject({ name: "Meadow" });
    const hash = createHash("sha256");
    for await (const { data } of client.stream<{ data: Buffer }>("DownloadFile", { fileId }))
      hash.update(data);
    expect(hash.digest("hex")).toBe(digest);
    const missing = `${"0".repeat(64)}-5`;
    await expect(client.call("GetManifest", { fileId: missing })).rejects.toMatchObject({ code: 5 });
  } finally {
    client.close();
  }
});

it("plain HTTP gets the file from the peer, and from all who have it, whole and in parts", async () => {
  const { origin } = new URL(via);
  for (const url of [`${via}/files/${fileId}/meadow.bin`, `${origin}/content/${fileId}/meadow.bin`]) {
    const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(createHash("sha256").update(whole).digest("hex")).toBe(digest);
    const part = await fetch(url, { headers: { range: "bytes=1000000-4999999" } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(1_000_000, 5_000_000))).toBe(true);
  }
});

it("what it passes on is counted", async () => {
  const metrics = await (await fetch(`${tracker.url}/metrics`)).text();
  const bytes = /^panal_via_bytes_total\{route="gateway",direction="down"\} (\d+)$/m.exec(metrics)?.[1];
  expect(Number(bytes)).toBeGreaterThan(LENGTH);
});

it("files are sent to a peer through it, with the peer's upload code", async () => {
  const share = join(stage.folder, "taking");
  await mkdir(share);
  const args = ["--allow-uploads"];
  const peer = await stage.startPeer({ share, trackerUrl: tracker.url, name: "Taking", args });
  const taking = await until("the peer is there", async () => {
    return (await listedPeers(tracker.url)).find(({ name }) => name === "Taking");
  });
  const file = join(stage.folder, "sent.bin");
  const sent = await writeSampleFile(file, 3_000_000, 7);
  const to = `${new URL(via).origin}/via/${taking.peerId}`;
  const code = await until("it says its code", () => /code\W+([\w-]+)/i.exec(peer.output())?.[1]);
  const wrong = await stage.runCli(["upload", file, "--to", to], { env: { PANAL_UPLOAD_CODE: "wrong" } });
  expect(wrong.code).not.toBe(0);
  const { code: exit, stderr } = await stage.runCli(["upload", file, "--to", to], {
    env: { PANAL_UPLOAD_CODE: code },
  });
  expect([exit, stderr]).toEqual([0, stderr]);
  expect(await sha256Of(join(share, "inbox", "sent.bin"))).toBe(sent);
});

it("runs as a process of its own beside the tracker, on the same data, and tells what it passes on", async () => {
  const gateway = await stage.startTracker({ args: ["--role", "gateway"] });
  const target = join(stage.folder, "by another.bin");
  const peerUrl = `${gateway.url}/via/${via.split("/").at(-1)}`;
  const { code, stderr } = await stage.runCli(["download", fileId, "--peer", peerUrl, "--output", target]);
  expect([code, stderr]).toEqual([0, stderr]);
  expect(await sha256Of(target)).toBe(digest);
  const whole = await fetch(`${gateway.url}/content/${fileId}/meadow.bin`);
  expect(
    createHash("sha256")
      .update(Buffer.from(await whole.arrayBuffer()))
      .digest("hex"),
  ).toBe(digest);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(metrics).toMatch(/^panal_via_bytes_total\{route="content",direction="down"\} 9000000$/m);
  expect(metrics).toMatch(/^panal_peers 2$/m);
  await gateway.stop();
});

it("as a process of its own it needs a tracker's data", async () => {
  const nowhere = join(stage.folder, "nowhere");
  await expect(stage.startTracker({ args: ["--role", "gateway", "--data", nowhere] })).rejects.toThrow(
    /ended with 2[^]*start the tracker it belongs to first/,
  );
});

it("a tracker that was told to has no gateway, and gives no address there", async () => {
  const without = await stage.startTracker({
    args: ["--via-port", "off", "--data", join(stage.folder, "without")],
  });
  const share = join(stage.folder, "share");
  await stage.startPeer({ share, trackerUrl: without.url, name: "Alone" });
  const peer = await until("the peer is there", async () => (await listedPeers(without.url))[0]);
  expect(peer.endpoints.map(({ route }) => route)).toEqual(["direct"]);
});
