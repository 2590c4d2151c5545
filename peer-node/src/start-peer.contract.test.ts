import { join } from "node:path";
import { createNodePeerClient } from "@panal/sdk/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type RunningPeer, type StartPeerOptions, startPeer } from "./start-peer.ts";
import { type TestFolder, createTestFolder } from "./testing/shared-folder.ts";

let folder: TestFolder;
let running: RunningPeer[];
beforeEach(async () => {
  folder = await createTestFolder();
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((peer) => peer.close()));
  await folder.close();
});

async function start(options: Partial<StartPeerOptions> = {}): Promise<RunningPeer> {
  const peer = await startPeer({
    folder: folder.root,
    port: 0,
    host: "127.0.0.1",
    state: join(folder.outside, `state-${running.length}`),
    ...options,
  });
  running.push(peer);
  return peer;
}

describe("startPeer()", () => {
  it("serves a folder without a tracker, and says who it is", async () => {
    await folder.write("films/bee.txt", "bzz");
    const peer = await start({ name: ` Ana\n${"🐝".repeat(40)}` });
    await peer.settled();
    const client = createNodePeerClient(peer.url);
    expect(await client.getPeer({})).toMatchObject({
      // 64 code units, none of them half a bee.
      name: `Ana ${"🐝".repeat(30)}`,
      peerId: "",
      fileCount: 1n,
      totalSize: 3n,
      indexing: false,
    });
    expect(await client.listFiles({})).toMatchObject({
      entries: [{ name: "films", kind: { case: "folder", value: { fileCount: 1n, totalSize: 3n } } }],
      nextPageToken: "",
    });
    const [entry] = (await client.listFiles({ folder: "films" })).entries;
    expect(entry).toMatchObject({
      name: "bee.txt",
      kind: { case: "file", value: { size: 3n, modifiedMs: 1_700_000_000_000n } },
    });
    for (const path of ["../", "/", "films/..", "films//x", "films/"]) {
      await expect(client.listFiles({ folder: path })).rejects.toMatchObject({ code: 3 });
    }
    await expect(client.listFiles({ folder: "nowhere" })).rejects.toMatchObject({ code: 5 });
  });

  it("says which port is taken, and leaves nothing behind", async () => {
    const { port } = await start();
    const state = join(folder.outside, "other");
    const attempt = start({ port, state });
    await expect(attempt).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(String(port)),
    });
    // Its state folder is free again.
    await start({ state });
  });

  it("doesn't use a state folder another peer uses", async () => {
    const state = join(folder.outside, "shared-state");
    await start({ state });
    await expect(start({ state })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(state),
    });
  });

  it.each<{ what: string; options: Partial<StartPeerOptions>; code: string }>([
    { what: "a folder that isn't there", options: { folder: "/nowhere/at/all" }, code: "not-found" },
    { what: "a file", options: { folder: import.meta.filename }, code: "invalid" },
    { what: "a tracker that is no URL", options: { trackerUrl: "tracker" }, code: "invalid" },
    { what: "an origin with a path", options: { allowOrigins: ["http://a/b"] }, code: "invalid" },
    { what: "every origin", options: { allowOrigins: ["*"] }, code: "invalid" },
    { what: "a host that is none", options: { allowHosts: ["a b"] }, code: "invalid" },
    { what: "an address with credentials", options: { advertise: ["http://a:b@c"] }, code: "invalid" },
    {
      what: "a certificate that isn't there",
      options: { tls: { certFile: "/nowhere", keyFile: "/nowhere" } },
      code: "invalid",
    },
  ])("refuses $what", async ({ options, code }) => {
    await expect(start(options)).rejects.toMatchObject({ code });
  });

  it("announces what it is told to and answers under that name", async () => {
    const peer = await start({ advertise: ["https://peer.example:8443"] });
    expect(peer.urls).toEqual(["https://peer.example:8443"]);
  });
});
