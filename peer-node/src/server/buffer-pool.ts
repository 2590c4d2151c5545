/** Kept for the next reader, all sizes together. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;

/**
 * Buffers that are used again: a new one of 1 MiB costs about as much as reading 1 MiB from the disk cache. What may still
 * be in use by the system (a write that was cut off) is not given back, and collected as garbage.
 */
export interface BufferPool {
  /** Of exactly this many bytes, with anything in it. */
  take(sizeBytes: number): Buffer;
  giveBack(buffer: Buffer): void;
}

export function createBufferPool(): BufferPool {
  const kept = new Map<number, Buffer[]>();
  let keptBytes = 0;
  return {
    take(sizeBytes) {
      const buffer = kept.get(sizeBytes)?.pop();
      if (buffer === undefined) return Buffer.allocUnsafeSlow(sizeBytes);
      keptBytes -= sizeBytes;
      return buffer;
    },
    giveBack(buffer) {
      if (keptBytes + buffer.length > MAX_KEPT_BYTES) return;
      keptBytes += buffer.length;
      const same = kept.get(buffer.length);
      if (same === undefined) kept.set(buffer.length, [buffer]);
      else same.push(buffer);
    },
  };
}
