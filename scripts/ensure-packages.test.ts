import { expect, test } from "vitest";
import { ensurePackages } from "./ensure-packages.ts";

/** A system that has some packages; installing adds those it knows. */
function systemWith(installed: readonly string[], known: readonly string[]) {
  const there = new Set(installed);
  const asked: string[][] = [];
  return {
    asked,
    packageOf: (debianName: string) => ({ debianName, isInstalled: async () => there.has(debianName) }),
    async install(names: readonly string[]) {
      asked.push([...names]);
      const unknown = names.filter((name) => !known.includes(name));
      for (const name of names) if (known.includes(name)) there.add(name);
      return unknown.map((name) => `no package ${name}`);
    },
  };
}

test("ensurePackages() installs what is absent, and nothing when all is there", async () => {
  const { packageOf, install, asked } = systemWith(["a"], ["b"]);
  const needed = [packageOf("a"), packageOf("b")];
  await ensurePackages(needed, { install });
  await ensurePackages(needed, { install });
  expect(asked).toEqual([["b"]]);
});

test("ensurePackages() says what is absent, why, and what to do", async () => {
  const { packageOf, install } = systemWith(["a"], ["b"]);
  const needed = [packageOf("a"), packageOf("b"), packageOf("c")];
  await expect(ensurePackages(needed, { install, otherwise: "Or wait." })).rejects.toThrow(
    "The tests need what Debian calls c, and it isn't there.\n  no package c\n" +
      "On Debian or Ubuntu: sudo apt-get install c\nOr wait.",
  );
});
