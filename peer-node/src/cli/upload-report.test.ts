import type { UploadOutcome, UploadTarget } from "@panal/sdk";
import { expect, it } from "vitest";
import { createUploadReport, uploadSummary } from "./upload-report.ts";

const MIB = 1024 * 1024;
const FILE = { file: "/files/bees.mp4", path: "bees.mp4", size: 100 * MIB };

function record() {
  let text = "";
  let nowMs = 0;
  const target = { id: "a", name: "Ana", route: "direct" as UploadTarget["route"] };
  const report = createUploadReport({
    files: [FILE],
    targets: [target],
    screen: { size: () => ({ columns: 100, rows: 24 }), write: (part) => (text += part) },
    now: () => (nowMs += 1_000),
  });
  const progress = (bytes: number) =>
    report.event(FILE, { type: "progress", targetId: "a", bytes, resumedBytes: 0 });
  return { report, target, progress, text: () => text };
}

const sent: UploadOutcome = {
  targetId: "a",
  name: "Ana",
  sentBytes: 100 * MIB,
  state: "sent",
  path: "inbox/bees.mp4",
};

function summary(waysTo: (targetId: string) => string): string {
  return uploadSummary([{ file: FILE, outcome: sent }], { durationMs: 10_000, waysTo });
}

it("createUploadReport() shows the way a target turned out to be reached by", () => {
  const { target, progress, text } = record();
  target.route = "gateway";
  progress(0);
  expect(text()).toMatch(/Ana +gateway +0 B/);
});

it("createUploadReport() counts bytes for the way they went, also when it changes midway", () => {
  const { report, target, progress } = record();
  expect(report.waysTo("a")).toBe("");
  progress(0);
  progress(40 * MIB);
  expect(summary(report.waysTo)).toMatch(/^Ana \(direct\): 1 file sent, 100\.0 MiB in 10 s/);
  target.route = "gateway";
  progress(100 * MIB);
  report.event(FILE, { type: "finished", outcome: sent });
  expect(summary(report.waysTo)).toMatch(/^Ana \(direct 40\.0 MiB, gateway 60\.0 MiB\): 1 file sent/);
});

it("uploadSummary() names no way where nothing was sent", () => {
  expect(summary(() => "")).toMatch(/^Ana: 1 file sent/);
});
