import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const RIGHT_TO_LEFT = "\u202e";

/** Names that have broken other programs' pages; each would be seen if it did anything. */
export const HOSTILE_NAMES = {
  markup: `<img src=x onerror="document.title='owned'">.txt`,
  script: "'\"><script>document.title='owned'<\u2215script>.txt",
  turned: `annexe${RIGHT_TO_LEFT}gpj.exe`,
  lines: "two\nlines\r\nof text.txt",
  long: `${"long".repeat(62)}end.txt`,
  format: "{{name}} $t(nav.find) %s %00 &amp; .txt",
} as const;

/** What a folder may be called. */
export const HOSTILE_FOLDER_NAME = `<b onclick="document.title='owned'">${RIGHT_TO_LEFT}folder`;

/** A share in which folders and files are called so. */
export async function writeHostileShare(folder: string): Promise<void> {
  const inner = join(folder, HOSTILE_FOLDER_NAME);
  await mkdir(inner, { recursive: true });
  for (const name of Object.values(HOSTILE_NAMES)) {
    await writeFile(join(folder, name), `content of ${name}`);
    await writeFile(join(inner, name), `content of the inner ${name}`);
  }
}

/** What a peer may be called at worst: one line, at most 64 characters. */
export const HOSTILE_PEER_NAME = `<img src=x onerror="document.title='owned'">${RIGHT_TO_LEFT}reep`;
