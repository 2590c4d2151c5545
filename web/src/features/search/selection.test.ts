import { fileIdOf } from "@panal/sdk/content";
import type { FileRow } from "@panal/sdk/tracker";
import { describe, expect, it } from "vitest";
import { MAX_BATCH_FILES } from "../../engine/engine-api.ts";
import { createSelection } from "./selection.ts";

function rowOf(number: number): FileRow {
  const root = new Uint8Array(32);
  new DataView(root.buffer).setUint32(0, number);
  return {
    fileId: fileIdOf(root, 10),
    path: `${number}.txt`,
    names: [],
    size: 10,
    mtime: "2026-01-01T00:00:00Z",
    kind: "document",
    peerCount: 1,
  };
}
const rows = Array.from({ length: 8 }, (_, number) => rowOf(number));
const [r0, r1, r2, r3, , r5] = rows as [FileRow, FileRow, FileRow, FileRow, FileRow, FileRow];

function setUp() {
  const selection = createSelection();
  const paths = () =>
    [...selection.state().files.values()]
      .map(({ path }) => path[0])
      .toSorted()
      .join("");
  return { selection, paths };
}

describe("createSelection()", () => {
  it("toggles one after the other, and is on until it is ended", () => {
    const { selection, paths } = setUp();
    expect(selection.state().isOn).toBe(false);
    selection.toggle(r3);
    selection.toggle(r1);
    selection.toggle(r3);
    expect(paths()).toBe("1");
    selection.toggle(r1);
    expect(selection.state().isOn).toBe(true);
    selection.end();
    expect(selection.state().isOn).toBe(false);
  });

  it("extends to either side of the one toggled last, shrinks again, and leaves what was there besides", () => {
    const { selection, paths } = setUp();
    selection.toggle(r0);
    selection.toggle(r3);
    selection.extendTo(r5, rows);
    expect(paths()).toBe("0345");
    selection.extendTo(r2, rows);
    expect(paths()).toBe("023");
    selection.extendTo(r3, rows);
    expect(paths()).toBe("03");
  });

  it("keeps what is selected when the list changes, and begins a range anew when its beginning is gone", () => {
    const { selection, paths } = setUp();
    selection.toggle(r1);
    const others = rows.slice(2);
    selection.extendTo(r3, others);
    expect(paths()).toBe("13");
    selection.extendTo(r5, others);
    expect(paths()).toBe("1345");
    selection.add(others);
    expect(paths()).toBe("1234567");
  });

  it("knows which of them nobody has any more, also when the list has forgotten them, until they are there again", () => {
    const { selection, paths } = setUp();
    let told = 0;
    selection.add([r1, r2]);
    selection.subscribe(() => told++);
    selection.see({ rows, gone: new Set() });
    expect(told).toBe(0);
    selection.see({ rows, gone: new Set([r2.fileId, r3.fileId]) });
    selection.see({ rows, gone: new Set([r2.fileId, r3.fileId]) });
    expect([...selection.state().gone]).toEqual([r2.fileId, r3.fileId]);
    // What is gone is taken off the list; another search doesn't show it either.
    selection.see({ rows: [r0, r1], gone: new Set() });
    expect(selection.state().gone.has(r2.fileId)).toBe(true);
    expect([paths(), told]).toEqual(["12", 1]);
    selection.see({ rows: [r1, r2], gone: new Set() });
    expect([...selection.state().gone]).toEqual([r3.fileId]);
    // A selection that begins later knows it, too.
    selection.end();
    selection.toggle(r3);
    expect(selection.state().gone.has(r3.fileId)).toBe(true);
  });

  it("holds no more files than can be saved at once", () => {
    const { selection } = setUp();
    selection.add(Array.from({ length: MAX_BATCH_FILES + 5 }, (_, number) => rowOf(number)));
    expect(selection.state().files.size).toBe(MAX_BATCH_FILES);
    selection.toggle(rowOf(MAX_BATCH_FILES + 5));
    expect(selection.state().files.size).toBe(MAX_BATCH_FILES);
  });
});
