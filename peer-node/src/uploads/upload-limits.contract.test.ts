import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { PieceSet } from "@panal/sdk";
import { afterEach, expect, it } from "vitest";
import { type TestPeer, startTestPeer } from "../testing/test-peer.ts";
import {
  UPLOAD_LENGTH,
  type UploadClient,
  begin,
  codeOf,
  putAll,
  upload,
  uploadClient,
  uploadSample,
} from "../testing/upload-client.ts";
import { EXPIRE_MS } from "./uploads.ts";

const MIB = 1024 * 1024;

let peer: TestPeer;
let nowMs = Date.UTC(2026, 0, 1);
afterEach(() => peer.close());

type Takes = NonNullable<NonNullable<Parameters<typeof startTestPeer>[1]>["takes"]>;

async function start(takes: Partial<Takes> = {}): Promise<UploadClient> {
  peer = await startTestPeer(
    {},
    {
      takes: { settings: { isOpen: true }, now: () => nowMs, ...takes },
    },
  );
  return uploadClient(peer.url);
}

const partsLeft = () => readdir(join(peer.root, "inbox/.panal-uploads"));

it("a second writer is told so, until the first has been silent for a while", async () => {
  const client = await start();
  const { manifest, content } = await uploadSample();
  const first = await begin(client, "a.bin", { manifest, writer: "first" });
  expect(await codeOf(begin(client, "a.bin", { manifest, writer: "second" }))).toBe("AlreadyExists");
  // The first one asks again, after a crash.
  expect((await begin(client, "a.bin", { manifest, writer: "first" })).uploadId).toBe(first.uploadId);
  await client.putPiece({ uploadId: first.uploadId, data: content.subarray(0, MIB) });
  nowMs += 15_000;
  const second = await begin(client, "a.bin", { manifest, writer: "second" });
  expect(PieceSet.fromBitmap(second.missing, 3).size).toBe(2);
  expect(await codeOf(client.putPiece({ uploadId: first.uploadId, data: content.subarray(0, MIB) }))).toBe(
    "NotFound",
  );
  await putAll(client, second.uploadId, content);
  expect((await client.commitUpload({ uploadId: second.uploadId })).path).toBe("inbox/a.bin");
});

it("quota: counts what is under way and what has come, for a day, and each file for something", async () => {
  const client = await start({ settings: { isOpen: true, quotaBytes: 3 * MIB } });
  const { manifest, content } = await uploadSample();
  await upload(client, "a.bin", { manifest, content });
  const other = await uploadSample(UPLOAD_LENGTH, 8);
  expect(await codeOf(begin(client, "b.bin", other))).toBe("ResourceExhausted");
  const small = await uploadSample(1, 9);
  expect(await codeOf(upload(client, "c.bin", small))).toBe("none");
  nowMs += 24 * 3600 * 1000;
  expect(await codeOf(begin(client, "b.bin", other))).toBe("none");
  expect(await codeOf(begin(client, "d.bin", await uploadSample(UPLOAD_LENGTH, 10)))).toBe(
    "ResourceExhausted",
  );
});

it("disk: what doesn't fit is refused before any byte, what is under way counted", async () => {
  const client = await start({ freeBytes: async () => 4 * MIB });
  const { manifest } = await uploadSample();
  expect(await codeOf(begin(client, "a.bin", { manifest }))).toBe("none");
  expect(await codeOf(begin(client, "b.bin", await uploadSample(UPLOAD_LENGTH, 8)))).toBe(
    "ResourceExhausted",
  );
});

it("of a million tiny files only so many can be begun at a time", async () => {
  const client = await start();
  const tiny = await uploadSample(1);
  let code = "none";
  let count = 0;
  for (; code === "none"; count++) code = await codeOf(begin(client, `tiny ${count}`, tiny));
  expect({ count, code }).toEqual({ count: 513, code: "Unavailable" });
  expect(await partsLeft()).toHaveLength(2 * 512);
});

it("what nobody goes on with is thrown away after a day", async () => {
  const client = await start({ now: Date.now });
  const { manifest } = await uploadSample();
  await begin(client, "a.bin", { manifest });
  await peer.uploads!.uploads.expire();
  expect(await partsLeft()).toHaveLength(2);
  nowMs = Date.now() + EXPIRE_MS + 60_000;
  await peer.close();
  const again = await start({});
  expect(await partsLeft()).toEqual([]);
  expect(await codeOf(begin(again, "a.bin", { manifest }))).toBe("none");
  nowMs += EXPIRE_MS;
  await peer.uploads!.uploads.expire();
  expect(await partsLeft()).toEqual([]);
});
