import { PanalError } from "@panal/sdk";
import { describe, expect, it } from "vitest";
import { MAX_BYTES_AHEAD, MAX_FILES_AHEAD, openAhead } from "./open-ahead.ts";
import { zipLength, zipStream } from "./zip-stream.ts";

const MIB = 1024 * 1024;
/** One for all, so that the test itself keeps nothing in memory. */
const CHUNK = new Uint8Array(2 * MIB);

/** Opens files as the engine does, part by part; counts what of them is here and wasn't taken yet. */
function createOpener() {
  const opened: string[] = [];
  const ended: string[] = [];
  let heldBytes = 0;
  let mostHeldBytes = 0;
  async function* open({ path, lengthBytes }: { path: string; lengthBytes: number }) {
    opened.push(path);
    try {
      for (let left = lengthBytes; left > 0; left -= CHUNK.length) {
        const part = CHUNK.subarray(0, Math.min(left, CHUNK.length));
        heldBytes += part.length;
        mostHeldBytes = Math.max(mostHeldBytes, heldBytes);
        yield part;
        heldBytes -= part.length;
      }
    } finally {
      ended.push(path);
    }
  }
  return { open, opened, ended, held: () => ({ heldBytes, mostHeldBytes }) };
}
const filesOf = (count: number, lengthBytes: number) =>
  Array.from({ length: count }, (_, index) => ({ path: `${index}`, lengthBytes, modifiedMs: 0 }));

describe("openAhead()", () => {
  it("asks for the next small files while one is read, and for no more", async () => {
    const { open, opened, ended } = createOpener();
    const files = openAhead(filesOf(20, 10), open);
    expect(opened).toEqual([]);
    const first = files[0]![Symbol.asyncIterator]();
    await first.next();
    expect(opened).toHaveLength(1 + MAX_FILES_AHEAD);
    await first.next();
    expect(ended).toEqual(["0"]);
    for await (const _part of files[1]!) expect(opened).toHaveLength(2 + MAX_FILES_AHEAD);
    expect(new Set(opened).size).toBe(opened.length);
  });

  it("opens of large files only the next one", async () => {
    const { open, opened } = createOpener();
    const files = openAhead(filesOf(5, 100 * MIB), open);
    await files[0]![Symbol.asyncIterator]().next();
    expect(opened).toEqual(["0", "1"]);
  });

  it("tells what goes wrong with a file when its turn comes, not before", async () => {
    const { open } = createOpener();
    const files = openAhead(filesOf(2, 10), async function* (file) {
      if (file.path === "1") throw new PanalError("corrupt", "lied");
      yield* open(file);
    });
    const readAll = async (file: AsyncIterable<Uint8Array>) => {
      let bytes = 0;
      for await (const part of file) bytes += part.length;
      return bytes;
    };
    expect(await readAll(files[0]!)).toBe(10);
    await expect(readAll(files[1]!)).rejects.toMatchObject({ code: "corrupt" });
  });

  it.each([
    ["1.2 GiB in a thousand files", 1000, 1_288_490, false],
    ["a ZIP of 200 files", 200, 600_007, true],
    ["a ZIP of a few that are larger than the bound", 3, MAX_BYTES_AHEAD + 9, true],
  ])("keeps no more in memory than its bound of %s", async (_what, count, lengthBytes, isZip) => {
    const { open, held } = createOpener();
    const files = filesOf(count, lengthBytes);
    let bytes = 0;
    if (isZip) for await (const part of zipStream(files, open)) bytes += part.length;
    else for (const file of openAhead(files, open)) for await (const part of file) bytes += part.length;
    expect(bytes).toBe(isZip ? zipLength(files) : count * lengthBytes);
    const { heldBytes, mostHeldBytes } = held();
    expect(heldBytes).toBe(0);
    expect(mostHeldBytes).toBeGreaterThan(Math.min(lengthBytes, CHUNK.length));
    expect(mostHeldBytes).toBeLessThanOrEqual(MAX_BYTES_AHEAD + CHUNK.length);
  });
});
