import { expect, it } from "vitest";
import { equalBytes } from "../content/merkle.ts";
import { PanalError } from "../errors.ts";
import { createPauseSwitch } from "./pause-switch.ts";
import { type FakeUploadTarget, createFakeUploadTarget } from "./testing/fake-upload-target.ts";
import { createSampleFile } from "./testing/sample-file.ts";
import { createVirtualClock } from "./testing/virtual-clock.ts";
import { type UploadEvent, type UploadOptions, upload } from "./upload.ts";

const MIB = 1024 * 1024;
const LENGTH = 9 * MIB + 12_345;

async function send(targets: readonly FakeUploadTarget[], options: Partial<UploadOptions> = {}) {
  const { content, manifest } = await createSampleFile(LENGTH);
  const events: UploadEvent[] = [];
  const outcomes = await upload({
    path: "a/film.bin",
    manifest,
    modifiedMs: 0,
    writer: "w",
    source: { read: async ({ start, end }) => content.slice(start, end) },
    targets,
    clock: createVirtualClock(),
    random: () => 1,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { outcomes, events, content };
}

const target = (options: Partial<Parameters<typeof createFakeUploadTarget>[0]> = {}) =>
  createFakeUploadTarget({ id: "ana", length: LENGTH, ...options });

it("upload() sends a file to several targets, four parts of 4 MiB at most at a time", async () => {
  const targets = [target(), target({ id: "bea" })];
  const { outcomes, content } = await send(targets);
  expect(outcomes).toEqual([
    { targetId: "ana", name: "ana", sentBytes: LENGTH, state: "sent", path: "inbox/ana" },
    { targetId: "bea", name: "bea", sentBytes: LENGTH, state: "sent", path: "inbox/bea" },
  ]);
  for (const each of targets) {
    expect(equalBytes(each.content, content)).toBe(true);
    expect(Math.max(...each.parts)).toBe(4 * MIB);
    expect(each.largestParallel).toBe(3);
  }
});

it("upload() sends only what is missing, and nothing when all is there", async () => {
  const resumed = target({ have: [0, 1, 2, 5] });
  const whole = target({ id: "bea", thereAt: "films/film.bin" });
  const { outcomes, events } = await send([resumed, whole]);
  expect(outcomes).toMatchObject([
    { state: "sent", sentBytes: LENGTH - 4 * MIB },
    { state: "there", path: "films/film.bin", sentBytes: 0 },
  ]);
  expect(events[0]).toEqual({ type: "progress", targetId: "ana", bytes: 4 * MIB, resumedBytes: 4 * MIB });
});

it("upload() gives up what is another file by now, and doesn't take that for a broken connection", async () => {
  const broken = target({ fails: (call) => (call === "put" ? "unreachable" : undefined) });
  const checked: number[] = [];
  const { content } = await createSampleFile(LENGTH);
  const { outcomes, events } = await send([broken], {
    parallel: 1,
    source: {
      read: async ({ start, end }) => content.slice(start, end),
      check: async ({ start }) => {
        checked.push(start);
        // The first time it was the connection.
        if (checked.length === 2) throw new PanalError("changed", "it is another file");
      },
    },
  });
  expect(outcomes).toMatchObject([{ state: "failed", code: "changed", reason: "it is another file" }]);
  expect(checked).toEqual([0, 0]);
  expect(events.filter(({ type }) => type === "waiting")).toHaveLength(1);
});

it("upload() makes parts smaller until they get through", async () => {
  const narrow = target({ maxPartBytes: 900_000 });
  const { outcomes, content } = await send([narrow]);
  expect(outcomes).toMatchObject([{ state: "sent", sentBytes: LENGTH }]);
  expect(equalBytes(narrow.content, content)).toBe(true);
  // Half, a quarter, an eighth.
  expect(Math.max(...narrow.parts)).toBe(MIB / 2);
});

it("upload() makes parts smaller, too, where nobody says that they are too long, and the next file's are so at once", async () => {
  const narrow = target({ maxPartBytes: 900_000, tooLongCode: "unreachable" });
  const { outcomes, content } = await send([narrow]);
  expect(outcomes).toMatchObject([{ state: "sent", sentBytes: LENGTH }]);
  expect(equalBytes(narrow.content, content)).toBe(true);
  expect(Math.max(...narrow.parts)).toBe(MIB / 2);
  // Once more than it was halved: the first time it may be the line.
  expect(narrow.begins).toBe(5);
  await send([narrow]);
  expect(narrow.begins).toBe(6);
});

it("upload() doesn't make parts smaller for a target that answers nothing, nor ever so small", async () => {
  let isAway = true;
  const away = target({ fails: (call) => (isAway && call === "begin" ? "unreachable" : undefined) });
  await send([away], { onEvent: () => void (isAway = away.begins < 6) });
  expect(Math.max(...away.parts)).toBe(4 * MIB);
  const deaf = target({ maxPartBytes: 100_000, tooLongCode: "unreachable" });
  const { outcomes, events } = await send([deaf]);
  expect(outcomes).toMatchObject([{ state: "failed", code: "unreachable" }]);
  const waits = events.flatMap((event) => (event.type === "waiting" ? [event.retryInMs] : []));
  expect(waits.at(-1)).toBe(5000);
});

it("upload() gives up when not even a block gets through", async () => {
  const { outcomes } = await send([target({ maxPartBytes: 1000 })]);
  expect(outcomes).toMatchObject([{ state: "failed", code: "too-large" }]);
});

it.each(["unreachable", "timeout", "not-found"] as const)("upload() goes on after %s", async (code) => {
  let calls = 0;
  const away = target({ fails: () => (++calls === 3 || calls === 4 || calls === 6 ? code : undefined) });
  const { outcomes, events, content } = await send([away]);
  expect(outcomes).toMatchObject([{ state: "sent" }]);
  expect(equalBytes(away.content, content)).toBe(true);
  expect(away.begins).toBeGreaterThan(1);
  expect(events.filter(({ type }) => type === "waiting").length).toBe(away.begins - 1);
});

it("upload() asks again when what it sent isn't whole in the end", async () => {
  let commits = 0;
  const forgetful = target({
    fails: (call) => (call === "commit" && ++commits === 1 ? "invalid" : undefined),
  });
  expect((await send([forgetful])).outcomes).toMatchObject([{ state: "sent" }]);
  expect(forgetful.begins).toBe(2);
});

it("upload() gives a target up that takes nothing for two minutes, and goes on with the other", async () => {
  const clock = createVirtualClock();
  const gone = target({ fails: () => "unreachable" });
  const { outcomes } = await send([gone, target({ id: "bea" })], { clock });
  expect(outcomes).toMatchObject([{ state: "failed", code: "unreachable" }, { state: "sent" }]);
  expect(clock.now()).toBeGreaterThan(120_000);
  expect(clock.now()).toBeLessThan(130_000);
});

it.each([
  ["busy", 1],
  ["conflict", 1],
  ["unauthorized", 1],
  ["corrupt", 3],
] as const)("upload() doesn't insist after %s", async (code, begins) => {
  const refusing = target({
    fails: (call) => (call === (code === "corrupt" ? "put" : "begin") ? code : undefined),
  });
  const { outcomes } = await send([refusing]);
  expect(outcomes).toMatchObject([{ state: "failed", code }]);
  expect(refusing.begins).toBe(begins);
});

it("upload() fails when the file is not what it was", async () => {
  const source = { read: () => Promise.reject(new PanalError("changed", "it was changed")) };
  expect((await send([target()], { source })).outcomes).toMatchObject([{ state: "failed", code: "changed" }]);
});

it("upload() rests while it is paused", async () => {
  const pause = createPauseSwitch();
  const paused = target();
  const events: UploadEvent[] = [];
  const sending = send([paused], {
    pause,
    parallel: 1,
    onEvent(event) {
      events.push(event);
      if (event.type === "progress" && event.bytes === 4 * MIB) {
        pause.pause();
        // Whatever it would do, it would have done by then.
        setTimeout(() => {
          expect(paused.parts).toEqual([4 * MIB]);
          pause.resume();
        });
      }
    },
  });
  expect((await sending).outcomes).toMatchObject([{ state: "sent" }]);
  expect(paused.parts).toEqual([4 * MIB, 4 * MIB, LENGTH - 8 * MIB]);
});

it("upload() ends when it is stopped, also while it is paused", async () => {
  const pause = createPauseSwitch();
  pause.pause();
  const stop = new AbortController();
  const sending = send([target()], { pause, signal: stop.signal });
  stop.abort();
  await expect(sending).rejects.toMatchObject({ code: "aborted" });
});
