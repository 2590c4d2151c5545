import { describe, expect, it } from "vitest";
import { chooseStore, type SaveAbilities } from "./choose-store.ts";

const handle = { name: "a.bin" } as FileSystemFileHandle;

/** `tookMs` passes while the picker is asked. */
function abilities(
  options: Partial<SaveAbilities> & { error?: Error; tookMs?: number; losesFocus?: boolean },
): SaveAbilities {
  let nowMs = 0;
  const { error, tookMs = 0, losesFocus = false, ...rest } = options;
  return {
    hasBrowserStorage: true,
    watchFocus: () => () => losesFocus,
    now: () => nowMs,
    pickFile: async () => {
      nowMs += tookMs;
      if (error !== undefined) throw error;
      return handle;
    },
    ...rest,
  };
}

const aborted = new DOMException("The user aborted a request.", "AbortError");
const forbidden = new DOMException("no", "SecurityError");

describe("chooseStore()", () => {
  it("takes the picked file and suggests a safe name", async () => {
    let suggested = "";
    const choice = await chooseStore("../CON.txt", {
      ...abilities({}),
      pickFile: async ({ suggestedName }) => {
        suggested = suggestedName;
        return handle;
      },
    });
    expect(choice).toEqual({ type: "picked", handle });
    expect(suggested).toBe("_CON.txt");
  });

  it.each([
    ["lost the focus", { error: aborted, losesFocus: true, tookMs: 300 }],
    ["was open for a while", { error: aborted, tookMs: 2500 }],
  ])("is cancelled when the dialog %s and was closed", async (_, options) => {
    expect(await chooseStore("a", abilities(options))).toEqual({ type: "cancelled" });
  });

  it.each([
    ["aborts at once", { error: aborted, tookMs: 10 }],
    ["is forbidden", { error: forbidden, tookMs: 10 }],
    ["is forbidden late", { error: forbidden, tookMs: 5000, losesFocus: true }],
  ])("goes on in the browser's storage when the picker %s", async (_, options) => {
    expect(await chooseStore("a", abilities(options))).toEqual({ type: "browser" });
  });

  it("knows the places of a page without a picker", async () => {
    const { pickFile: _, ...none } = abilities({});
    expect(await chooseStore("a", none)).toEqual({ type: "browser" });
    expect(await chooseStore("a", { ...none, hasBrowserStorage: false })).toEqual({ type: "nowhere" });
  });
});
