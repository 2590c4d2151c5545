import { expect, it } from "vitest";
import { createToken } from "./lease.ts";

it("an id can be an argument of a command: it never begins with a hyphen", () => {
  const draws = [Buffer.alloc(16, 0xf8), Buffer.alloc(16, 0xfb), Buffer.alloc(16, 1)];
  expect(draws[0]!.toString("base64url")).toMatch(/^-/);
  expect(createToken(() => draws.shift()!)).toBe(Buffer.alloc(16, 1).toString("base64url"));
  expect(draws).toEqual([]);
});
