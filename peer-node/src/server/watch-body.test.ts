import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchBody } from "./watch-body.ts";

const MIB = 1024 * 1024;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A request whose body is on its way, by HTTP/1.1; the socket's own limit for what is idle has no part in it. */
function scene(isUpload: boolean, headers: Record<string, string>) {
  const response = new EventEmitter();
  const request = Object.assign(new EventEmitter(), {
    httpVersionMajor: 1,
    method: "POST",
    headers,
    complete: false,
    isDestroyed: false,
    setTimeout: () => {},
    resume: () => {},
    destroy() {
      request.isDestroyed = true;
    },
  });
  watchBody(request as unknown as IncomingMessage, response as unknown as ServerResponse, { isUpload });
  return { request, response };
}

test("a call without file data has half a minute", () => {
  const { request } = scene(false, { "content-length": "4096" });
  vi.advanceTimersByTime(29_999);
  expect(request.isDestroyed).toBe(false);
  vi.advanceTimersByTime(1);
  expect(request.isDestroyed).toBe(true);
});

test("a part of an upload may be slow, but not a byte now and then", () => {
  const { request } = scene(true, { "content-length": String(4 * MIB) });
  vi.advanceTimersByTime(30_000 + 511_999);
  expect(request.isDestroyed).toBe(false);
  vi.advanceTimersByTime(1);
  expect(request.isDestroyed).toBe(true);
});

test("what has come as a whole isn't ended, however long its answer takes", () => {
  const { request } = scene(true, { "content-length": String(4 * MIB) });
  request.complete = true;
  vi.advanceTimersByTime(3_600_000);
  expect(request.isDestroyed).toBe(false);
});

test("a stream of any length has all the time it needs", () => {
  const unknown = scene(true, {});
  const long = scene(true, { "content-length": String(2 ** 50) });
  vi.advanceTimersByTime(24 * 3_600_000);
  expect([unknown.request.isDestroyed, long.request.isDestroyed]).toEqual([false, false]);
});

test("what still comes after an early answer has half a minute", () => {
  const { request, response } = scene(true, { "content-length": String(4 * MIB) });
  response.emit("finish");
  vi.advanceTimersByTime(30_000);
  expect(request.isDestroyed).toBe(true);
});
