import type { FileId } from "@panal/sdk";

// A change carries in its file id when it was due, so that whoever hears of it, in another process, knows how long that
// took: both read the machine's one monotonic clock.

const DIGITS = 16;
const BEFORE = Buffer.from('"fileId":"');

/** Microseconds of the machine's clock, the same in each of its processes. */
export function machineNowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

export function fileIdOfTime(timeUs: number): FileId {
  return `${timeUs.toString(16).padStart(DIGITS, "0").padEnd(64, "0")}-1` as FileId;
}

/** The times in what came over a stream of events; `rest` is to be put before what comes next. */
export function takeTimes(bytes: Buffer, onTime: (timeUs: number) => void): Buffer | undefined {
  for (let at = 0; ;) {
    const found = bytes.indexOf(BEFORE, at);
    if (found < 0) return restOf(bytes, at);
    const start = found + BEFORE.length;
    if (start + DIGITS > bytes.length) return bytes.subarray(found);
    onTime(Number.parseInt(bytes.toString("latin1", start, start + DIGITS), 16));
    at = start + DIGITS;
  }
}

/** What may be the beginning of another one: nothing, when an event has just ended. */
function restOf(bytes: Buffer, from: number): Buffer | undefined {
  for (let length = Math.min(BEFORE.length - 1, bytes.length - from); length > 0; length--) {
    const end = bytes.subarray(bytes.length - length);
    if (end.equals(BEFORE.subarray(0, length))) return end;
  }
  return undefined;
}
