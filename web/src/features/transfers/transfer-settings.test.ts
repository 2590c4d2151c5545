import { expect, it } from "vitest";
import { createSettingsKeeper, type TransferSettings } from "./transfer-settings.ts";

const defaults: TransferSettings = { atOnce: 3, bytesPerSecond: 0 };

it("createSettingsKeeper() applies what was kept, and keeps what is changed", () => {
  const applied: TransferSettings[] = [];
  let kept: string | null = JSON.stringify({ atOnce: 5, bytesPerSecond: 1_000_000 });
  const storage = { getItem: () => kept, setItem: (_key: string, value: string) => void (kept = value) };
  const keeper = createSettingsKeeper({ storage, apply: (settings) => applied.push(settings) });
  keeper.change({ atOnce: 1, bytesPerSecond: 0 });
  expect(applied).toEqual([
    { atOnce: 5, bytesPerSecond: 1_000_000 },
    { atOnce: 1, bytesPerSecond: 0 },
  ]);
  expect(createSettingsKeeper({ storage, apply: () => {} }).state()).toEqual({
    atOnce: 1,
    bytesPerSecond: 0,
  });
});

it.each([null, "no JSON", "7", '{"atOnce":1000000,"bytesPerSecond":-1}'])(
  "createSettingsKeeper() takes the defaults where %s is kept",
  (kept) => {
    const storage = { getItem: () => kept, setItem: () => {} };
    expect(createSettingsKeeper({ storage, apply: () => {} }).state()).toEqual(defaults);
  },
);
