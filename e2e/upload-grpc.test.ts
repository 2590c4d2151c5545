import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestPeer, startTestPeer } from "../peer-node/src/testing/test-peer.ts";
import { findPython } from "../scripts/find-python.ts";
import { createGrpcJsClient } from "./support/grpc-js-client.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";

// Clients others wrote, which send a file in one stream.

const MIB = 1024 * 1024;
const LENGTH = 9 * MIB + 4321;

const run = promisify(execFile);

let peer: TestPeer;
let code: string;
let file: string;
let digest: string;
beforeAll(async () => {
  peer = await startTestPeer({}, { takes: { settings: {} } });
  code = peer.uploads!.code!;
  file = join(peer.outside, "bees.bin");
  digest = await writeSampleFile(file, LENGTH);
});
afterAll(() => peer.close());

it("grpcio sends a file, and is refused without the code", async () => {
  const script = fileURLToPath(new URL("support/grpcio-upload.py", import.meta.url));
  const send = async (given: string, path: string) => {
    const { stdout } = await run(findPython(), [script, new URL(peer.url).host, given, file, path]);
    return JSON.parse(stdout) as object;
  };
  expect(await send("wrong", "a.bin")).toEqual({ code: "UNAUTHENTICATED" });
  expect(await send(code, "../a.bin")).toEqual({ code: "INVALID_ARGUMENT" });
  expect(await send(code, "python/bees.bin")).toMatchObject({ path: "inbox/python/bees.bin" });
  expect(await sha256Of(join(peer.root, "inbox/python/bees.bin"))).toBe(digest);
});

it("@grpc/grpc-js sends a file, and is refused without the code", async () => {
  const stranger = createGrpcJsClient(peer.url, "panal.v1.PeerService");
  const client = createGrpcJsClient(peer.url, "panal.v1.PeerService", { "panal-upload-code": code });
  const content = await readFile(file);
  const messages = (path: string) => [
    { header: { path, length: LENGTH } },
    ...Array.from({ length: Math.ceil(LENGTH / MIB) }, (_, index) => ({
      data: content.subarray(index * MIB, (index + 1) * MIB),
    })),
  ];
  await expect(stranger.send("UploadFile", messages("js.bin"))).rejects.toMatchObject({ code: 16 });
  expect(await client.send("UploadFile", messages("js.bin"))).toMatchObject({ path: "inbox/js.bin" });
  expect(await sha256Of(join(peer.root, "inbox/js.bin"))).toBe(digest);
  await expect(
    client.send("UploadFile", [{ header: { path: "short.bin", length: LENGTH } }]),
  ).rejects.toMatchObject({ code: 3 });
  for (const each of [stranger, client]) each.close();
});
