import type { DownloadEvent, SourceProgress } from "@panal/sdk";
import { describe, expect, it } from "vitest";
import { createDownloadReport, summaryOf } from "./download-report.ts";

const MIB = 1024 * 1024;

function source(options: Partial<SourceProgress> = {}): SourceProgress {
  return {
    sourceId: "a",
    name: "Ana",
    route: "direct",
    state: "active",
    verifiedBytes: 30 * MIB,
    verifiedBytesBy: { direct: 30 * MIB, gateway: 0, relay: 0 },
    wastedBytes: { corrupt: 0, failed: 0, duplicate: 0, cancelled: 0 },
    bytesPerSecond: 2 * MIB,
    failures: 0,
    ...options,
  };
}

function progress(verifiedBytes: number, sources = [source()]): DownloadEvent {
  return {
    type: "progress",
    progress: {
      length: 100 * MIB,
      verifiedBytes,
      resumedBytes: 0,
      bytesPerSecond: 2 * MIB,
      secondsLeft: 35,
      state: "running",
      sources,
    },
  };
}

function record(columns: number | undefined, rows = 24) {
  let text = "";
  const size = columns === undefined ? undefined : () => ({ columns, rows });
  const report = createDownloadReport("bees.mp4", { size, write: (part) => (text += part) });
  return { report, text: () => text };
}

describe("createDownloadReport()", () => {
  it("draws a bar and a line for each source, over what it drew before", () => {
    const { report, text } = record(80);
    report.event(progress(30 * MIB));
    expect(text()).toContain("bees.mp4  30.0 MiB of 100.0 MiB\n");
    expect(text()).toMatch(/█{9}░{21} {2}30 % {2}2\.0 MiB\/s {2}35 s left/);
    expect(text()).toMatch(/Ana +direct +30\.0 MiB +2\.0 MiB\/s/);
    report.event(progress(40 * MIB));
    expect(text()).toContain("\r\u001b[3A\u001b[J");
  });

  it("shows no more sources than fit on the screen, so that all of it can be drawn over", () => {
    const { report, text } = record(80, 6);
    report.event(
      progress(
        MIB,
        Array.from({ length: 9 }, (_, index) => source({ name: `peer ${index}` })),
      ),
    );
    expect(text().trimEnd().split("\n")).toHaveLength(5);
    report.event(progress(2 * MIB));
    expect(text()).toContain("\u001b[5A\u001b[J");
  });

  it("cuts its lines to the width of the terminal", () => {
    const { report, text } = record(30);
    report.event(progress(MIB));
    for (const line of text().split("\n")) expect(line.length).toBeLessThan(30);
  });

  it("writes only a few plain lines when nobody looks", () => {
    const { report, text } = record(undefined);
    for (let percent = 0; percent <= 100; percent++) report.event(progress(percent * MIB));
    expect(text().split("\n").filter(Boolean)).toHaveLength(9);
    expect(text()).not.toContain("\u001b");
  });

  it("tells once that a source fails, and again only after it has brought something", () => {
    const { report, text } = record(undefined);
    const failed: DownloadEvent = {
      type: "source-failed",
      sourceId: "a",
      name: "Ana",
      reason: "connection refused",
      retryInMs: 250,
    };
    report.event(failed);
    report.event(failed);
    report.event({ type: "piece-verified", pieceIndex: 0, sourceId: "a", bytes: 1 });
    report.event(failed);
    expect(text().match(/Ana stopped answering \(connection refused\)/g)).toHaveLength(2);
  });

  it("names a liar in a sentence", () => {
    const { report, text } = record(undefined);
    report.event({
      type: "source-dropped",
      sourceId: "l",
      name: "Leo\u001b[2J",
      code: "corrupt",
      reason: "piece 7: the bytes don't match their hash",
      isLying: true,
    });
    expect(text()).toMatch(/^Leo.* sent bytes that don't match the file \(piece 7/);
    expect(text()).not.toContain("\u001b");
  });
});

describe("summaryOf()", () => {
  it("tells who brought what and which way, and what was in vain and why", () => {
    const result = {
      length: 100 * MIB,
      resumedBytes: 40 * MIB,
      fetchedBytes: 62 * MIB + 1024,
      durationMs: 2_000,
      sources: [
        source({
          verifiedBytes: 60 * MIB,
          verifiedBytesBy: { direct: 42 * MIB, gateway: 18 * MIB, relay: 0 },
          wastedBytes: { corrupt: 0, failed: 1024, duplicate: MIB, cancelled: 0 },
        }),
        source({
          sourceId: "l",
          name: "Leo",
          verifiedBytes: 0,
          verifiedBytesBy: { direct: 0, gateway: 0, relay: 0 },
          wastedBytes: { corrupt: MIB, failed: 0, duplicate: 0, cancelled: 0 },
          state: "dropped",
          reason: "piece 7: the bytes don't match their hash",
        }),
        source({ sourceId: "i", name: "Idle", verifiedBytes: 0 }),
      ],
    };
    expect(summaryOf("out/bees.mp4", result).split("\n")).toEqual([
      "Saved out/bees.mp4: 100.0 MiB in 2 s (30.0 MiB/s), every piece verified.",
      "  40.0 MiB were there from before.",
      "  Ana (direct 42.0 MiB, gateway 18.0 MiB): 60.0 MiB; 1.0 KiB of pieces that broke off; 1.0 MiB that another peer brought sooner",
      "  Leo (direct): 0 B; 1.0 MiB that were wrong and were thrown away; dropped: piece 7: the bytes don't match their hash",
    ]);
  });
});
