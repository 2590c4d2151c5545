import { describe, expect, test } from "vitest";
import { MAX_HOT_BYTES, createHotSlices } from "./hot-slices.ts";

const KIB = 1024;
const slice = (length = 10 * KIB) => [Buffer.alloc(length)];

/** Of a peer whose file "a" has two readers. */
function ofPeer(hot: ReturnType<typeof createHotSlices>) {
  const slices = hot.of();
  slices.asked("a", 0);
  slices.asked("a", 0);
  return slices;
}

describe("createHotSlices()", () => {
  test("keeps what was asked for last, within its bytes", () => {
    const hot = createHotSlices(() => 35 * KIB);
    const slices = ofPeer(hot);
    for (const index of [0, 1, 2]) slices.keep("a", index, slice());
    expect(slices.get("a", 0)).toHaveLength(1);
    slices.keep("a", 3, slice());
    expect([0, 1, 2, 3].map((index) => slices.has("a", index))).toEqual([true, false, true, true]);
    expect(hot.costBytes).toBeGreaterThan(30 * KIB);
    expect(hot.costBytes).toBeLessThanOrEqual(35 * KIB);
  });

  test("gives way when there is less room", () => {
    let most = 100 * KIB;
    const hot = createHotSlices(() => most);
    const slices = ofPeer(hot);
    for (const index of [0, 1, 2]) slices.keep("a", index, slice());
    most = 15 * KIB;
    hot.fit();
    expect([0, 1, 2].map((index) => slices.has("a", index))).toEqual([false, false, true]);
  });

  test("keeps nothing of a file that one reads alone", () => {
    const hot = createHotSlices(() => MAX_HOT_BYTES);
    const [slices, others] = [hot.of(), hot.of()];
    for (const index of [0, 1, 2]) {
      slices.asked("a", index);
      others.asked("a", index);
      slices.keep("a", index, slice());
    }
    expect(hot.costBytes).toBe(0);
    slices.asked("a", 1);
    slices.keep("a", 5, slice());
    expect(slices.has("a", 5)).toBe(true);
  });

  test("counts what small entries take besides their bytes", () => {
    const hot = createHotSlices(() => 100 * KIB);
    const slices = ofPeer(hot);
    for (let index = 0; index < 10_000; index++) slices.keep("a", index, [Buffer.alloc(1)]);
    expect(
      Array.from({ length: 10_000 }, (_, index) => slices.has("a", index)).filter(Boolean).length,
    ).toBeLessThan(200);
  });

  test("puts together what came in crumbs", () => {
    const slices = ofPeer(createHotSlices(() => MAX_HOT_BYTES));
    slices.keep(
      "a",
      0,
      Array.from({ length: 1000 }, (_, byte) => Buffer.from([byte % 256])),
    );
    expect(slices.get("a", 0)).toEqual([Buffer.from(Array.from({ length: 1000 }, (_, byte) => byte % 256))]);
  });

  test("gives nobody what is another peer's, or was cleared", () => {
    const hot = createHotSlices(() => MAX_HOT_BYTES);
    const [ana, bea] = [ofPeer(hot), ofPeer(hot)];
    ana.keep("a", 0, slice());
    bea.keep("a", 0, slice(5));
    ana.keep("a", 0, slice());
    expect(bea.get("a", 0)).toEqual(slice(5));
    ana.clear();
    expect(ana.get("a", 0)).toBeUndefined();
    expect(bea.get("a", 0)).toEqual(slice(5));
    bea.clear();
    expect(hot.costBytes).toBe(0);
  });
});
