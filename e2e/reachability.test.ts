import type { Peer } from "@panal/sdk";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "./support/free-port.ts";
import { listedPeers } from "./support/listed-peers.ts";
import { type Stage, type Started, createStage, until } from "./support/processes.ts";

let stage: Stage;
let tracker: Started;
let share: string;

beforeAll(async () => {
  stage = await createStage();
  share = join(stage.folder, "share");
  await mkdir(share);
  await writeFile(join(share, "a.txt"), "a");
  tracker = await stage.startTracker({ args: ["--heartbeat-seconds", "0.5"] });
});
afterAll(() => stage.close());

async function peerNamed(wanted: string): Promise<Peer | undefined> {
  return (await listedPeers(tracker.url)).find(({ name }) => name === wanted);
}

function checked(name: string): Promise<Peer> {
  return until(`${name} is checked`, async () => {
    const peer = await peerNamed(name);
    return peer?.checkedAt === undefined ? undefined : peer;
  });
}

it("a peer that serves its nonce is reachable, and `peer-node peers` says so", async () => {
  await stage.startPeer({ share, trackerUrl: tracker.url, name: "Ana" });
  expect(await checked("Ana")).toMatchObject({
    reachable: "yes",
    reachableReason: "answered with its nonce",
  });
  const { stdout } = await stage.runCli(["peers", "--tracker", tracker.url]);
  expect(stdout).toMatch(/^peer +files +size +reachable +id +addresses\n/);
  expect(stdout).toMatch(/^Ana .* yes /m);
});

it("whoever announces somebody else's address, or sends the tracker on, isn't, and stays listed", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(302, { location: "/somewhere-else" }).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const leases: [path: string, init: RequestInit][] = [];
  for (const [name, at] of [
    ["moved", port],
    ["nobody", 1],
  ] as const) {
    const body = JSON.stringify({ name, urls: [`http://127.0.0.1:${at}`] });
    const answer = await fetch(`${tracker.url}/api/v1/peers`, { method: "POST", body });
    const { peerId, lease } = (await answer.json()) as { peerId: string; lease: string };
    const headers = { authorization: `Bearer ${lease}` };
    leases.push([`${tracker.url}/api/v1/peers/${peerId}/heartbeat`, { method: "POST", headers }]);
  }
  const peers = await until("both are checked", async () => {
    await Promise.all(leases.map(([path, init]) => fetch(path, init)));
    const found = [await peerNamed("moved"), await peerNamed("nobody")];
    return found.every((peer) => peer?.checkedAt !== undefined) ? found : undefined;
  });
  expect(peers).toMatchObject([
    { reachable: "no", reachableReason: "answered 302; redirects aren't followed" },
    { reachable: "no", reachableReason: "no connection: refused" },
  ]);
  expect(asked).not.toContain("/somewhere-else");
  server.close();
});

it("a peer that was killed, or whose tracker forgot everything, proves itself again", async () => {
  const trackerPort = String(await freePort());
  const startTracker = () =>
    stage.startTracker({ args: ["--port", trackerPort, "--data", ":memory:", "--heartbeat-seconds", "0.5"] });
  const args = ["--port", String(await freePort()), "--state", join(stage.folder, "state of Bea")];
  tracker = await startTracker();
  const startPeer = () => stage.startPeer({ share, trackerUrl: tracker.url, name: "Bea", args });
  const peer = await startPeer();
  const first = await checked("Bea");
  expect(first).toMatchObject({ reachable: "yes" });

  await peer.stop("SIGKILL");
  await startPeer();
  const second = await until("it is checked after its start", async () => {
    const found = await peerNamed("Bea");
    return found?.checkedAt === undefined || found.checkedAt === first.checkedAt ? undefined : found;
  });
  expect(second).toMatchObject({ peerId: first.peerId, reachable: "yes" });

  await tracker.stop();
  tracker = await startTracker();
  const third = await checked("Bea");
  expect(third).toMatchObject({ reachable: "yes", reachableReason: "answered with its nonce" });
  expect(third.peerId).not.toBe(first.peerId);
});
