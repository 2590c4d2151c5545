import { baseName } from "@panal/sdk/thread";

/** Whether a path's base name is this one to somebody who doesn't mind capitals, whichever way accents are composed. */
export function isNamed(path: string, fileName: string): boolean {
  return foldCase(baseName(path)) === foldCase(fileName);
}

function foldCase(name: string): string {
  return name.normalize("NFC").toLowerCase();
}
