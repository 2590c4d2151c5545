import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type EventBus, type TrackerEvent, createEventBus } from "./events.ts";
import { type ManualClock, createManualClock } from "./testing/manual-clock.ts";

let clock: ManualClock;
let bus: EventBus;
beforeEach(() => {
  clock = createManualClock();
  bus = createEventBus({ clock });
});
afterEach(() => bus.close());

function peer(peerId: string): TrackerEvent {
  return { type: "peer-joined", peerId, name: peerId, isLocalOnly: false };
}

/** Watches; gives what has come whenever it is asked. */
function watch(lastEventId?: string) {
  const body = bus.watch({
    includeLocalOnly: false,
    findHolders: async () => ({ peerIds: [], areAll: true }),
    signal: new AbortController().signal,
    lastEventId,
  })!;
  const watcher = { text: "", ended: false };
  const reading = (async () => {
    for await (const chunk of body) watcher.text += Buffer.from(chunk).toString();
    watcher.ended = true;
  })();
  reading.catch(() => {});
  return {
    watcher,
    /** The events that have come, by their peers. */
    async events(): Promise<string[]> {
      await clock.pass(0);
      return Array.from(
        watcher.text.matchAll(/^(?:event: (resync)|data: .*"peerId":"(.*?)")/gm),
        ([, resync, peerId]) => resync ?? peerId!,
      );
    },
    async lastId(): Promise<string> {
      await clock.pass(0);
      return watcher.text.match(/(?<=^id: ).+$/gm)!.at(-1)!;
    },
  };
}

describe("a log that others write to, too", () => {
  const logged = (...peerIds: string[]) =>
    peerIds.map((peerId, index) => ({ seq: 41 + index, event: peer(peerId) }));

  test("gives its numbers to all, so that a client goes on at another replica", async () => {
    const replica = createEventBus({ clock });
    for (const each of [bus, replica]) each.adopt({ log: "shared", events: logged("a"), lastSeq: 41 });
    const first = watch();
    bus.receive(logged("a", "b").slice(1));
    const id = await first.lastId();
    expect(id).toBe("shared.42");
    replica.receive(logged("a", "b", "c").slice(1));
    bus.close();
    bus = replica;
    expect(await watch(id).events()).toEqual(["c"]);
    expect(await watch("shared.40").events()).toEqual(["a", "b", "c"]);
  });

  test("is read before a client is served that knows more, or before it is known at all", async () => {
    const reads: string[] = [];
    bus = createEventBus({
      clock,
      readLog: async () => {
        reads.push("read");
        if (reads.length === 1) bus.adopt({ log: "shared", events: [], lastSeq: 41 });
        else bus.receive(logged("a", "b").slice(1));
      },
    });
    await bus.reach(undefined);
    expect(reads.length).toBe(0);
    await bus.reach("shared.41");
    expect(reads.length).toBe(1);
    await bus.reach("shared.41");
    await bus.reach("other.99");
    expect(reads.length).toBe(1);
    await bus.reach("shared.42");
    expect(reads.length).toBe(2);
    expect(await watch("shared.42").events()).toEqual([]);
    expect(await watch("shared.43").events()).toEqual(["resync"]);
  });

  test("that some of is lost makes everybody look anew", async () => {
    bus.adopt({ log: "shared", events: logged("a"), lastSeq: 41 });
    const watcher = watch();
    await watcher.events();
    bus.receive([{ seq: 50, event: peer("z") }]);
    await clock.pass(100);
    expect(await watcher.events()).toEqual(["resync"]);
  });

  test("that takes the place of another ends the streams", async () => {
    const watcher = watch();
    await watcher.events();
    bus.adopt({ log: "shared", events: [], lastSeq: 7 });
    await watcher.events();
    expect(watcher.watcher.ended).toBe(true);
  });
});
