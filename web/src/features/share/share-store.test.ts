import { describe, expect, it } from "vitest";
import {
  NOTHING_SHARED,
  type RootRequest,
  type SharedRoot,
  type SharingState,
} from "../../sharing/sharing-api.ts";
import { type KeptRoot, createShareStore } from "./share-store.ts";

type Permission = "granted" | "denied";

function handle(name: string, permission: Permission = "granted"): FileSystemFileHandle {
  const self = {
    kind: "file",
    name,
    isSameEntry: async (other: FileSystemHandle) => other.name === name,
    requestPermission: async () => permission,
  };
  return self as unknown as FileSystemFileHandle;
}

const request = (id: string, of = handle(id)): RootRequest => ({
  id,
  name: of.name,
  kind: "file",
  source: { type: "handle", handle: of },
});

const root = (id: string, tabId = "tab") => ({ id, tabId, name: id, kind: "file" }) as SharedRoot;
const sharingOf = (...roots: SharedRoot[]): SharingState => ({ ...NOTHING_SHARED, roots, lease: "secret" });

async function setUp({ kept = [], startsAs }: { kept?: KeptRoot[]; startsAs?: "other-tab" | "crash" } = {}) {
  const database = new Map(kept.map((each) => [each.id, each]));
  const calls: string[] = [];
  let tell: (state: SharingState) => void = () => {};
  let crash = () => {};
  const store = createShareStore({
    tabId: "tab",
    async start(listener, onCrash) {
      [tell, crash] = [listener, onCrash];
      if (startsAs === "other-tab") return undefined;
      if (startsAs === "crash") throw new TypeError("no worker");
      return {
        add: async (roots, name) => void calls.push(`add ${roots.map(({ id }) => id).join(" ")} as ${name}`),
        remove: async (id) => void calls.push(`remove ${id}`),
        stop: async () => void calls.push("stop"),
        leave: async () => void calls.push("leave"),
      };
    },
    kept: {
      list: async () => [...database.values()],
      keep: async (each) => void database.set(each.id, each),
      forget: async (id) => void database.delete(id),
    },
    sendLogout: (lease) => calls.push(`logout ${lease}`),
  });
  await new Promise(setImmediate);
  return { store, calls, database, tell: (state: SharingState) => tell(state), crash: () => crash() };
}

const keptIds = ({ kept }: { kept: readonly KeptRoot[] }) => kept.map(({ id }) => id);

describe("createShareStore()", () => {
  it("keeps what has a handle, and offers it only while it isn't shared", async () => {
    const { store, calls, database, tell } = await setUp();
    const files = [{ path: "b", file: new File([], "b") }];
    await store.add(
      [request("a"), { id: "b", name: "b", kind: "file", source: { type: "files", files } }],
      "Ana",
    );
    expect(calls).toEqual(["add a b as Ana"]);
    expect([...database.keys()]).toEqual(["a"]);
    tell(sharingOf(root("a"), root("b")));
    expect(keptIds(store.state())).toEqual([]);
    tell(NOTHING_SHARED);
    expect(keptIds(store.state())).toEqual(["a"]);
  });

  it("shares again what the browser may still read, and says when that isn't all", async () => {
    const kept = [
      { id: "a", handle: handle("a") },
      { id: "b", handle: handle("b", "denied") },
    ];
    const { store, calls } = await setUp({ kept });
    expect(keptIds(store.state())).toEqual(["a", "b"]);
    await store.resume("Ana");
    expect(calls).toEqual(["add a as Ana"]);
    expect(store.state().problem).toBe("refused");
  });

  it("offers what is picked once more only once, and shares it as the one that is known", async () => {
    const { store, calls, database } = await setUp({ kept: [{ id: "old", handle: handle("rose.txt") }] });
    await store.add([request("new", handle("rose.txt"))], "Ana");
    expect([...database.keys()]).toEqual(["old"]);
    expect(calls).toEqual(["add old as Ana"]);
  });

  it("forgets what is stopped, and all that is kept when asked", async () => {
    const { store, calls, database, tell } = await setUp({ kept: [{ id: "old", handle: handle("old") }] });
    await store.add([request("a"), request("b")], "Ana");
    tell(sharingOf(root("a"), root("b")));
    await store.remove("a");
    expect([...database.keys()]).toEqual(["old", "b"]);
    await store.stop();
    expect([...database.keys()]).toEqual(["old"]);
    expect(calls.slice(1)).toEqual(["remove a", "stop"]);
    await store.forgetKept();
    expect(database.size).toBe(0);
  });

  it("a page that closes logs the peer out, unless another tab shares too", async () => {
    const { store, calls, tell } = await setUp();
    tell(sharingOf(root("a"), root("b", "another")));
    store.leave();
    tell(sharingOf(root("a")));
    store.leave();
    tell(NOTHING_SHARED);
    store.leave();
    await new Promise(setImmediate);
    expect(calls.filter((call) => call !== "leave")).toEqual(["logout secret"]);
    expect(calls.filter((call) => call === "leave")).toHaveLength(3);
  });

  it("says why nothing can be shared", async () => {
    const otherTab = await setUp({ startsAs: "other-tab" });
    expect(otherTab.store.state().problem).toBe("other-tab");
    await otherTab.store.add([request("a")], "Ana");
    expect(otherTab.database.size).toBe(0);
    expect((await setUp({ startsAs: "crash" })).store.state().problem).toBe("worker");
    const crashing = await setUp();
    crashing.crash();
    expect(crashing.store.state().problem).toBe("worker");
  });
});
