import { copyFile, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

export const SDK = join(import.meta.dirname, "..");
const MANIFEST = join(SDK, "package.json");
/** The manifest as it is in the repository, while the published one stands in its place. */
const BACKUP = join(SDK, "package.json.before-pack");

interface Manifest {
  exports: Record<string, string>;
  [field: string]: unknown;
}

/**
 * The manifest of the package: in the repository Node runs the TypeScript sources, but it refuses to do so under
 * node_modules, so the package's doors lead to the compiled JavaScript. What is only for our tests is left out.
 * The scripts stay, though the package doesn't need them: after an interrupted run, npm must find prepack here.
 */
function publishedManifest(manifest: Manifest): object {
  const doors = Object.entries(manifest.exports).filter(([door]) => door !== "./testing");
  const exports = doors.map(([door, source]) => {
    const built = source.replace(/^\.\/src\//, "./dist/").replace(/\.ts$/, "");
    return [door, { types: `${built}.d.ts`, default: `${built}.js` }];
  });
  return { ...manifest, exports: Object.fromEntries(exports) };
}

/** Puts the published manifest in place. The backup is written first: whatever happens then can be undone. */
export async function swapManifest(): Promise<void> {
  const manifest = JSON.parse(await readFile(MANIFEST, "utf8")) as Manifest;
  await copyFile(MANIFEST, `${BACKUP}.new`);
  await rename(`${BACKUP}.new`, BACKUP);
  const written = `${MANIFEST}.published`;
  await writeFile(written, `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`);
  await rename(written, MANIFEST);
}

/** Puts the repository's manifest back; does nothing when it is there already. */
export async function restoreManifest(): Promise<void> {
  try {
    await rename(BACKUP, MANIFEST);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}
