import { expect, it } from "vitest";
import { isMetered } from "./network.ts";

it.each([
  [undefined, false],
  [{}, false],
  [{ saveData: false, type: "wifi" }, false],
  [{ saveData: true }, true],
  [{ type: "cellular" }, true],
])("isMetered() of %j is %s", (network, expected) => {
  expect(isMetered(network)).toBe(expected);
});
