import { shortRegisterResponseSchema, shortSearchResponseSchema } from "@panal/sdk";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sampleFileId } from "../store/testing/sample-entries.ts";
import { type TestTracker, createTestTracker } from "../testing/test-tracker.ts";

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.close());

describe("short forms", () => {
  test("register with curl's Content-Type, search, log out", async () => {
    const registered = await tracker.call("/register", {
      body: JSON.stringify({
        port: 9000,
        files: ["a.txt", { name: "b.txt", size: 3, fileId: sampleFileId(3, 3) }],
      }),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(registered.status).toBe(201);
    const { peerId, lease, url } = shortRegisterResponseSchema.parse(registered.body);
    expect(url).toBe("http://127.0.0.1:9000");

    const a = await tracker.call("/search/A.TXT");
    expect(shortSearchResponseSchema.parse(a.body)).toEqual({
      filename: "A.TXT",
      peers: [{ peerId, name: "127.0.0.1:9000", ip: "127.0.0.1", port: 9000, url, fileId: null, size: null }],
    });
    const b = await tracker.call("/search/b.txt");
    expect(b.body.peers).toMatchObject([{ peerId, fileId: sampleFileId(3, 3), size: 3 }]);
    const found = (await tracker.call("/api/v1/files?q=txt")).body.files as { path: string }[];
    expect(found.map((file) => file.path)).toEqual(["b.txt"]);

    expect((await tracker.call("/logout", { method: "POST", lease })).status).toBe(204);
    expect((await tracker.call("/search/a.txt")).status).toBe(404);
    expect((await tracker.call("/logout", { method: "POST", lease })).status).toBe(401);
    expect((await tracker.call("/logout", { method: "POST" })).status).toBe(401);
  });

  test("a page that closes logs out with the lease in a text body", async () => {
    const { body } = await tracker.call("/register", { body: { port: 1, files: ["x"] } });
    const call = {
      body: JSON.stringify({ lease: body.lease }),
      headers: { "content-type": "text/plain;charset=UTF-8" },
    };
    expect((await tracker.call("/logout", call)).status).toBe(204);
    expect((await tracker.call("/search/x")).status).toBe(404);
  });

  test("they live by heartbeats like all others, and renew with their lease", async () => {
    const first = await tracker.call("/register", { body: { port: 1, files: ["x"] } });
    expect((await tracker.call("/register", { body: { port: 1, files: ["x"] } })).status).toBe(409);
    const { lease, peerId } = first.body;
    const again = await tracker.call("/register", { body: { port: 1, files: ["y"] }, lease });
    expect(again).toMatchObject({ status: 201, body: { peerId, lease } });
    expect((await tracker.call("/search/x")).status).toBe(404);
    expect((await tracker.call("/search/y")).status).toBe(200);
    await tracker.pass(25_001);
    expect((await tracker.call("/search/y")).status).toBe(404);
  });

  test.each([
    ["10.0.0.1", "10.0.0.1", 201],
    ["10.0.0.1", "10.0.0.2", 403],
    ["10.0.0.1", "127.0.0.1", 403],
    ["127.0.0.1", "10.0.0.2", 201],
    ["::ffff:10.0.0.1", "10.0.0.1", 201],
    ["fd00::1", "fd00:0::1", 201],
  ])("from %s, ip %s: %i", async (from, ip, status) => {
    expect((await tracker.call("/register", { body: { ip, port: 1 }, from })).status).toBe(status);
  });
});
