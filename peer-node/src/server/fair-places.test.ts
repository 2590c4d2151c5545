import { describe, expect, it } from "vitest";
import { createFairPlaces } from "./fair-places.ts";

function placesOf(max: number) {
  const places = createFairPlaces(max);
  const lost: string[] = [];
  let count = 0;
  return {
    places,
    lost,
    /** Each is called by its client and its number. */
    take(client: string) {
      const name = `${client}${count++}`;
      return places.take(client, () => lost.push(name));
    },
  };
}

describe("createFairPlaces()", () => {
  it("gives one client all of them while nobody else asks", () => {
    const { places, take, lost } = placesOf(3);
    expect([take("a"), take("a"), take("a")].every((free) => free !== undefined)).toBe(true);
    expect(take("a")).toBeUndefined();
    expect({ taken: places.taken, lost }).toEqual({ taken: 3, lost: [] });
  });

  it("takes from whoever has most what it took last", () => {
    const { places, take, lost } = placesOf(4);
    for (const client of ["a", "a", "a", "b"]) take(client);
    expect(take("c")).toBeDefined();
    expect(lost).toEqual(["a2"]);
    expect(places.taken).toBe(4);
    // Now a has two, b and c one each: another for c would only turn the tables.
    expect(take("c")).toBeUndefined();
    expect(take("d")).toBeDefined();
    expect(lost).toEqual(["a2", "a1"]);
    expect(take("e")).toBeUndefined();
    expect(take("a")).toBeUndefined();
  });

  it("lets whoever asks for hundreds take nobody's share", () => {
    const { take, lost } = placesOf(4);
    take("a");
    take("b");
    for (let index = 0; index < 300; index++) take("hostile");
    expect(lost).toEqual([]);
    take("c");
    expect(lost).toHaveLength(1);
    expect(lost[0]).toMatch(/^hostile/);
  });

  it("counts a place that is freed twice, or freed after it was lost, once", () => {
    const { places, take } = placesOf(2);
    const first = take("a")!;
    const second = take("a")!;
    take("b");
    second();
    expect(places.taken).toBe(2);
    first();
    first();
    expect(places.taken).toBe(1);
  });
});
