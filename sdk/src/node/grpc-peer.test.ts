import { once } from "node:events";
import { type ServerHttp2Session, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PeerService } from "../gen/panal/v1/peer_pb.ts";
import { createNodeGrpcPeerClient } from "./grpc-peer.ts";

const MIB = 1024 * 1024;

const sessions: ServerHttp2Session[] = [];
const server = createServer(
  connectNodeAdapter({
    routes: (router) =>
      router.service(PeerService, {
        getPeer: () => ({ name: "Bee" }),
        async *downloadFile() {
          // More than the default windows take before anybody reads.
          for (let message = 0; message < 8; message++) yield { data: new Uint8Array(MIB) };
        },
      }),
  }),
);
server.on("session", (session) => sessions.push(session));

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(async () => {
  for (const session of sessions) session.destroy();
  server.close();
  await once(server, "close");
});

test("createNodeGrpcPeerClient() opens the windows of the connection and of its streams", async () => {
  const client = createNodeGrpcPeerClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  expect((await client.getPeer({})).name).toBe("Bee");
  const [session] = sessions;
  // By the time a ping comes back, all that was sent before it is here.
  await new Promise((resolve) => session!.ping(resolve));
  expect(session!.remoteSettings.initialWindowSize).toBe(4 * MIB);
  // The answer to getPeer, a few bytes, has been taken off.
  expect(session!.state.remoteWindowSize).toBeGreaterThan(16 * MIB - 1024);
  expect(session!.state.remoteWindowSize).toBeLessThanOrEqual(16 * MIB);
});

test("createNodeGrpcPeerClient() reads a stream over the one connection", async () => {
  const client = createNodeGrpcPeerClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const before = sessions.length;
  let total = 0;
  for await (const { data } of client.downloadFile({ fileId: "any" })) total += data.length;
  expect(total).toBe(8 * MIB);
  await client.getPeer({});
  expect(sessions.length).toBe(before + 1);
});
