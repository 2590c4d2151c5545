import { PanalError } from "../errors.ts";

/** A run of pieces: `start` inclusive, `end` exclusive. */
export interface PieceRun {
  readonly start: number;
  readonly end: number;
}

/**
 * Which pieces of a file there are: one bit each, piece 0 the highest bit of byte 0, bits past the last piece zero,
 * as in GetAvailability and in journals.
 */
export class PieceSet {
  readonly pieceCount: number;
  /** Number of pieces in the set. */
  #size = 0;
  readonly #bits: Uint8Array;

  constructor(pieceCount: number) {
    this.pieceCount = pieceCount;
    this.#bits = new Uint8Array(Math.ceil(pieceCount / 8));
  }

  static full(pieceCount: number): PieceSet {
    const set = new PieceSet(pieceCount);
    set.#bits.fill(0xff);
    if (pieceCount % 8 !== 0) set.#bits[set.#bits.length - 1] = (0xff00 >> (pieceCount % 8)) & 0xff;
    set.#size = pieceCount;
    return set;
  }

  /** From a bitmap that somebody sent or wrote; throws "invalid" when its length or its last bits are wrong. */
  static fromBitmap(bitmap: Uint8Array, pieceCount: number): PieceSet {
    const set = new PieceSet(pieceCount);
    if (bitmap.length !== set.#bits.length) {
      throw new PanalError("invalid", `bitmap of ${bitmap.length} bytes for ${pieceCount} pieces`);
    }
    set.#bits.set(bitmap);
    for (let index = pieceCount; index < bitmap.length * 8; index++) {
      if (set.#bit(index)) throw new PanalError("invalid", `bitmap names piece ${index} of ${pieceCount}`);
    }
    for (let index = 0; index < pieceCount; index++) if (set.#bit(index)) set.#size++;
    return set;
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size === this.pieceCount;
  }

  has(index: number): boolean {
    return index >= 0 && index < this.pieceCount && this.#bit(index);
  }

  add(index: number): void {
    if (index < 0 || index >= this.pieceCount || this.#bit(index)) return;
    this.#bits[index >> 3]! |= 0x80 >> (index & 7);
    this.#size++;
  }

  delete(index: number): void {
    if (!this.has(index)) return;
    this.#bits[index >> 3]! &= ~(0x80 >> (index & 7));
    this.#size--;
  }

  /** A copy of the bits. */
  toBitmap(): Uint8Array {
    return this.#bits.slice();
  }

  clone(): PieceSet {
    return PieceSet.fromBitmap(this.#bits, this.pieceCount);
  }

  #bit(index: number): boolean {
    return (this.#bits[index >> 3]! & (0x80 >> (index & 7))) !== 0;
  }
}

/** How many bytes of a file are in none of the pieces of the set. */
export function missingBytesOf(file: { length: number; pieceLength: number }, have: PieceSet): number {
  const { length, pieceLength } = file;
  const lastPiece = have.pieceCount - 1;
  const pastEnd = have.has(lastPiece) ? have.pieceCount * pieceLength - length : 0;
  return length - (have.size * pieceLength - pastEnd);
}
