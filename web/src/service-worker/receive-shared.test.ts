import type { KeptUpload } from "@panal/sdk/browser";
import { describe, expect, it } from "vitest";
import { isReceived, MAX_RECEIVED, receiveShared } from "./receive-shared.ts";

const URL_OF_IT = "http://tracker.test/receive";

function setUp(before: readonly KeptUpload[] = []) {
  const records = new Map(before.map((record) => [record.id, record]));
  let count = 0;
  const deps = {
    list: async () => [...records.values()],
    keep: async (record: KeptUpload) => void records.set(record.id, record),
    forget: async (id: string) => void records.delete(id),
    newId: () => `id ${++count}`,
  };
  return { records, deps };
}

function posted(...names: string[]): Request {
  const body = new FormData();
  for (const name of names) body.append("files", new File([`of ${name}`], name, { lastModified: 7 }));
  return new Request(URL_OF_IT, { method: "POST", body });
}

const recordOf = (id: string, peerId: string | undefined): KeptUpload => ({
  id,
  peerId,
  name: id,
  kind: "file",
  files: [],
});

describe("receiveShared()", () => {
  it("keeps each file, for no peer yet, and leads to the peers", async () => {
    const { records, deps } = setUp();
    const answer = await receiveShared(posted("rose.jpg", "carp.jpg"), deps);
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/p"]);
    expect([...records.values()]).toMatchObject([
      {
        id: "id 1",
        peerId: undefined,
        name: "rose.jpg",
        kind: "file",
        files: [{ path: "rose.jpg", size: 11 }],
      },
      { id: "id 2", name: "carp.jpg" },
    ]);
    expect(await records.get("id 1")?.files[0]?.file?.text()).toBe("of rose.jpg");
  });

  it("puts them in the place of what nobody sent, and leaves what is on its way", async () => {
    const { records, deps } = setUp([recordOf("left", undefined), recordOf("going", "ana")]);
    await receiveShared(posted("rose.jpg"), deps);
    expect([...records.keys()]).toEqual(["going", "id 1"]);
  });

  it("keeps so many and no more", async () => {
    const { records, deps } = setUp();
    await receiveShared(posted(...Array.from({ length: MAX_RECEIVED + 5 }, (_, index) => `${index}`)), deps);
    expect(records.size).toBe(MAX_RECEIVED);
  });

  it("says when there is no room, or it is no form", async () => {
    const { deps } = setUp();
    const full = { ...deps, keep: () => Promise.reject(new DOMException("full", "QuotaExceededError")) };
    const notes = [
      await receiveShared(posted("rose.jpg"), full),
      await receiveShared(new Request(URL_OF_IT, { method: "POST", body: "x" }), deps),
    ];
    expect(notes.map(({ headers }) => headers.get("location"))).toEqual([
      "/p?received=failed",
      "/p?received=failed",
    ]);
  });
});

it.each([
  ["POST", URL_OF_IT, true],
  ["GET", URL_OF_IT, false],
  ["POST", "http://tracker.test/register", false],
  ["POST", "http://tracker.test/receive/more", false],
])("isReceived() of %s %s", (method, url, expected) => {
  expect(isReceived({ method, url })).toBe(expected);
});
