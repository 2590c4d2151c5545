import { describe, expect, it } from "vitest";
import { parseFileId } from "../content/file-id.ts";
import { PanalError } from "../errors.ts";
import type { FileDetails } from "../tracker/api.ts";
import type { TrackerClient } from "../tracker/tracker-client.ts";
import type { Source } from "../transfer/source.ts";
import { createVirtualClock } from "../transfer/testing/index.ts";
import { followFileSources } from "./file-sources.ts";

const fileId = parseFileId(`${"ab".repeat(32)}-5`);

function details(...peers: [peerId: string, url: string][]): FileDetails {
  return {
    fileId,
    size: 5,
    kind: "other",
    names: [],
    peers: peers.map(([peerId, url]) => ({
      peerId,
      name: peerId,
      endpoints: [{ url, route: "direct" }],
      path: "a",
      mtime: "2026-01-01T00:00:00Z",
    })),
  };
}

/** A tracker that gives one answer after the other, five seconds apart, and repeats the last one. */
async function follow(...answers: (FileDetails | undefined | PanalError)[]) {
  return followWithout(undefined, ...answers);
}

async function followWithout(
  excluded: (() => string) | undefined,
  ...answers: (FileDetails | undefined | PanalError)[]
) {
  const clock = createVirtualClock();
  const stop = new AbortController();
  const log: string[] = [];
  let asked = 0;
  const tracker = {
    getFile: async () => {
      const answer = answers[Math.min(asked++, answers.length - 1)];
      if (answer instanceof PanalError) throw answer;
      return answer;
    },
  } as Partial<TrackerClient> as TrackerClient;
  const list = await followFileSources({
    fileId,
    tracker,
    clock,
    signal: stop.signal,
    createSource: ({ id, name, endpoints }) => ({ id, name, route: endpoints[0]!.route }) as Source,
    onTracker: ({ type }) => log.push(type),
    ...(excluded === undefined ? {} : { isExcluded: ({ peerId }) => peerId === excluded() }),
  });
  list.subscribe({ joined: ({ id }) => log.push(`+${id}`), left: (id) => log.push(`-${id}`) });
  return { clock, stop, log, list, asked: () => asked };
}

describe("followFileSources() and reports", () => {
  const known = { corrupt: 0, unreachable: 0 };
  /** What the tracker is told when both sources of a list turn out to be bad; "new" is one it takes reports about. */
  async function reportBoth({ reports }: { reports?: boolean } = {}, fail?: Error) {
    const told: string[] = [];
    const stop = new AbortController();
    const [old, fresh] = details(["old", "http://a"], ["new", "http://b"]).peers;
    const peers = [old!, { ...fresh!, reports: known }];
    const tracker = {
      getFile: async () => ({ ...details(), peers }),
      async reportSource(id, { peerId, reason }) {
        told.push(`${id === fileId} ${peerId} ${reason}`);
        if (fail !== undefined) throw fail;
        return known;
      },
    } as Partial<TrackerClient> as TrackerClient;
    const list = await followFileSources({
      fileId,
      tracker,
      clock: createVirtualClock(),
      signal: stop.signal,
      createSource: ({ id, name }) => ({ id, name, route: "direct" }) as Source,
      ...(reports === undefined ? {} : { reports }),
    });
    list.report({ sourceId: "new", reason: "corrupt" });
    list.report({ sourceId: "old", reason: "corrupt" });
    list.report({ sourceId: "http://named-by-hand", reason: "unreachable" });
    stop.abort();
    return told;
  }

  it("tells the tracker of bad peers it gave, unless it is too old to want that", async () => {
    expect(await reportBoth()).toEqual(["true new corrupt"]);
  });

  it("tells nothing when that isn't wanted, and a report that fails is nobody's business", async () => {
    expect(await reportBoth({ reports: false })).toEqual([]);
    expect(await reportBoth({}, new PanalError("busy", "too many reports"))).toHaveLength(1);
  });

  it("keeps a source whose peer is found reachable, or ordered otherwise", async () => {
    const [before] = details(["a", "http://a"]).peers;
    const [first, second] = [
      { url: "http://a", route: "direct" } as const,
      { url: "http://b", route: "direct", reachable: "yes", checkedAt: "2026-01-01T00:00:00Z" } as const,
    ];
    const as = (...endpoints: FileDetails["peers"][number]["endpoints"]): FileDetails => ({
      ...details(),
      peers: [{ ...before!, endpoints }],
    });
    const { clock, stop, log } = await follow(as(first, { ...second, reachable: "no" }), as(second, first));
    await clock.sleep(11_000);
    stop.abort();
    expect(log).toEqual([]);
  });
});

describe("followFileSources()", () => {
  it("starts with the peers that have the file", async () => {
    const { list, stop } = await follow(details(["a", "http://a"], ["b", "http://b"]));
    expect(list.sources.map(({ id }) => id)).toEqual(["a", "b"]);
    stop.abort();
  });

  it("adds who comes and removes who goes", async () => {
    const { clock, stop, log } = await follow(
      details(["a", "http://a"]),
      details(["b", "http://b"]),
      undefined,
    );
    await clock.sleep(11_000);
    stop.abort();
    expect(log).toEqual(["-a", "+b", "-b"]);
  });

  it("leaves out who is excluded, also one that is so only later", async () => {
    let self = "ana";
    const both = details(["ana", "http://10.0.0.1"], ["berta", "http://10.0.0.2"]);
    const { clock, list, log, stop } = await followWithout(() => self, both);
    expect(list.sources.map(({ id }) => id)).toEqual(["berta"]);
    self = "berta";
    await clock.sleep(6_000);
    expect(log).toEqual(["-berta", "+ana"]);
    stop.abort();
  });

  it("makes a new source of a peer that has moved, and leaves the others alone", async () => {
    const before = details(["a", "http://a"], ["b", "http://b"]);
    const { clock, stop, log } = await follow(before, details(["a", "http://a"], ["b", "http://c"]));
    await clock.sleep(6_000);
    stop.abort();
    expect(log).toEqual(["-b", "+b"]);
  });

  it("keeps the known ones while the tracker is away, and says so once", async () => {
    const away = new PanalError("unreachable", "no connection");
    const { clock, stop, log, list } = await follow(
      details(["a", "http://a"]),
      away,
      away,
      details(["a", "http://a"]),
    );
    await clock.sleep(21_000);
    stop.abort();
    expect(log).toEqual(["away", "back"]);
    expect(list.sources).toHaveLength(1);
  });

  it("asks no more once it is stopped", async () => {
    const { clock, stop, asked } = await follow(details(["a", "http://a"]));
    stop.abort();
    await clock.sleep(60_000);
    expect(asked()).toBe(1);
  });

  it("fails when nobody has the file at first, or the tracker doesn't answer", async () => {
    await expect(follow(undefined)).rejects.toMatchObject({ code: "not-found" });
    await expect(follow(new PanalError("unreachable", "no connection"))).rejects.toMatchObject({
      code: "unreachable",
    });
  });

  describe("with events", () => {
    /** What the stream of events does: tells something, or opens, or breaks off, each at its time. */
    type Step = [atMs: number, what: "open" | "closed" | "event" | "refused"];

    async function followEvents(steps: Step[], ...answers: (FileDetails | PanalError)[]) {
      const clock = createVirtualClock();
      const stop = new AbortController();
      const log: string[] = [];
      const askedAt: number[] = [];
      const tracker = {
        url: "http://tracker.test",
        getFile: async () => {
          askedAt.push(clock.now());
          const answer = answers[Math.min(askedAt.length, answers.length) - 1]!;
          if (answer instanceof PanalError) throw answer;
          return answer;
        },
      } as Partial<TrackerClient> as TrackerClient;
      const list = await followFileSources({
        fileId,
        tracker,
        clock,
        signal: stop.signal,
        createSource: ({ id, name }) => ({ id, name }) as Source,
        onTracker: ({ type }) => log.push(type),
        async *events(options) {
          expect(options).toMatchObject({ url: "http://tracker.test", fileId, signal: stop.signal });
          for (const [atMs, what] of steps) {
            await clock.sleep(atMs - clock.now(), options.signal);
            const error = new PanalError("unreachable", "no connection");
            if (what === "open") options.onConnection?.({ type: "open" });
            else if (what === "closed") options.onConnection?.({ type: "closed", error });
            else if (what === "refused") throw error;
            else yield { type: "peer-joined", peerId: "12345678", name: "n" };
          }
          await clock.sleep(Number.MAX_SAFE_INTEGER, options.signal);
        },
      });
      list.subscribe({ joined: ({ id }) => log.push(`+${id}`), left: (id) => log.push(`-${id}`) });
      return { clock, stop, log, askedAt };
    }

    const [ana, berta] = [details(["a", "http://a"]), details(["b", "http://b"])];

    it("asks at once when something happens, and seldom when nothing does", async () => {
      const { clock, stop, log, askedAt } = await followEvents(
        [
          [1_000, "open"],
          [10_000, "event"],
        ],
        ana,
        ana,
        berta,
      );
      await clock.sleep(75_000);
      stop.abort();
      expect(askedAt).toEqual([0, 1_000, 10_000, 40_000, 70_000]);
      expect(log).toEqual(["-a", "+b"]);
    });

    it("asks once for what happens together", async () => {
      const events = Array.from({ length: 20 }, (_, n): Step => [10_000 + n * 10, "event"]);
      const { clock, stop, askedAt } = await followEvents([[1_000, "open"], ...events], ana);
      await clock.sleep(20_000);
      stop.abort();
      expect(askedAt).toEqual([0, 1_000, 10_000, 10_500]);
    });

    it("asks as often as ever while the stream is broken, and once when it is back", async () => {
      const steps: Step[] = [
        [1_000, "open"],
        [2_000, "closed"],
        [14_000, "open"],
      ];
      const away = new PanalError("unreachable", "no connection");
      const { clock, stop, askedAt, log } = await followEvents(steps, ana, ana, away, away, ana);
      await clock.sleep(50_000);
      stop.abort();
      expect(askedAt).toEqual([0, 1_000, 2_000, 7_000, 12_000, 14_000, 44_000]);
      expect(log).toEqual(["away", "back"]);
    });

    it("asks as often as ever at a tracker that has no such stream", async () => {
      const { clock, stop, askedAt } = await followEvents([[10, "refused"]], ana);
      await clock.sleep(11_000);
      stop.abort();
      expect(askedAt).toEqual([0, 5_000, 10_000]);
    });

    it("asks no more once it is stopped, whatever happens", async () => {
      const steps: Step[] = [
        [1_000, "open"],
        [3_000, "event"],
      ];
      const { clock, stop, askedAt } = await followEvents(steps, ana);
      await clock.sleep(2_000);
      stop.abort();
      await clock.sleep(60_000);
      expect(askedAt).toEqual([0, 1_000]);
    });
  });
});
