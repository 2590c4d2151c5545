import { readFile } from "node:fs/promises";

/** Pieces a journal names: its first line is the file id, the rest one bit a piece. */
export async function journaledPieces(path: string): Promise<number> {
  const content = await readFile(path).catch(() => Buffer.alloc(0));
  let count = 0;
  for (const byte of content.subarray(content.indexOf("\n") + 1))
    count += byte.toString(2).replaceAll("0", "").length;
  return count;
}
