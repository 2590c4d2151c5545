import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ByteRange } from "../../content/blocks.ts";
import { parseFileId } from "../../content/file-id.ts";
import { equalBytes } from "../../content/merkle.ts";
import type { Source } from "../source.ts";
import { createCollector, readAll } from "./collect.ts";
import { createSampleFile, type SampleFile, SAMPLE_LENGTHS } from "./sample-file.ts";

/** A source that has the sample files, whole. */
export interface SourcePlace {
  readonly source: Source;
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
const LARGE_LENGTH = SAMPLE_LENGTHS.large;
const UNKNOWN_ID = parseFileId(`${"ab".repeat(32)}-12345`);

/** The contract of Source, for every implementation: `createPlace` makes one that has all the files it is given. */
export function describeSource(
  name: string,
  createPlace: (files: readonly SampleFile[]) => Promise<SourcePlace>,
): void {
  describe(`${name} as a Source`, () => {
    const signal = new AbortController().signal;
    let place: SourcePlace;
    let source: Source;
    let empty: SampleFile;
    let tiny: SampleFile;
    let large: SampleFile;

    beforeAll(async () => {
      [empty, tiny, large] = await Promise.all([
        createSampleFile(SAMPLE_LENGTHS.empty),
        createSampleFile(SAMPLE_LENGTHS.tiny),
        createSampleFile(LARGE_LENGTH),
      ]);
      place = await createPlace([empty, tiny, large]);
      source = place.source;
    });
    afterAll(() => place.close());

    test("manifest() gives the checked manifest of each file", async () => {
      for (const { manifest } of [empty, tiny, large]) {
        expect(await source.manifest(manifest.fileId, { signal })).toEqual(manifest);
      }
    });

    test("manifest(), availability() and read() say not-found for a file it doesn't have", async () => {
      const notFound = { code: "not-found" };
      await expect(source.manifest(UNKNOWN_ID, { signal })).rejects.toMatchObject(notFound);
      await expect(source.availability(UNKNOWN_ID, { signal })).rejects.toMatchObject(notFound);
      await expect(bytesOf(source, UNKNOWN_ID, { start: 0, end: 1 })).rejects.toMatchObject(notFound);
    });

    test("availability() says that all pieces are there", async () => {
      const have = await source.availability(large.manifest.fileId, { signal });
      expect(have === undefined || have.isFull).toBe(true);
    });

    for (const { start, end, what } of [
      { start: 0, end: LARGE_LENGTH, what: "the whole file" },
      { start: 0, end: 1, what: "the first byte" },
      { start: LARGE_LENGTH - 1, end: LARGE_LENGTH, what: "the last byte" },
      { start: MIB - 1, end: MIB + 1, what: "both sides of a piece's edge" },
      { start: MIB, end: 3 * MIB, what: "a run of pieces" },
      { start: 12_345, end: 2 * MIB + 54_321, what: "a range that fits nothing" },
      { start: 5, end: 5, what: "nothing, from the middle" },
      { start: 0, end: 0, what: "nothing, from the beginning" },
      { start: LARGE_LENGTH, end: LARGE_LENGTH, what: "nothing, at the end" },
    ]) {
      test(`read() gives exactly ${what}`, async () => {
        const bytes = await bytesOf(source, large.manifest.fileId, { start, end });
        expect(equalBytes(bytes, large.content.subarray(start, end))).toBe(true);
      });
    }

    test("read() gives the only byte, and nothing of an empty file", async () => {
      expect(await bytesOf(source, tiny.manifest.fileId, { start: 0, end: 1 })).toEqual(tiny.content);
      expect(await bytesOf(source, empty.manifest.fileId, { start: 0, end: 0 })).toEqual(new Uint8Array(0));
    });

    test("read() refuses ranges past the end", async () => {
      const end = large.content.length;
      for (const range of [
        { start: 0, end: end + 1 },
        { start: end, end: end + 1 },
        { start: end + 5, end: end + 9 },
      ]) {
        await expect(bytesOf(source, large.manifest.fileId, range)).rejects.toMatchObject({
          code: "out-of-range",
        });
      }
    });

    test("read() ends early when nothing more is wanted, again and again", async () => {
      for (let round = 0; round < 8; round++) {
        const sink = createCollector(2 * MIB, { enoughBytes: 1 });
        await source.read(large.manifest.fileId, { start: 0, end: 2 * MIB }, { signal, sink });
        expect(equalBytes(sink.bytes, large.content.subarray(0, sink.bytes.length))).toBe(true);
      }
      const range = { start: MIB, end: MIB + 10 };
      expect(await bytesOf(source, large.manifest.fileId, range)).toEqual(large.content.slice(MIB, MIB + 10));
    });

    test("read() fills whatever room there is, and waits for more", async () => {
      const range = { start: 0, end: 100_000 };
      const sink = createCollector(100_000, { maxRoomBytes: 777 });
      let waits = 0;
      let hasRoom = false;
      await source.read(large.manifest.fileId, range, {
        signal,
        sink: {
          room: () => (hasRoom ? sink.room() : undefined),
          async whenRoom() {
            await Promise.resolve();
            waits++;
            hasRoom = true;
          },
          advance(bytes) {
            sink.advance(bytes);
            hasRoom = false;
          },
          get isSatisfied() {
            return sink.isSatisfied;
          },
        },
      });
      expect(equalBytes(sink.bytes, large.content.subarray(0, 100_000))).toBe(true);
      expect(waits).toBeGreaterThanOrEqual(Math.ceil(100_000 / 777));
    });

    test("read() serves several ranges at the same time", async () => {
      const ranges = [0, 1, 2].map((index) => ({ start: index * MIB, end: (index + 1) * MIB }));
      const parts = await Promise.all(ranges.map((range) => bytesOf(source, large.manifest.fileId, range)));
      const isEqual = ranges.map(({ start, end }, index) =>
        equalBytes(parts[index]!, large.content.subarray(start, end)),
      );
      expect(isEqual).toEqual([true, true, true]);
    });

    test("read() stops with aborted when the signal fires, before or during", async () => {
      const range = { start: 0, end: large.content.length };
      await expect(bytesOf(source, large.manifest.fileId, range, AbortSignal.abort())).rejects.toMatchObject({
        code: "aborted",
      });
      const controller = new AbortController();
      const sink = createCollector(range.end);
      const reading = () =>
        source.read(large.manifest.fileId, range, {
          signal: controller.signal,
          sink: {
            ...sink,
            room: sink.room,
            isSatisfied: false,
            advance(bytes) {
              sink.advance(bytes);
              controller.abort();
            },
          },
        });
      await expect(reading()).rejects.toMatchObject({ code: "aborted" });
    });

    test("manifest() stops with aborted when the signal has fired", async () => {
      const aborted = { signal: AbortSignal.abort() };
      await expect(source.manifest(large.manifest.fileId, aborted)).rejects.toMatchObject({
        code: "aborted",
      });
    });
  });
}

function bytesOf(
  source: Source,
  fileId: SampleFile["manifest"]["fileId"],
  range: ByteRange,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  return readAll(source, { fileId, range, ...(signal ? { signal } : {}) });
}
