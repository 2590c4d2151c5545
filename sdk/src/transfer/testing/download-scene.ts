import { expect } from "vitest";
import { equalBytes } from "../../content/merkle.ts";
import { PanalError } from "../../errors.ts";
import type { DownloadEvent } from "../events.ts";
import { type FakeSourceOptions, createFakeSource } from "./fake-source.ts";
import { createSampleFile } from "./sample-file.ts";
import { createVirtualClock } from "./virtual-clock.ts";

const MIB = 1024 * 1024;
/** Eleven pieces and a bit. */
const LENGTH = 11 * MIB + 4321;

/** A file, sources that have it, time that doesn't pass by itself, and what a download of it takes and tells. */
export async function createDownloadScene() {
  const { content, manifest } = await createSampleFile(LENGTH);
  const clock = createVirtualClock();
  const events: DownloadEvent[] = [];
  return {
    content,
    clock,
    events,
    eventsOf: <T extends DownloadEvent["type"]>(type: T) =>
      events.filter((event): event is Extract<DownloadEvent, { type: T }> => event.type === type),
    source: (id: string, options: Partial<FakeSourceOptions> = {}) =>
      createFakeSource({ id, content, manifest, clock, bytesPerSecond: 10 * MIB, ...options }),
    options: {
      fileId: manifest.fileId,
      clock,
      random: () => 0.5,
      onEvent: (event: DownloadEvent) => events.push(event),
    },
    /** Not by toEqual(), which takes seconds for megabytes. */
    expectWhole(bytes: Uint8Array | undefined, expected: Uint8Array = content): void {
      expect(bytes !== undefined && equalBytes(bytes, expected)).toBe(true);
    },
  };
}

/** What a source throws whose connection is gone. */
export function lost(): never {
  throw new PanalError("unreachable", "connection lost");
}
