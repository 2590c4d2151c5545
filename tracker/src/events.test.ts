import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HolderFinder } from "./event-filters.ts";
import { type EventBus, type TrackerEvent, type WatchOptions, createEventBus } from "./events.ts";
import { sampleFileId } from "./store/testing/sample-entries.ts";
import { type ManualClock, createManualClock } from "./testing/manual-clock.ts";

let clock: ManualClock;
let bus: EventBus;
beforeEach(() => {
  clock = createManualClock();
  bus = createEventBus({ clock });
});
afterEach(() => bus.close());

const nobody: HolderFinder = async () => ({ peerIds: [], areAll: true });
const FILE = sampleFileId(1);
const OTHER_FILE = sampleFileId(2);

function open(options: Partial<WatchOptions> = {}) {
  const stop = new AbortController();
  const body = bus.watch({
    includeLocalOnly: false,
    findHolders: nobody,
    signal: stop.signal,
    ...options,
  });
  return { body, stop };
}

/** Watches, and reads what is there whenever it is asked to. */
function watch(options: Partial<WatchOptions> = {}) {
  const { body, stop } = open(options);
  const reader = body!.getReader();
  let ended = false;
  let chunks: Uint8Array[] = [];
  let pending: ReturnType<typeof reader.read> | undefined;
  async function read(): Promise<void> {
    for (;;) {
      pending ??= reader.read();
      const result = await Promise.race([pending, clock.pass(0)]);
      if (result === undefined) return;
      pending = undefined;
      if (result.done) ended = true;
      if (result.done) return;
      chunks.push(result.value);
    }
  }
  return {
    stop,
    /** What has come since the last time. */
    async chunks(): Promise<Uint8Array[]> {
      await read();
      const come = chunks;
      chunks = [];
      return come;
    },
    async text(): Promise<string> {
      return Buffer.concat(await this.chunks()).toString();
    },
    /** The names of the events that have come, and the peers they are of. */
    async events(): Promise<string[]> {
      const text = await this.text();
      return text.split("\n\n").flatMap((message) => {
        const type = /^event: (.+)$/m.exec(message)?.[1];
        return type === undefined ? [] : [`${type} ${/"peerId":"(.*?)"/.exec(message)?.[1] ?? ""}`.trim()];
      });
    },
    get ended() {
      return ended;
    },
    cancel: () => reader.cancel(),
  };
}

function peer(peerId: string, more: Partial<TrackerEvent> = {}): TrackerEvent {
  return { type: "peer-joined", peerId, name: peerId, isLocalOnly: false, ...more };
}

function files(peerId: string, more: Partial<TrackerEvent> = {}): TrackerEvent {
  return peer(peerId, { type: "files-changed", revision: 1, fileCount: 1, ...more });
}

/** Emits, and lets it be sent. */
async function emit(...events: TrackerEvent[]): Promise<void> {
  for (const event of events) bus.emit(event);
  await clock.pass(100);
}

const idOf = (text: string) =>
  text
    .match(/^id: (.+)$/gm)!
    .at(-1)!
    .slice("id: ".length);

describe("watch()", () => {
  test("sends an event at once after a silence, and what follows together", async () => {
    const watcher = watch();
    expect(await watcher.text()).toMatch(/^: hello\nid: \S+\n\n$/);
    bus.emit(peer("a"));
    expect(await watcher.events()).toEqual(["peer-joined a"]);
    bus.emit(peer("b"));
    bus.emit(peer("c"));
    expect(await watcher.events()).toEqual([]);
    await clock.pass(100);
    const chunks = await watcher.chunks();
    expect(chunks.length).toBe(1);
    expect(Buffer.from(chunks[0]!).toString()).toMatch(/"peerId":"b"[^]*"peerId":"c"/);
  });

  test("writes an event out once for all", async () => {
    const all = [watch(), watch()];
    for (const watcher of all) await watcher.text();
    bus.emit(peer("a"));
    const [first, second] = [await all[0]!.chunks(), await all[1]!.chunks()];
    expect(first.length).toBe(1);
    expect(first[0]).toBe(second[0]);
  });

  test("puts several together once for all who get the same", async () => {
    const [one, two, filtered] = [watch(), watch(), watch({ q: "winter" })];
    for (const watcher of [one, two, filtered]) await watcher.text();
    const summer = { added: [{ path: "summer.txt", fileId: FILE }], removed: [] };
    bus.emit(files("a"));
    bus.emit(files("b", summer));
    const [first, second, third] = [await one.chunks(), await two.chunks(), await filtered.text()];
    expect(first.length).toBe(1);
    expect(first[0]).toBe(second[0]);
    expect(Buffer.from(first[0]!).toString()).toContain("summer");
    expect(third).toContain('"peerId":"a"');
    expect(third).not.toContain("summer");
  });

  test("shows peers of the tracker's own machine only there", async () => {
    const [remote, local] = [watch(), watch({ includeLocalOnly: true })];
    await emit(peer("hidden", { isLocalOnly: true }), peer("seen"));
    expect(await remote.events()).toEqual(["peer-joined seen"]);
    expect(await local.events()).toEqual(["peer-joined hidden", "peer-joined seen"]);
    const again = watch({ lastEventId: "0" });
    expect(await again.text()).not.toContain("hidden");
  });

  test("gives signs of life to all from one timer, with the id to come back with", async () => {
    const all = Array.from({ length: 50 }, () => watch());
    await emit(peer("a"));
    const lastId = idOf(await all[0]!.text());
    expect(clock.sleeperCount).toBe(1);
    await clock.pass(15_000);
    for (const watcher of all.slice(1)) expect(await watcher.text()).toContain(": still here\n");
    expect(await all[0]!.text()).toBe(`: still here\nid: ${lastId}\n\n`);
    for (const { stop } of all) stop.abort();
    await clock.pass(0);
    expect(clock.sleeperCount).toBe(0);
  });

  test("ends with its signal, with its reader, and with the tracker", async () => {
    const [one, two, three] = [watch(), watch(), watch()];
    one!.stop.abort();
    await one!.text();
    expect(one!.ended).toBe(true);
    await two!.cancel();
    expect(bus.listenerCount).toBe(1);
    bus.close();
    await three!.text();
    expect(three!.ended).toBe(true);
    expect(bus.listenerCount).toBe(0);
    expect(open().body).toBeUndefined();
    bus.emit(peer("a"));
  });

  test("has an end to their number", () => {
    const all = Array.from({ length: 10_000 }, () => open());
    expect(all.every(({ body }) => body !== undefined)).toBe(true);
    expect(open().body).toBeUndefined();
    all[0]!.stop.abort();
    expect(open().body).toBeDefined();
  });
});

describe("a client that comes back", () => {
  test("goes on after the last event it saw", async () => {
    const watcher = watch();
    await emit(peer("a"));
    const lastEventId = idOf(await watcher.text());
    await watcher.cancel();
    await emit(peer("b"), peer("c"));
    const again = watch({ lastEventId });
    expect(await again.events()).toEqual(["peer-joined b", "peer-joined c"]);
    await emit(peer("d"));
    expect(await again.events()).toEqual(["peer-joined d"]);
  });

  test("goes on also when it got nothing but a greeting", async () => {
    const watcher = watch();
    const lastEventId = idOf(await watcher.text());
    await watcher.cancel();
    await emit(peer("a"));
    expect(await watch({ lastEventId }).events()).toEqual(["peer-joined a"]);
  });

  test("is told to look anew when too much has happened", async () => {
    const watcher = watch();
    const lastEventId = idOf(await watcher.text());
    for (let n = 0; n < 1_025; n++) bus.emit(peer("a"));
    expect(await watch({ lastEventId }).events()).toEqual(["resync"]);
  });

  test.each(["", "x", "another-run.3", "..1", "1", "9".repeat(40), "\u{1f41d}"])(
    "is told to look anew when it names %j",
    async (lastEventId) => {
      await emit(peer("a"));
      const again = watch({ lastEventId });
      expect(await again.events()).toEqual(["resync"]);
      await emit(peer("b"));
      expect(await again.events()).toEqual(["peer-joined b"]);
    },
  );

  test("is told to look anew when it names an event that is yet to come", async () => {
    const watcher = watch();
    const next = idOf(await watcher.text()).replace(/\d+$/, "7");
    expect(await watch({ lastEventId: next }).events()).toEqual(["resync"]);
  });
});

describe("a slow client", () => {
  test("costs no more than its queue, is told so, and goes on", async () => {
    const watcher = watch();
    const added = Array.from({ length: 50 }, (_, n) => ({ path: `${n}`.repeat(20), fileId: FILE }));
    for (let n = 0; n < 40; n++) await emit(files("a", { added, removed: [] }));
    const text = await watcher.text();
    expect(text.length).toBeGreaterThan(30_000);
    expect(text.length).toBeLessThan(64 * 1024 + 200);
    expect(text.match(/event: resync/g)).toHaveLength(1);
    expect(text.trimEnd().endsWith("event: resync\ndata: {}")).toBe(true);
    await emit(peer("b"));
    expect(await watcher.events()).toEqual(["peer-joined b"]);
  });

  test("is told to look anew when more happens at once than is kept", async () => {
    const watcher = watch();
    await watcher.text();
    for (let n = 0; n < 2_000; n++) bus.emit(peer("a"));
    expect(await watcher.events()).toEqual(["resync"]);
  });
});

describe("an event", () => {
  test("names files as long as they are few and short", async () => {
    const watcher = watch();
    await emit(files("a", { added: [{ path: "a.txt", fileId: FILE }], removed: ["b.txt"] }));
    expect(await watcher.text()).toContain(
      `data: {"peerId":"a","name":"a","revision":1,"fileCount":1,"added":[{"path":"a.txt","fileId":"${FILE}"}],"removed":["b.txt"]}\n\n`,
    );
    await emit(files("a", { added: [], removed: Array.from({ length: 101 }, (_, n) => `${n}`) }));
    await emit(files("a", { added: [], removed: Array.from({ length: 50 }, () => "x".repeat(400)) }));
    const text = await watcher.text();
    expect(text.match(/"fileCount":1}\n/g)).toHaveLength(2);
  });

  test("is one line of data, whatever a name has in it", async () => {
    const watcher = watch();
    await watcher.text();
    await emit(peer("a", { name: "x\n\nevent: resync\r\ndata: {}" }));
    expect(await watcher.events()).toEqual(["peer-joined a"]);
  });
});

describe("a filter by file id", () => {
  const holders: HolderFinder = async () => ({ peerIds: ["has"], areAll: true });

  test("lets through what concerns its holders, and who gets it", async () => {
    const watcher = watch({ fileId: FILE, findHolders: holders });
    await watcher.text();
    await emit(peer("has"), peer("hasn't"));
    expect(await watcher.events()).toEqual(["peer-joined has"]);
    await emit(files("hasn't", { added: [{ path: "x", fileId: OTHER_FILE }], removed: [] }));
    await emit(files("has", { added: [], removed: ["x"] }));
    expect(await watcher.events()).toEqual(["files-changed has"]);
    await emit(files("gets", { added: [{ path: "x", fileId: FILE }], removed: [] }));
    await emit(peer("gets", { type: "peer-left" }));
    expect(await watcher.events()).toEqual(["files-changed gets", "peer-left gets"]);
    // Of a new list nobody knows what is in it.
    await emit(files("may have"), peer("may have", { type: "peer-left" }));
    expect(await watcher.events()).toEqual(["files-changed may have", "peer-left may have"]);
  });

  test.each<[string, HolderFinder]>([
    ["can't be found out", () => Promise.reject(new Error("no store"))],
    ["isn't known yet", () => new Promise(() => {})],
    ["isn't known of all", async () => ({ peerIds: ["has"], areAll: false })],
  ])("lets everything through while who has it %s", async (_why, findHolders) => {
    const watcher = watch({ fileId: FILE, findHolders });
    await watcher.text();
    await emit(peer("a"));
    expect(await watcher.events()).toEqual(["peer-joined a"]);
  });

  test("asks once for all who watch the same file, and again when nobody did meanwhile", async () => {
    let asked = 0;
    const findHolders: HolderFinder = async () => ({ peerIds: [`${asked++}`], areAll: true });
    const first = watch({ fileId: FILE, findHolders });
    const second = watch({ fileId: FILE, findHolders });
    first.stop.abort();
    await emit(peer("0"));
    expect(await second.events()).toEqual(["peer-joined 0"]);
    expect(asked).toBe(1);
    second.stop.abort();
    watch({ fileId: FILE, findHolders });
    expect(asked).toBe(2);
  });
});

describe("a filter by words", () => {
  test("lets through changes of paths that match, and every peer that comes or goes", async () => {
    const watcher = watch({ q: "Bées wi" });
    await watcher.text();
    const changes: [string, TrackerEvent][] = [
      ["other", files("other", { added: [{ path: "bees/summer.txt", fileId: FILE }], removed: [] })],
      ["added", files("added", { added: [{ path: "BEES/Winter.txt", fileId: FILE }], removed: [] })],
      ["removed", files("removed", { added: [], removed: ["of bees/winter.txt"] })],
      ["whole", files("whole")],
      ["peer", peer("peer", { type: "peer-left" })],
    ];
    await emit(...changes.map(([, event]) => event));
    expect((await watcher.events()).map((text) => text.split(" ")[1])).toEqual([
      "added",
      "removed",
      "whole",
      "peer",
    ]);
  });

  test.each<[q: string, paths: string[]]>([
    ["kind:video", ["bees/winter.mkv"]],
    ["winter -bees", ["notes winter.txt"]],
    ["ext:txt size:<1k", []],
    ["ext:txt size:>1k", ["notes winter.txt"]],
    [`${OTHER_FILE} winter`, []],
    ["peer:somebody winter", ["bees/winter.mkv", "notes winter.txt"]],
    ["peer:nobody winter", []],
  ])("lets through what a search for %j finds", async (q, paths) => {
    const watcher = watch({ q });
    await watcher.text();
    for (const path of ["bees/winter.mkv", "notes winter.txt", "bees/summer.jpg"]) {
      const fileId = sampleFileId(1, 2_000);
      await emit(
        files(path.replaceAll(" ", "_"), { name: "Somebody", added: [{ path, fileId }], removed: [] }),
      );
    }
    const seen = (await watcher.events()).map((text) => text.split(" ")[1]);
    expect(seen).toEqual(paths.map((path) => path.replaceAll(" ", "_")));
  });

  test("lets through what went when only more than a path could tell", async () => {
    const watcher = watch({ q: "winter size:>1G" });
    await watcher.text();
    await emit(
      files("a", { added: [], removed: ["winter.txt"] }),
      files("b", { added: [], removed: ["summer"] }),
    );
    expect(await watcher.events()).toEqual(["files-changed a"]);
  });

  test("and by file id lets through what passes both", async () => {
    const watcher = watch({ q: "bees", fileId: FILE });
    await watcher.text();
    await emit(
      files("a", { added: [{ path: "bees", fileId: OTHER_FILE }], removed: [] }),
      files("b", { added: [{ path: "bees", fileId: FILE }], removed: [] }),
      files("c", { added: [{ path: "wasps", fileId: FILE }], removed: [] }),
    );
    expect(await watcher.events()).toEqual(["files-changed b"]);
  });
});
