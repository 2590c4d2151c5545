import { describe, expect, test } from "vitest";
import {
  MAX_ROOM_BYTES,
  MAX_WINDOW_BYTES,
  MIN_WINDOW_BYTES,
  createPushWindow,
  createRoom,
} from "./push-window.ts";

const createWholeRoom = () => createRoom(MAX_ROOM_BYTES, () => {});

function createScene(room = createWholeRoom()) {
  let time = 0;
  const window = createPushWindow({ room, now: () => time });
  let taken = 0;
  return {
    window,
    /** The reader takes so many bytes, in chunks that take so long each. */
    read(bytes: number, msPerChunk: number) {
      for (let left = bytes; left > 0; left -= 64 * 1024) {
        time += msPerChunk;
        window.took(64 * 1024);
        taken += 64 * 1024;
      }
    },
    ahead: () => window.grantedBytes - taken,
  };
}

describe("createPushWindow()", () => {
  test("begins small, and grows for a reader that is quick, up to the most", () => {
    const { window, read, ahead } = createScene();
    expect(window.grantedBytes).toBe(MIN_WINDOW_BYTES);
    read(4 * MAX_WINDOW_BYTES, 0);
    expect(ahead()).toBeLessThanOrEqual(MAX_WINDOW_BYTES);
    expect(ahead()).toBeGreaterThan((MAX_WINDOW_BYTES * 3) / 4 - 1);
  });

  test("gets small again for one that has become slow, and never takes back what was granted", () => {
    const { window, read, ahead } = createScene();
    read(4 * MAX_WINDOW_BYTES, 0);
    const granted = window.grantedBytes;
    read(8 * MAX_WINDOW_BYTES, 2_000);
    expect(window.grantedBytes).toBeGreaterThanOrEqual(granted);
    expect(ahead()).toBeLessThanOrEqual(MIN_WINDOW_BYTES);
  });

  test("stays at the least while others have all the room, which comes back when they end", () => {
    const room = createWholeRoom();
    const others = Array.from({ length: 12 }, () => createScene(room));
    for (const { read } of others) read(4 * MAX_WINDOW_BYTES, 0);
    const sum = others.reduce((bytes, { ahead }) => bytes + ahead(), 0);
    expect(sum).toBeLessThanOrEqual(MAX_ROOM_BYTES + 12 * MIN_WINDOW_BYTES);
    for (const { window } of others) window.close();
    const last = createScene(room);
    last.read(4 * MAX_WINDOW_BYTES, 0);
    expect(last.ahead()).toBeGreaterThan(MAX_WINDOW_BYTES / 2);
  });

  test("grants in steps that are worth a push", () => {
    const { window } = createScene();
    expect(window.took(1000)).toBe(false);
    expect(window.took(MIN_WINDOW_BYTES / 4)).toBe(true);
  });
});
