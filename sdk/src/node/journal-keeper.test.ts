import { describe, expect, it } from "vitest";
import { createJournalKeeper } from "./journal-keeper.ts";

function setUp() {
  const writes: PromiseWithResolvers<void>[] = [];
  let nowMs = 0;
  const keeper = createJournalKeeper(
    () => {
      const write = Promise.withResolvers<void>();
      writes.push(write);
      return write.promise;
    },
    () => nowMs,
  );
  return { keeper, writes, pass: (ms: number) => (nowMs += ms) };
}

describe("createJournalKeeper()", () => {
  it("saves a piece at once when pieces come slowly, and waits for it", async () => {
    const { keeper, writes, pass } = setUp();
    for (let count = 1; count <= 3; count++) {
      const added = keeper.added();
      expect(writes).toHaveLength(count);
      writes.at(-1)!.resolve();
      await added;
      pass(250);
    }
  });

  it("saves those that come quickly together, the rest when it is asked to", async () => {
    const { keeper, writes, pass } = setUp();
    const first = keeper.added();
    await keeper.added();
    writes[0]!.resolve();
    await first;
    pass(249);
    await keeper.added();
    expect(writes).toHaveLength(1);
    pass(1);
    const later = keeper.added();
    expect(writes).toHaveLength(2);
    writes[1]!.resolve();
    await later;
    await keeper.added();
    const saved = keeper.save();
    expect(writes).toHaveLength(3);
    writes[2]!.resolve();
    await saved;
    await keeper.save();
    expect(writes).toHaveLength(3);
  });

  it("writes one state after the other", async () => {
    const { keeper, writes } = setUp();
    const first = keeper.added();
    await keeper.added();
    const saved = keeper.save();
    expect(writes).toHaveLength(1);
    writes[0]!.resolve();
    await first;
    await expect.poll(() => writes.length).toBe(2);
    writes[1]!.resolve();
    await saved;
  });

  it("throws what saving throws", async () => {
    const { keeper, writes } = setUp();
    const added = keeper.added();
    writes[0]!.reject(new Error("disk full"));
    await expect(added).rejects.toThrow("disk full");
  });
});
