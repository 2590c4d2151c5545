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
});
