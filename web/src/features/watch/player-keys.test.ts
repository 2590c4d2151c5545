import { expect, it } from "vitest";
import { actionOfKey, speedAfter } from "./player-keys.ts";

it.each([
  [" ", { type: "toggle" }],
  ["ArrowLeft", { type: "seekBy", seconds: -5 }],
  ["l", { type: "seekBy", seconds: 10 }],
  ["7", { type: "seekTo", fraction: 0.7 }],
  [">", { type: "speedBy", steps: 1 }],
  ["x", undefined],
  ["Escape", undefined],
  ["/", undefined],
])("actionOfKey(%j)", (key, action) => {
  expect(actionOfKey(key)).toEqual(action);
});

it.each([
  [1, 1, 1.25],
  [2, 1, 2],
  [0.5, -1, 0.5],
  [3, -1, 1.5],
])("speedAfter(%d, %d) is %d", (current, steps, speed) => {
  expect(speedAfter(current, steps)).toBe(speed);
});
