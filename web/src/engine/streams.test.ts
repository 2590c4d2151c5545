import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { fileIdOf } from "@panal/sdk/content";
import { createStreams } from "./streams.ts";

const save = { id: "x", lengthBytes: 10, name: "all.zip" };
/** Browsers end a service worker that heard nothing for so long. */
const IDLE_MS = 30_000;

let told: unknown[];
let ask: (data: unknown, ports?: MessagePort[]) => void;
beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  vi.stubGlobal("navigator", {
    serviceWorker: {
      controller: { postMessage: (message: unknown) => told.push(message) },
      addEventListener(_type: string, listener: (event: unknown) => void) {
        ask = (data, ports = []) => listener({ data, ports });
      },
      startMessages() {},
    },
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function createWith(engine: object) {
  return createStreams({ engine: engine as never, scriptUrl: "/service-worker.js" });
}

/** What the service worker hears in the time after which it would be ended. */
function heardInIdleTime(): unknown[] {
  told = [];
  vi.advanceTimersByTime(IDLE_MS - 1);
  return told;
}

it("createStreams() keeps the service worker alive for as long as something is saved, and no longer", () => {
  const streams = createWith({});
  expect(heardInIdleTime()).toEqual([]);
  expect(streams.urlOfSave(save)).toBe("/save/x/10/all.zip");
  // An hour.
  for (let times = 0; times < 120; times++) expect(heardInIdleTime()).toContainEqual({ type: "keep-alive" });
  streams.endSave("x");
  expect(heardInIdleTime()).toEqual([]);
});

it("createStreams() keeps it alive while it waits for bytes, however long no peer has them", async () => {
  const reading = Promise.withResolvers<void>();
  createWith({ read: () => reading.promise });
  const { port1 } = new MessageChannel();
  const fileId = fileIdOf(new Uint8Array(32), 10);
  ask({ type: "read", fileId, start: 0, end: 10 }, [port1]);
  expect(heardInIdleTime()).toContainEqual({ type: "keep-alive" });
  reading.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(heardInIdleTime()).toEqual([]);
  port1.close();
});

it("createStreams() ends in the engine what nobody takes any more", () => {
  const cancelled: string[] = [];
  createWith({ cancelSave: async (id: string) => void cancelled.push(id) });
  ask({ type: "cancel-save", id: "x" });
  expect(cancelled).toEqual(["x"]);
});
