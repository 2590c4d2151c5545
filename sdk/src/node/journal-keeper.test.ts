import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createJournalKeeper } from "./journal-keeper.ts";

function setUp() {
  const writes: PromiseWithResolvers<void>[] = [];
  const keeper = createJournalKeeper(() => {
    const write = Promise.withResolvers<void>();
    writes.push(write);
    return write.promise;
  });
  return { keeper, writes };
}

describe("createJournalKeeper()", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  it("saves a piece at once when pieces come slowly, and waits for it", async () => {
    const { keeper, writes } = setUp();
    for (let count = 1; count <= 3; count++) {
      const added = keeper.added();
      expect(writes).toHaveLength(count);
      writes.at(-1)!.resolve();
      await added;
      vi.advanceTimersByTime(250);
    }
    expect(writes).toHaveLength(3);
  });

  it("saves those that come quickly together, by itself after the last one, too", async () => {
    const { keeper, writes } = setUp();
    const first = keeper.added();
    await keeper.added();
    writes[0]!.resolve();
    await first;
    vi.advanceTimersByTime(249);
    await keeper.added();
    expect(writes).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(writes).toHaveLength(2);
    writes[1]!.resolve();
    vi.advanceTimersByTime(1_000);
    expect(writes).toHaveLength(2);
  });

  it("saves the rest when it is asked to, and nothing after that", async () => {
    const { keeper, writes } = setUp();
    const first = keeper.added();
    await keeper.added();
    const saved = keeper.save();
    // One state after the other.
    expect(writes).toHaveLength(1);
    writes[0]!.resolve();
    await first;
    await vi.waitFor(() => expect(writes).toHaveLength(2));
    writes[1]!.resolve();
    await saved;
    await keeper.save();
    vi.advanceTimersByTime(1_000);
    expect(writes).toHaveLength(2);
  });

  it("throws what saving throws, at the next piece when nobody waited for it", async () => {
    const { keeper, writes } = setUp();
    const added = keeper.added();
    await keeper.added();
    writes[0]!.reject(new Error("disk full"));
    await expect(added).rejects.toThrow("disk full");
    vi.advanceTimersByTime(250);
    writes[1]!.reject(new Error("disk still full"));
    await vi.waitFor(() => expect(keeper.added()).rejects.toThrow("disk still full"));
  });
});
