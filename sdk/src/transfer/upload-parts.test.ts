import { expect, it } from "vitest";
import { PieceSet } from "../content/piece-set.ts";
import { createSampleFile } from "./testing/sample-file.ts";
import { uploadParts } from "./upload-parts.ts";

const MIB = 1024 * 1024;
const LENGTH = 5 * MIB + 100;

it.each([
  {
    missing: [0, 1, 2, 3, 4, 5],
    partMib: 4,
    parts: [
      [0, 4 * MIB],
      [4 * MIB, LENGTH],
    ],
  },
  {
    missing: [0, 2, 3, 5],
    partMib: 4,
    parts: [
      [0, MIB],
      [2 * MIB, 4 * MIB],
      [5 * MIB, LENGTH],
    ],
  },
  {
    missing: [1, 2],
    partMib: 0.25,
    parts: [
      [MIB, 2 * MIB],
      [2 * MIB, 3 * MIB],
    ],
  },
  { missing: [], partMib: 4, parts: [] },
])("uploadParts() of $missing, up to $partMib MiB", async ({ missing, partMib, parts }) => {
  const { manifest } = await createSampleFile(LENGTH);
  const set = new PieceSet(manifest.pieceCount);
  for (const index of missing) set.add(index);
  const ranges = [...uploadParts(set, manifest, partMib * MIB)].map(({ start, end }) => [start, end]);
  expect(ranges).toEqual(parts);
});
