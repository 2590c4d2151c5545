import { rename, writeFile } from "node:fs/promises";

/** Writes a file that its owner alone can read: beside its place, then into it, so that a crash leaves the old one or the new one. */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
