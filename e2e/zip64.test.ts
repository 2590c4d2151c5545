import { execFile } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { findPython } from "../scripts/find-python.ts";
import { type ZipEntry, zipLength, zipStream } from "../web/src/engine/zip-stream.ts";

const run = promisify(execFile);
const GIB = 1024 * 1024 * 1024;
const CHUNK = new Uint8Array(8 * 1024 * 1024);
/** Both its length and where the next file begins are beyond 32 bits. */
const LARGE_BYTES = 4 * GIB + 17;

/** Zeros, so that nothing of it takes room on the disk; but for the end, which nobody would miss otherwise. */
async function* contentOf({ path, lengthBytes }: ZipEntry): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const end = new TextEncoder().encode(`end of ${path}`.slice(0, lengthBytes));
  for (let left = lengthBytes - end.length; left > 0; left -= CHUNK.length)
    yield CHUNK.subarray(0, Math.min(left, CHUNK.length));
  yield end;
}

/** Like `file.write` at the end of what is there, leaving out what is zero anyhow. */
async function writeSparse(path: string, stream: ReadableStream<Uint8Array>): Promise<number> {
  const file = await open(path, "w");
  let position = 0;
  try {
    for await (const part of stream) {
      if (part.buffer !== CHUNK.buffer) await file.write(part, 0, part.length, position);
      position += part.length;
    }
    await file.truncate(position);
  } finally {
    await file.close();
  }
  return position;
}

it(
  "a ZIP of more than 4 GiB is as long as it was said to be, and unzip and Python read all of it",
  { timeout: 600_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "panal-zip-"));
    const zip = join(folder, "large.zip");
    const entries: ZipEntry[] = [
      { path: "colmena/grande.bin", lengthBytes: LARGE_BYTES, modifiedMs: Date.UTC(2026, 4, 1) },
      { path: "colmena/después – 蜂.txt", lengthBytes: 10, modifiedMs: 0 },
      { path: "empty", lengthBytes: 0, modifiedMs: Number.NaN },
    ];
    try {
      expect(await writeSparse(zip, zipStream(entries, contentOf))).toBe(zipLength(entries));
      const [unzip, python] = await Promise.all([
        run("unzip", ["-t", zip]),
        run(findPython(), ["-c", READ_ALL, zip]),
      ]);
      expect(unzip.stdout).toContain("No errors detected");
      expect(JSON.parse(python.stdout)).toEqual({
        bad: null,
        files: entries.map(({ path, lengthBytes }) => [path, lengthBytes]),
        isBeyond32Bits: true,
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

const READ_ALL = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    files = z.infolist()
    print(json.dumps({
        "bad": z.testzip(),
        "files": [[file.filename, file.file_size] for file in files],
        "isBeyond32Bits": files[1].header_offset > 2**32,
    }))
`;
