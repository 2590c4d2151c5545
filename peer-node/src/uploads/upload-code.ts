import { hash, randomInt, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { writePrivateFile } from "../write-private-file.ts";

/** Without those that look alike. */
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
/** 4 groups of 4: 79 bits, and still something to be typed. */
const GROUPS = 4;
const GROUP_LENGTH = 4;

/** The code that lets people upload, from the file at `path`, which is made when there is none; its owner alone can read it. */
export async function loadUploadCode(path: string): Promise<string> {
  const kept = await readFile(path, "utf8").catch(() => "");
  if (plainOf(kept).length >= GROUPS * GROUP_LENGTH) return kept.trim();
  const code = createUploadCode();
  await writePrivateFile(path, `${code}\n`);
  return code;
}

function createUploadCode(): string {
  const group = () => Array.from({ length: GROUP_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");
  return Array.from({ length: GROUPS }, group).join("-");
}

/** Whether somebody's code is this one, however it is written; takes the same time whatever is wrong with it. */
export function isUploadCode(given: string, code: string): boolean {
  return timingSafeEqual(digest(given), digest(code));
}

function digest(code: string): Buffer {
  return hash("sha256", plainOf(code), "buffer");
}

function plainOf(code: string): string {
  return code.toLowerCase().replace(/[\s-]/g, "");
}
