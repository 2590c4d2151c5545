import { createCipheriv } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import {
  type Clock,
  type DownloadEvent,
  type DownloadResult,
  type Manifest,
  createSourceList,
  download,
  manifestOf,
  systemClock,
} from "@panal/sdk";
import { createFileStore, createNodePeerSource, nodeHashBlocks } from "@panal/sdk/node";
import type { GetManifestResponse } from "@panal/sdk/proto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStage } from "./support/processes.ts";
import {
  type Script,
  type ScriptedPeer,
  answerHonestly,
  endOf,
  envelope,
  message,
  openStream,
  startScriptedPeer,
} from "./support/scripted-peer.ts";

const MIB = 1024 * 1024;
const LENGTH = 12 * MIB + 777;
/** So much faster time runs for the engine, whose patience is ten seconds. */
const HASTE = 10;
const hastyClock: Clock = {
  now: () => systemClock.now() * HASTE,
  sleep: (ms, signal) => systemClock.sleep(ms / HASTE, signal),
};

let folder: string;
let bytes: Buffer;
let manifest: Manifest;
let targets = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "panal-bad-peers-"));
  bytes = createCipheriv("aes-128-ctr", Buffer.alloc(16, 5), Buffer.alloc(16)).update(Buffer.alloc(LENGTH));
  manifest = await manifestOf([bytes], LENGTH, nodeHashBlocks);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function flipped(data: Buffer): Buffer {
  const copy = Buffer.from(data);
  copy[data.length >> 1]! ^= 0x10;
  return copy;
}

/** What a bad peer does, and what people are told of it. */
const BAD: [string, NonNullable<Script["download"]>, { code: string; reason: RegExp }][] = [
  [
    "flips a bit",
    (exchange) => answerHonestly({ ...exchange, data: flipped(exchange.data) }),
    { code: "corrupt", reason: /^piece \d+: the bytes don't match their hash$/ },
  ],
  [
    "sends too little and says that this was all",
    (exchange) => answerHonestly({ ...exchange, data: exchange.data.subarray(0, 5000) }),
    { code: "protocol", reason: /^the stream ended after 5000 of \d+ bytes$/ },
  ],
  [
    "sends one byte too much",
    (exchange) => answerHonestly({ ...exchange, data: Buffer.concat([exchange.data, Buffer.alloc(1)]) }),
    { code: "protocol", reason: /^more than the \d+ bytes asked for$/ },
  ],
  [
    "sends all that was asked for, and then goes on without end",
    async ({ response, data, write }) => {
      openStream(response);
      for (let at = 0; at < data.length; at += MIB) await write(message(data.subarray(at, at + MIB)));
      while (await write(message(Buffer.alloc(64 * 1024)))) await wait(0);
    },
    { code: "protocol", reason: /^more than the \d+ bytes asked for$/ },
  ],
  [
    "sends noise without end",
    async ({ response, write }) => {
      openStream(response);
      while (await write(message(Buffer.alloc(64 * 1024, 7)))) await wait(0);
    },
    { code: "corrupt", reason: /^piece \d+: the bytes don't match their hash$/ },
  ],
  [
    "sends empty messages without end",
    async ({ response, write }) => {
      openStream(response);
      while (await write(Buffer.concat(Array.from({ length: 1000 }, () => envelope(0, 0))))) await wait(0);
    },
    { code: "timeout", reason: /^no byte for 10 s$/ },
  ],
  ["never answers", () => new Promise(() => {}), { code: "timeout", reason: /^no byte for 10 s$/ }],
  [
    "stops in the middle of a piece",
    async ({ response, data, write }) => {
      openStream(response);
      await write(message(data.subarray(0, 5000)));
    },
    { code: "timeout", reason: /^no byte for 10 s$/ },
  ],
  [
    "announces more bytes in its head than it sends",
    async ({ response, data }) => {
      openStream(response, { "content-length": "99999999" });
      response.write(message(data.subarray(0, 5000)), () => response.destroy());
    },
    { code: "unreachable", reason: /./ },
  ],
  [
    "announces fewer bytes in its head than it sends",
    async ({ response, data }) => {
      openStream(response, { "content-length": "4000" });
      response.end(message(data.subarray(0, 5000)));
    },
    { code: "unreachable", reason: /./ },
  ],
  [
    "announces a message of 4 GiB",
    async ({ response, write }) => {
      openStream(response);
      await write(envelope(0, 2 ** 32 - 1));
      while (await write(Buffer.alloc(64 * 1024))) await wait(0);
    },
    { code: "protocol", reason: /^a message of 4294967295 bytes is announced$/ },
  ],
  [
    "announces an end of 4 GiB",
    async ({ response, write }) => {
      openStream(response);
      await write(envelope(2, 2 ** 32 - 1));
    },
    { code: "protocol", reason: /^a message of 4294967295 bytes is announced$/ },
  ],
  [
    "sends frames that are none",
    async ({ response, data }) => {
      openStream(response);
      response.end(data);
    },
    { code: "protocol", reason: /message/ },
  ],
  [
    "sends a page instead of a stream",
    async ({ response }) => {
      response.writeHead(200, { "content-type": "text/html" }).end("<h1>Log in</h1>");
    },
    { code: "protocol", reason: /^content type "text\/html" instead of a stream$/ },
  ],
  [
    "ends with an error half-way",
    async ({ response, data, write }) => {
      openStream(response);
      await write(message(data.subarray(0, MIB / 2)));
      response.end(endOf({ error: { code: "aborted", message: "the file changed" } }));
    },
    { code: "changed", reason: /^the file changed$/ },
  ],
  [
    "breaks the connection half-way, each time",
    async ({ response, data }) => {
      openStream(response);
      response.write(message(data.subarray(0, MIB / 2)), () => response.destroy());
    },
    { code: "unreachable", reason: /./ },
  ],
  [
    "redirects",
    async ({ response }) => {
      response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
    },
    { code: "protocol", reason: /^HTTP 302 instead of a stream$/ },
  ],
  [
    "fails inside, each time",
    async ({ response }) => {
      response.writeHead(500).end();
    },
    { code: "unreachable", reason: /^HTTP 500$/ },
  ],
];

const WRONG_MANIFESTS: [string, (honest: GetManifestResponse) => GetManifestResponse, RegExp][] = [
  ["another length", (honest) => ({ ...honest, length: honest.length + 1n }), /length \d+ instead of \d+$/],
  ["another piece length", (honest) => ({ ...honest, pieceLength: 7 }), /piece length 7 instead of/],
  [
    "a piece layer of its own",
    (honest) => ({ ...honest, pieceLayer: honest.pieceLayer.map((byte, at) => (at === 9 ? ~byte : byte)) }),
    /layer does not lead to the pieces root$/,
  ],
  [
    "half of the piece layer",
    (honest) => ({ ...honest, pieceLayer: honest.pieceLayer.subarray(32) }),
    /piece layer of \d+ bytes instead of \d+$/,
  ],
  [
    "a manifest larger than any",
    (honest) => ({ ...honest, pieceLayer: new Uint8Array(5 * MIB) }),
    /^message size is larger than/,
  ],
];

type Fault = Extract<DownloadEvent, { type: "source-dropped" | "source-failed" }>;

const isFaultOfBad = (event: DownloadEvent): event is Fault =>
  (event.type === "source-dropped" || event.type === "source-failed") && event.sourceId === "bad";

interface BesideOptions {
  /** What the honest peer waits for before it answers; by default it doesn't wait. */
  honestAfter?: (event: DownloadEvent) => boolean;
}

/** Downloads from a bad peer and an honest one. */
async function downloadBeside(bad: Script, { honestAfter }: BesideOptions = {}) {
  const honestMay = Promise.withResolvers<void>();
  if (honestAfter === undefined) honestMay.resolve();
  const honest: Script = {
    download: (exchange) => honestMay.promise.then(() => answerHonestly(exchange)),
  };
  const peers: ScriptedPeer[] = [];
  for (const script of [bad, honest]) peers.push(await startScriptedPeer({ bytes, manifest }, script));
  const events: DownloadEvent[] = [];
  const path = join(folder, `target-${targets++}.bin`);
  try {
    const result = await download({
      fileId: manifest.fileId,
      sources: createSourceList(peers.map(({ url }, index) => sourceAt(url, index === 0 ? "bad" : "honest"))),
      store: createFileStore({ path }),
      hashBlocks: nodeHashBlocks,
      clock: hastyClock,
      random: () => 0.5,
      onEvent(event) {
        events.push(event);
        if (honestAfter?.(event)) honestMay.resolve();
      },
    });
    expect((await readFile(path)).equals(bytes)).toBe(true);
    return { events, result };
  } finally {
    await Promise.all(peers.map((peer) => peer.close()));
  }
}

function sourceAt(url: string, id: string) {
  return createNodePeerSource({ id, name: id, endpoints: [{ url, route: "direct" }] });
}

describe("a peer among others", () => {
  it.each(BAD)("that %s is found out, and the file comes whole", async (_what, script, expected) => {
    const isFoundOut = (event: DownloadEvent) => isFaultOfBad(event) && expected.reason.test(event.reason);
    const { events, result } = await downloadBeside({ download: script }, { honestAfter: isFoundOut });
    const told = events.find(isFoundOut);
    const isForGood = expected.code !== "timeout" && expected.code !== "unreachable";
    expect(told).toMatchObject(
      isForGood
        ? { type: "source-dropped", code: expected.code, isLying: expected.code === "corrupt" }
        : { type: "source-failed" },
    );
    const [bad, honest] = result.sources;
    if (isForGood) expect(bad!.reason).toMatch(expected.reason);
    expect(bad!.verifiedBytes + honest!.verifiedBytes).toBe(LENGTH);
    expect(result.sources.filter(({ state }) => state === "dropped")).toHaveLength(isForGood ? 1 : 0);
  });

  it("that sends a byte a second is overtaken", async () => {
    const { events, result } = await downloadBeside({
      async download({ response, data, write }) {
        openStream(response);
        await write(envelope(0, 5 + MIB));
        await write(Buffer.from([0x0a, 0x80, 0x80, 0x40]));
        for (const byte of data) {
          if (!(await write(Buffer.from([byte])))) return;
          await wait(1000 / HASTE);
        }
      },
    });
    expect(events.some(isFaultOfBad)).toBe(false);
    const [bad, honest] = result.sources;
    expect(bad!.wastedBytes.duplicate).toBeGreaterThan(0);
    expect(honest!.verifiedBytes).toBe(LENGTH);
    // By the engine's clock. Alone it would need days.
    expect(result.durationMs).toBeLessThan(60_000);
  });

  it.each(WRONG_MANIFESTS)(
    "whose manifest is wrong (%s) is found out before any byte of the file",
    async (_what, wrong, reason) => {
      const peer = await startScriptedPeer({ bytes, manifest }, { manifest: wrong });
      try {
        const signal = AbortSignal.timeout(10_000);
        const source = sourceAt(peer.url, "bad");
        await expect(source.manifest(manifest.fileId, { signal })).rejects.toThrow(reason);
      } finally {
        await peer.close();
      }
    },
  );
});

describe("the command line goes on without them, says why, and saves the file", () => {
  // Not those that keep it waiting for ten seconds, nor noise, which may be found out in two ways.
  const shown = BAD.filter(([what, , { code }]) => code !== "timeout" && what !== "sends noise without end");
  it.each<[string, { script: Script; reason: RegExp }[], (allFoundOut: Promise<void>) => Script]>([
    [
      "bad file data",
      shown.map(([, download, { reason }]) => ({ script: { download }, reason })),
      (allFoundOut) => ({ download: (exchange) => allFoundOut.then(() => answerHonestly(exchange)) }),
    ],
    [
      "wrong manifests",
      WRONG_MANIFESTS.map(([, wrong, reason]) => ({ script: { manifest: wrong }, reason })),
      (allFoundOut) => ({ manifest: (answer) => allFoundOut.then(() => answer) }),
    ],
  ])("%s", { timeout: 60_000 }, async (_what, bad, honestScript) => {
    const allFoundOut = Promise.withResolvers<void>();
    const file = { bytes, manifest };
    const honest = await startScriptedPeer(file, honestScript(allFoundOut.promise));
    const liars = await Promise.all(bad.map(({ script }) => startScriptedPeer(file, script)));
    const stage = await createStage();
    try {
      const urls = [...liars, honest].flatMap(({ url }) => ["--peer", url]);
      const child = stage.spawnCli(["download", manifest.fileId, ...urls, "-o", "saved.bin"]);
      let stderr = "";
      const linesAbout = ({ url }: ScriptedPeer) =>
        stderr.split("\n").filter((line) => line.includes(new URL(url).host));
      child.stderr?.on("data", (chunk) => {
        stderr += String(chunk);
        if (liars.every((liar) => linesAbout(liar).length > 0)) allFoundOut.resolve();
      });
      expect(await once(child, "close")).toEqual([0, null]);
      for (const [index, { reason }] of bad.entries()) {
        // Shown as a part of a sentence.
        const part = new RegExp(reason.source.replace(/^\^|\$$/g, ""));
        expect(linesAbout(liars[index]!).join("\n")).toMatch(part);
      }
      expect(stderr).toContain("every piece verified");
      expect((await readFile(join(stage.folder, "saved.bin"))).equals(bytes)).toBe(true);
      expect(await readdir(stage.folder)).toEqual(["saved.bin"]);
    } finally {
      await Promise.all([stage.close(), ...[honest, ...liars].map((peer) => peer.close())]);
    }
  });
});

it("--json tells who brought what, what came in vain, and why", { timeout: 60_000 }, async () => {
  const foundOut = Promise.withResolvers<void>();
  const file = { bytes, manifest };
  const liar = await startScriptedPeer(file, {
    async download(exchange) {
      await answerHonestly({ ...exchange, data: flipped(exchange.data) });
      foundOut.resolve();
    },
  });
  const honest = await startScriptedPeer(file, {
    download: (exchange) => foundOut.promise.then(() => answerHonestly(exchange)),
  });
  const stage = await createStage();
  try {
    const urls = [liar, honest].flatMap(({ url }) => ["--peer", url]);
    const args = ["download", manifest.fileId, ...urls, "-o", "saved.bin", "--json"];
    const { code, stdout } = await stage.runCli(args);
    expect(code).toBe(0);
    const { sources, fetchedBytes } = JSON.parse(stdout) as DownloadResult;
    expect(sources).toMatchObject([
      {
        name: new URL(liar.url).host,
        state: "dropped",
        reason: expect.stringMatching(/don't match their hash$/),
      },
      { name: new URL(honest.url).host, wastedBytes: { corrupt: 0 } },
    ]);
    expect(sources[0]!.wastedBytes.corrupt).toBeGreaterThan(0);
    const all = sources.flatMap(({ verifiedBytes, wastedBytes }) => [
      verifiedBytes,
      ...Object.values(wastedBytes),
    ]);
    expect(all.reduce((sum, count) => sum + count)).toBe(fetchedBytes);
  } finally {
    await Promise.all([stage.close(), liar.close(), honest.close()]);
  }
});
