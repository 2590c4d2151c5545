import { PanalError } from "../errors.ts";

/**
 * `<pieces root: 64 lower-case hex digits>-<length in bytes, decimal>`. Content decides it, names don't.
 * The length is part of it because a pieces root alone is not sound: the root of any file of two or more blocks
 * equals that of the 64-byte file that holds its two top hashes.
 */
export type FileId = string & { readonly __fileId: never };

/** The largest file Panal takes: 2 TiB. */
export const MAX_FILE_LENGTH = 2 ** 41;

const FILE_ID = /^([0-9a-f]{64})-(0|[1-9][0-9]{0,12})$/;

export function isFileId(text: string): text is FileId {
  const match = FILE_ID.exec(text);
  return match !== null && Number(match[2]) <= MAX_FILE_LENGTH;
}

/** Throws "invalid" when the text is not a file id; `what` names it in the message. */
export function parseFileId(text: string, what = "file id"): FileId {
  if (!isFileId(text)) {
    throw new PanalError(
      "invalid",
      `${what}: expected 64 hexadecimal digits, "-" and a length up to 2 TiB, got ${JSON.stringify(text.slice(0, 100))}`,
    );
  }
  return text;
}

/** Length in bytes, 0 to 2 TiB. */
export function fileIdLength(fileId: FileId): number {
  return Number(fileId.slice(65));
}

/** The 32 bytes of the pieces root. */
export function fileIdRoot(fileId: FileId): Uint8Array {
  return bytesFromHex(fileId.slice(0, 64));
}

export function fileIdOf(root: Uint8Array, length: number): FileId {
  return parseFileId(`${hexFromBytes(root)}-${length}`);
}

export function hexFromBytes(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}

function bytesFromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
