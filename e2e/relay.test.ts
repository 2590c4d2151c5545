import type { Peer } from "@panal/sdk";
import { once } from "node:events";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { freePort } from "./support/free-port.ts";
import { openHeldWay } from "./support/held-way.ts";
import { journaledPieces } from "./support/journal.ts";
import { listedPeers } from "./support/listed-peers.ts";
import { type Stage, type Started, announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";

const MIB = 1024 * 1024;

let stage: Stage;
let share: string;
beforeEach(async () => {
  stage = await createStage();
  share = join(stage.folder, "share");
  await mkdir(share);
});
afterEach(() => stage.close());

/** A tracker whose ports stay the same when it is started again. */
async function startTracker(
  ports: { port: number; via: number; relay: number },
  args: string[] = [],
): Promise<Started> {
  return stage.startTracker({
    args: [
      `--port=${ports.port}`,
      `--via-port=${ports.via}`,
      `--relay-port=${ports.relay}`,
      "--heartbeat-seconds=0.5",
      ...args,
    ],
  });
}

async function freePorts() {
  return { port: await freePort(), via: await freePort(), relay: await freePort() };
}

/** One that says it is where nobody answers. */
async function startUnreachable(trackerUrl: string, args: string[] = []): Promise<Started> {
  return stage.startPeer({
    share,
    trackerUrl,
    name: "Behind NAT",
    args: ["--advertise", "http://127.0.0.1:1", "--state", join(stage.folder, "state"), ...args],
  });
}

async function attachedPeer(trackerUrl: string): Promise<Peer> {
  return until("the peer is attached", async () => {
    const peers = await listedPeers(trackerUrl);
    return peers.find(({ endpoints }) => endpoints.some(({ route }) => route === "relay"));
  });
}

async function relayedBytes(trackerUrl: string): Promise<number> {
  const text = await (await fetch(`${trackerUrl}/metrics`)).text();
  return Number(/^panal_via_bytes_total\{route="relay",direction="down"\} (\d+)/m.exec(text)?.[1] ?? 0);
}

it(
  "a peer that nobody can call shares through the relay by itself, and says so",
  { timeout: 120_000 },
  async () => {
    const digest = await writeSampleFile(join(share, "propolis.bin"), 20 * MIB + 12_345);
    const tracker = await startTracker(await freePorts());
    const peer = await startUnreachable(tracker.url);
    const { reachable, endpoints } = await attachedPeer(tracker.url);
    expect(reachable).toBe("no");
    expect(endpoints.map(({ route }) => route)).toEqual(["direct", "relay"]);
    await until("it says so", () => /can't call this peer .* relay at http/.test(peer.output()) || undefined);
    await announced(tracker.url, "propolis", 1);
    const saved = await stage.runCli(["download", "propolis", "--tracker", tracker.url, "-o", stage.folder]);
    expect(saved).toMatchObject({ code: 0 });
    expect(await sha256Of(join(stage.folder, "propolis.bin"))).toBe(digest);
    expect(await relayedBytes(tracker.url)).toBeGreaterThanOrEqual(20 * MIB + 12_345);

    const relay = endpoints.find(({ route }) => route === "relay")!;
    const files = (await (await fetch(`${tracker.url}/api/v1/files?q=propolis`)).json()) as {
      files: { fileId: string }[];
    };
    const door = await fetch(`${relay.url}/files/${files.files[0]!.fileId}/propolis.bin`, {
      headers: { range: "bytes=1048570-1048585" },
    });
    expect(door.status).toBe(206);
    expect(await door.bytes()).toHaveLength(16);
  },
);

/** A call of somebody's with this address, as a proxy that is trusted says it. */
async function abortUpload(peer: Peer, { from, code }: { from: string; code: string }): Promise<number> {
  const { url } = peer.endpoints.find(({ route }) => route === "relay")!;
  const response = await fetch(`${url}/panal.v1.PeerService/AbortUpload`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-forwarded-for": from,
      "panal-upload-code": code,
      // Nobody chooses whom the peer takes them for.
      "panal-client": `${from} ${code}`,
    },
    body: JSON.stringify({ uploadId: "-" }),
  });
  await response.body?.cancel();
  return response.status;
}

it(
  "who guesses upload codes of a relayed peer locks out nobody but themselves",
  { timeout: 120_000 },
  async () => {
    const tracker = await startTracker(await freePorts(), ["--trusted-proxy=127.0.0.1"]);
    const peer = await stage.startPeer({
      share,
      trackerUrl: tracker.url,
      name: "Behind NAT",
      args: ["--relay", "--advertise=http://192.0.2.1:9", "--allow-uploads"],
    });
    const code = await until("it prints its code", () => /with the code (\S+)/.exec(peer.output())?.[1]);
    const attached = await attachedPeer(tracker.url);
    const guesses = Array.from({ length: 20 }, (_, guess) => `guess-${guess}`);
    const answers: number[] = [];
    for (const guess of guesses)
      answers.push(await abortUpload(attached, { from: "203.0.113.7", code: guess }));
    expect(answers[0]).toBe(401);
    expect(answers.at(-1)).toBe(429);
    // Nor is the right code found out by somebody who may guess no more.
    expect(await abortUpload(attached, { from: "203.0.113.7", code })).toBe(429);
    // There is no such upload: it looked.
    expect(await abortUpload(attached, { from: "203.0.113.8", code })).toBe(404);
  },
);

it("a download goes on when the peer is killed, and when the relay is", { timeout: 120_000 }, async () => {
  const digest = await writeSampleFile(join(share, "propolis.bin"), 48 * MIB, 2);
  const ports = await freePorts();
  const tracker = await startTracker(ports);
  const peer = await startUnreachable(tracker.url);
  await attachedPeer(tracker.url);
  await announced(tracker.url, "propolis", 1);
  const download = stage.spawnCli([
    "download",
    "propolis",
    `--tracker=${tracker.url}`,
    `--output=${stage.folder}`,
    "--max-download-rate=12M",
  ]);
  const ended = once(download, "close");
  const journal = join(stage.folder, "propolis.bin.part.journal");
  const pieces = (count: number) =>
    until(`${count} pieces are there`, async () =>
      (await journaledPieces(journal)) >= count ? true : undefined,
    );

  await pieces(4);
  await peer.stop("SIGKILL");
  await startUnreachable(tracker.url);
  await pieces(16);
  await tracker.stop("SIGKILL");
  await startTracker(ports);
  expect(await ended).toEqual([0, null]);
  expect(await sha256Of(join(stage.folder, "propolis.bin"))).toBe(digest);
});

it(
  "files are sent to such a peer, too, and arrive whole when the relay is killed midway",
  { timeout: 120_000 },
  async () => {
    const ports = await freePorts();
    const tracker = await startTracker(ports);
    await startUnreachable(tracker.url, ["--allow-uploads", "--upload-open"]);
    const { peerId } = await attachedPeer(tracker.url);
    const file = join(stage.folder, "sent.bin");
    const digest = await writeSampleFile(file, 24 * MIB + 17, 3);
    // Four parts of 4 MiB are on the way at a time: after this, one of them at least has come.
    const way = await openHeldWay(`http://127.0.0.1:${ports.via}`, 17 * MIB);
    try {
      const upload = stage.spawnCli(["upload", file, "--to", `${way.url}/via/${peerId}`]);
      const ended = once(upload, "close");
      const parts = join(share, "inbox", ".panal-uploads");
      await until("some of it is there, and no more comes", async () => {
        const journal = (await readdir(parts).catch(() => [])).find((name) => name.endsWith(".journal"));
        if (journal === undefined || !way.isHeld) return undefined;
        return (await journaledPieces(join(parts, journal))) > 0 ? true : undefined;
      });
      await tracker.stop("SIGKILL");
      way.release();
      const again = await startTracker(ports);
      expect(await ended).toEqual([0, null]);
      expect(await sha256Of(join(share, "inbox", "sent.bin"))).toBe(digest);
      await announced(again.url, "sent", 1);
    } finally {
      await way.close();
    }
  },
);
