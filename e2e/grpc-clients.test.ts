import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestPeer } from "../peer-node/src/testing/test-peer.ts";
import { findPython } from "../scripts/find-python.ts";
import { type GrpcJsClient, createGrpcJsClient } from "./support/grpc-js-client.ts";
import { type Stage, type Started, announced, createStage } from "./support/processes.ts";
import { writeSampleFile } from "./support/sample-file.ts";

// Clients others wrote, against a peer as it is: what its address alone has to be enough for.

const MIB = 1024 * 1024;
const LENGTH = 5 * MIB + 4321;
const UNKNOWN = `${"ab".repeat(32)}-5`;
const PEER_SERVICE = "panal.v1.PeerService";

const run = promisify(execFile);

let stage: Stage;
let peer: Started;
let fileId: string;
let sha256: string;
beforeAll(async () => {
  stage = await createStage();
  const share = join(stage.folder, "share");
  await mkdir(share);
  sha256 = await writeSampleFile(join(share, "bees.bin"), LENGTH);
  const tracker = await stage.startTracker();
  peer = await stage.startPeer({ share, trackerUrl: tracker.url, name: "Bee" });
  fileId = await announced(tracker.url, "bees", 1);
});
afterAll(() => stage.close());

/** What each client must be told, word for word. */
const REFUSALS = [
  {
    what: "a malformed id",
    request: () => ({ fileId: "ñ, 100%" }),
    number: 3,
    code: "INVALID_ARGUMENT",
    message: () => 'file_id: expected 64 hexadecimal digits, "-" and a length up to 2 TiB, got "ñ, 100%"',
  },
  {
    what: "a file that isn't here",
    request: () => ({ fileId: UNKNOWN }),
    number: 5,
    code: "NOT_FOUND",
    message: () => `${UNKNOWN}: no such file here`,
  },
  {
    what: "a range past the end",
    request: () => ({ fileId, offset: LENGTH, length: 1 }),
    number: 11,
    code: "OUT_OF_RANGE",
    message: () => `${fileId}: bytes ${LENGTH} to ${LENGTH + 1} of ${LENGTH}`,
  },
];

describe("buf curl, which learns everything from the peer", () => {
  const buf = fileURLToPath(new URL("../node_modules/.bin/buf", import.meta.url));
  const plain = ["curl", "--protocol", "grpc", "--http2-prior-knowledge"];
  const curl = async (method: string, request: object, ...options: string[]) => {
    const args = [...plain, ...options, "--data", JSON.stringify(request), `${peer.url}/${method}`];
    const { stdout } = await run(buf, args, { maxBuffer: 64 * MIB });
    // One JSON value for each message.
    return stdout
      .trim()
      .split(/\n(?=\{)/)
      .map((text) => JSON.parse(text) as Record<string, string>);
  };

  it.each(["grpc-v1", "grpc-v1alpha"])("lists the services by %s", async (version) => {
    const { stdout } = await run(buf, [...plain, "--reflect-protocol", version, "--list-services", peer.url]);
    expect(stdout.trim().split("\n")).toEqual([
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
      PEER_SERVICE,
    ]);
  });

  it("asks who the peer is, and whether it is well", async () => {
    expect(await curl(`${PEER_SERVICE}/GetPeer`, {}, "--reflect-protocol", "grpc-v1")).toMatchObject([
      { name: "Bee", fileCount: "1", totalSize: String(LENGTH) },
    ]);
    expect(await curl("grpc.health.v1.Health/Check", { service: PEER_SERVICE })).toEqual([
      { status: "SERVING" },
    ]);
  });

  it("downloads the file", async () => {
    const messages = await curl(`${PEER_SERVICE}/DownloadFile`, { fileId });
    const bytes = Buffer.concat(messages.map(({ data = "" }) => Buffer.from(data, "base64")));
    expect(sha256OfBytes(bytes)).toBe(sha256);
  });

  it.each(REFUSALS)("is told of $what", async ({ request, code, message }) => {
    const error = await curl(`${PEER_SERVICE}/DownloadFile`, request()).catch((failure: unknown) => failure);
    const { stderr } = error as { stderr: string };
    expect(JSON.parse(stderr)).toEqual({ code: code.toLowerCase(), message: message() });
  });
});

describe("@grpc/grpc-js", () => {
  let client: GrpcJsClient;
  beforeAll(() => {
    client = createGrpcJsClient(peer.url, PEER_SERVICE);
  });
  afterAll(() => client.close());

  it("reads the manifest", async () => {
    const manifest = await client.call<{ length: number; pieceLayer: Buffer }>("GetManifest", { fileId });
    expect(manifest).toMatchObject({ fileId, length: LENGTH, pieceLength: MIB });
    expect(manifest.pieceLayer).toHaveLength(6 * 32);
  });

  it("downloads the file", async () => {
    const hash = createHash("sha256");
    for await (const { data } of client.stream<{ data: Buffer }>("DownloadFile", { fileId }))
      hash.update(data);
    expect(hash.digest("hex")).toBe(sha256);
  });

  it.each(REFUSALS)("is told of $what", async ({ request, number, message }) => {
    const stream = client.stream<{ data: Buffer }>("DownloadFile", request());
    await expect(Array.fromAsync(stream)).rejects.toMatchObject({ code: number, details: message() });
  });

  it("is told the same by calls of one answer", async () => {
    const [{ number, message, request }] = REFUSALS as [(typeof REFUSALS)[number]];
    const call = client.call("GetManifest", request());
    await expect(call).rejects.toMatchObject({ code: number, details: message() });
  });

  it("checks and watches health until the peer stops", async () => {
    const share = join(stage.folder, "share-of-another");
    await mkdir(share);
    await writeFile(join(share, "a.txt"), "a");
    const tracker = await stage.startTracker({ args: ["--data", ":memory:"] });
    const another = await stage.startPeer({ share, trackerUrl: tracker.url, name: "Short" });
    const health = createGrpcJsClient(another.url, "grpc.health.v1.Health");
    try {
      expect(await health.call("Check", {})).toEqual({ status: "SERVING" });
      await expect(health.call("Check", { service: "no.Such" })).rejects.toMatchObject({ code: 5 });
      const seen: string[] = [];
      const watch = health.stream<{ status: string }>("Watch", { service: PEER_SERVICE });
      let stopped: Promise<void> | undefined;
      watch.on("data", ({ status }) => {
        seen.push(status);
        // A watcher doesn't keep it from stopping in good order.
        stopped ??= another.stop("SIGTERM");
      });
      await once(watch, "end");
      expect(seen).toEqual(["SERVING", "NOT_SERVING"]);
      await stopped;
      expect(another.child.exitCode).toBe(0);
    } finally {
      health.close();
    }
  });
});

describe("Python's grpcio", () => {
  const script = fileURLToPath(new URL("support/grpcio-client.py", import.meta.url));
  const python = async (url: string, requests: readonly object[]) => {
    const args = [script, new URL(url).host, JSON.stringify(requests)];
    return JSON.parse((await run(findPython(), args)).stdout) as object[];
  };

  it("downloads the file and parts of it, and is told of what can't be had", async () => {
    const lastByte = (await readFile(join(stage.folder, "share", "bees.bin"))).subarray(-1);
    const outcomes = await python(peer.url, [
      { fileId },
      { fileId, offset: LENGTH - 1, length: 1 },
      ...REFUSALS.map(({ request }) => request()),
    ]);
    expect(outcomes).toEqual([
      { sha256, length: LENGTH },
      { sha256: sha256OfBytes(lastByte), length: 1 },
      ...REFUSALS.map(({ code, message }) => ({ code, details: message() })),
    ]);
  });

  it("frees its place when it stops reading midway", async () => {
    const bytes = new Uint8Array(64 * MIB);
    const own = await startTestPeer({ "large.bin": bytes, "a.txt": "a" }, { maxClients: 1 });
    try {
      const idOf = (path: string) => [...own.library.all()].find((file) => file.path === path)!.fileId;
      const small = { fileId: idOf("a.txt"), waits: true };
      const large = { fileId: idOf("large.bin"), leaves: true, waits: true };
      const sha256OfA = sha256OfBytes(Buffer.from("a"));
      expect(await python(own.url, [large, small, large, small])).toEqual([
        { left: true },
        { sha256: sha256OfA, length: 1 },
        { left: true },
        { sha256: sha256OfA, length: 1 },
      ]);
    } finally {
      await own.close();
    }
  });
});

function sha256OfBytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
