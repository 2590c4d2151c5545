import { describe, expect, it } from "vitest";
import { saveWays } from "./save-ways.ts";

const all = { canPick: true, hasStorage: true, canStream: true, lengthBytes: 10, freeBytes: 10 };

describe("saveWays()", () => {
  it.each([
    ["a picked file, where there is a picker", {}, ["picked"]],
    ["the browser's storage else, and straight", { canPick: false }, ["browser", "stream"]],
    ["straight first without the room", { canPick: false, freeBytes: 9 }, ["stream", "browser"]],
    ["its storage, if it doesn't say", { canPick: false, freeBytes: undefined }, ["browser", "stream"]],
    ["storage only without a service worker", { canPick: false, canStream: false }, ["browser"]],
    ["straight only without storage", { canPick: false, hasStorage: false }, ["stream"]],
    ["nothing on an insecure page", { canPick: false, hasStorage: false, canStream: false }, []],
  ])("is %s", (_what, change, ways) => expect(saveWays({ ...all, ...change })).toEqual(ways));
});
