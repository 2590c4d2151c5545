import { PanalError } from "@panal/sdk";
import { describe, expect, it } from "vitest";
import type { LibraryStatus } from "../library/library.ts";
import { createShareReport } from "./share-report.ts";
import { createSpeedMeter, hashingLine } from "./share-progress.ts";

const MIB = 1024 * 1024;

function stage(columns: number | undefined) {
  const lines: string[] = [];
  const drawn: string[] = [];
  let nowMs = 0;
  const report = createShareReport({
    columns,
    line: (text) => lines.push(text),
    redraw: (text) => drawn.push(text),
    now: () => nowMs,
  });
  return {
    lines,
    drawn,
    report,
    tick(status: Partial<LibraryStatus>, afterMs = 200) {
      nowMs += afterMs;
      report.tick({
        fileCount: 0,
        totalSize: 0,
        isIndexing: status.hashing !== undefined,
        isStarting: false,
        hashing: undefined,
        skipped: new Map(),
        ...status,
      });
    },
  };
}

const half = { filesDone: 3, filesTotal: 10, bytesDone: 50 * MIB, bytesTotal: 100 * MIB };

describe("createShareReport()", () => {
  it("draws how far the hashing is over one line of a terminal", () => {
    const { tick, drawn, lines } = stage(100);
    tick({ hashing: { ...half, bytesDone: 0 } });
    tick({ hashing: half }, 1000);
    tick({ fileCount: 10, totalSize: 100 * MIB });
    expect(drawn[1]).toBe("██████████░░░░░░░░░░  3 of 10 files  50.0 MiB of 100.0 MiB  50.0 MiB/s  1 s left");
    expect(drawn.every((line) => line.length < 100 && !/[\r\n]/.test(line))).toBe(true);
    expect(drawn.at(-1)).toBe("");
    expect(lines).toEqual(["Ready: 10 files, 100.0 MiB."]);
  });

  it("keeps to one line of a narrow terminal", () => {
    const { tick, drawn } = stage(40);
    tick({ hashing: half });
    expect(drawn).toEqual(["██████████░░░░░░░░░░  3 of 10 files  5…"]);
  });

  it("writes a plain line from time to time without a terminal", () => {
    const { tick, drawn, lines } = stage(undefined);
    for (let second = 0; second < 25; second++) tick({ hashing: half }, 1000);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^Hashing: 3 of 10 files {2}50\.0 MiB of 100\.0 MiB/);
    expect(drawn).toEqual([]);
  });

  it("names what isn't shared, harmlessly, and not again until it changes", () => {
    const { tick, lines } = stage(undefined);
    const skipped = new Map([["a\u001b[31m\n.txt", "a link"]]);
    tick({ skipped });
    tick({ isIndexing: true, skipped });
    tick({ skipped });
    expect(lines).toEqual([
      "Ready: 0 files, 0 B.",
      "Not shared, 1 in the folder:",
      "  a\ufffd[31m\ufffd.txt: a link",
    ]);
  });

  it("says in sentences what happens", () => {
    const { report, lines } = stage(undefined);
    const error = new PanalError("unreachable", "tracker http://t: no connection");
    report.event({ type: "tracker", state: { type: "away", error } });
    report.event({ type: "tracker", state: { type: "registered", peerId: "p", isAgain: true } });
    report.event({ type: "tracker", state: { type: "address-taken", error, retryMs: 20_000 } });
    report.event({ type: "watch", state: { type: "polling", error } });
    report.event({ type: "root", state: { type: "lost", error } });
    expect(lines).toEqual([
      "Tracker http://t: no connection. Sharing goes on; it is tried again.",
      "Registered again at the tracker as p.",
      "Tracker http://t: no connection. Tried again in 20 s.",
      "The folder can't be watched (tracker http://t: no connection): it is looked at every half minute.",
      "The folder can't be read any more (tracker http://t: no connection): nothing is shared until it is back.",
    ]);
  });
});

describe("hashingLine()", () => {
  it("counts files when they are all empty", () => {
    const hashing = { filesDone: 1, filesTotal: 2, bytesDone: 0, bytesTotal: 0 };
    expect(hashingLine(hashing, { bytesPerSecond: 0, withBar: true })).toBe(
      "██████████░░░░░░░░░░  1 of 2 files  0 B of 0 B",
    );
  });
});

describe("createSpeedMeter()", () => {
  it("measures over the last seconds and begins anew with another batch", () => {
    const meter = createSpeedMeter();
    expect(meter.add(0, 0)).toBe(0);
    expect(meter.add(1000, 1000)).toBe(1000);
    expect(meter.add(1000, 20_000)).toBe(0);
    expect(meter.add(500, 21_000)).toBe(0);
    expect(meter.add(700, 21_100)).toBe(2000);
  });
});
